#include "tier1/embedded/ledger_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>

#include "tier1/embedded/files.h"
#include "tier1/embedded/ledger_file.h"

namespace pdr::embedded {
namespace {

constexpr const char* kNextFile = "next";

std::optional<int64_t> ParseId(std::string_view text) {
  int64_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

// Holds flock(2) on a file for the life of a scope.
class ScopedLock {
 public:
  explicit ScopedLock(const File& file) : file_(file), status_(Lock(file, LOCK_EX)) {}
  ~ScopedLock() {
    if (status_.ok()) Lock(file_, LOCK_UN).IgnoreError();
  }
  ScopedLock(const ScopedLock&) = delete;
  ScopedLock& operator=(const ScopedLock&) = delete;
  const Status& status() const { return status_; }

 private:
  const File& file_;
  Status status_;
};

class DirectoryLedgerWriter : public LedgerWriter {
 public:
  DirectoryLedgerWriter(std::string directory, int64_t id, File entries)
      : directory_(std::move(directory)), id_(id), entries_(std::move(entries)) {}

  int64_t id() const override { return id_; }

  Status Append(std::string_view entry) override {
    const ScopedLock lock(entries_);
    RETURN_IF_ERROR(lock.status());
    RETURN_IF_ERROR(CheckOpen().status());
    if (torn_) return FailedPrecondition("ledger {}: an earlier write failed", id_);
    const Status written = WriteAll(entries_, EncodeLedgerEntry(id_, next_entry_, entry));
    if (!written.ok()) {
      torn_ = true;
      return Annotate(written, directory_);
    }
    ++next_entry_;
    return OkStatus();
  }

  Status Flush() override {
    if (torn_) return FailedPrecondition("ledger {}: an earlier write failed", id_);
    return Annotate(Sync(entries_), directory_);
  }

  Status Close() override {
    RETURN_IF_ERROR(Flush());
    const ScopedLock lock(entries_);
    RETURN_IF_ERROR(lock.status());
    ASSIGN_OR_RETURN(LedgerMeta meta, CheckOpen());
    meta.closed = true;
    meta.last_entry = next_entry_ - 1;
    return SaveLedgerMeta(directory_, meta);
  }

 private:
  StatusOr<LedgerMeta> CheckOpen() const {
    ASSIGN_OR_RETURN(LedgerMeta meta, LoadLedgerMeta(directory_));
    if (meta.closed) return FailedPrecondition("ledger {} is closed or fenced", id_);
    return meta;
  }

  std::string directory_;
  int64_t id_;
  File entries_;
  int64_t next_entry_ = 0;
  bool torn_ = false;
};

class DirectoryLedgerReader : public LedgerReader {
 public:
  DirectoryLedgerReader(int64_t id, LedgerMeta meta, File entries, std::vector<uint64_t> offsets)
      : id_(id),
        meta_(std::move(meta)),
        entries_(std::move(entries)),
        offsets_(std::move(offsets)) {}

  int64_t id() const override { return id_; }
  int64_t last_confirmed() const override {
    return meta_.closed ? meta_.last_entry : static_cast<int64_t>(offsets_.size()) - 1;
  }
  const std::map<std::string, std::string>& custom_metadata() const override {
    return meta_.custom_metadata;
  }
  StatusOr<std::string> Read(int64_t entry) override {
    if (entry < 0 || entry > last_confirmed()) {
      return FailedPrecondition("ledger {} ends at entry {}", id_, last_confirmed());
    }
    const auto index = static_cast<size_t>(entry);
    if (index >= offsets_.size()) return DataLoss("ledger {}, entry {} is damaged", id_, entry);
    return ReadLedgerEntry(entries_, id_, entry, offsets_[index]);
  }

 private:
  int64_t id_;
  LedgerMeta meta_;
  File entries_;
  std::vector<uint64_t> offsets_;  // of the whole entries
};

class DirectoryLedgerStore : public LedgerStore {
 public:
  explicit DirectoryLedgerStore(std::string root) : root_(std::move(root)) {}

  StatusOr<std::unique_ptr<LedgerWriter>> Create(
      const std::map<std::string, std::string>& custom_metadata) override {
    ASSIGN_OR_RETURN(const int64_t id, TakeId());
    const std::string directory = LedgerDirectory(root_, id);
    RETURN_IF_ERROR(MakeDirectory(directory));
    ASSIGN_OR_RETURN(File entries,
                     Open(directory + "/entries", O_RDWR | O_CREAT | O_TRUNC | O_APPEND));
    RETURN_IF_ERROR(SaveLedgerMeta(directory, {.custom_metadata = custom_metadata}));
    return std::make_unique<DirectoryLedgerWriter>(directory, id, std::move(entries));
  }

  StatusOr<std::unique_ptr<LedgerReader>> OpenFenced(int64_t id) override {
    const std::string directory = LedgerDirectory(root_, id);
    ASSIGN_OR_RETURN(LedgerMeta meta, LoadLedgerMeta(directory));
    ASSIGN_OR_RETURN(File entries, Open(directory + "/entries", O_RDWR));
    std::vector<uint64_t> offsets;
    {
      const ScopedLock lock(entries);
      RETURN_IF_ERROR(lock.status());
      ASSIGN_OR_RETURN(meta, LoadLedgerMeta(directory));
      ASSIGN_OR_RETURN(offsets, ScanLedgerEntries(entries, id));
      if (!meta.closed) {
        RETURN_IF_ERROR(Sync(entries));
        meta.closed = true;
        meta.last_entry = static_cast<int64_t>(offsets.size()) - 1;
        RETURN_IF_ERROR(SaveLedgerMeta(directory, meta));
      }
    }
    return std::make_unique<DirectoryLedgerReader>(id, std::move(meta), std::move(entries),
                                                   std::move(offsets));
  }

  StatusOr<std::unique_ptr<LedgerReader>> OpenReadOnly(int64_t id) override {
    const std::string directory = LedgerDirectory(root_, id);
    ASSIGN_OR_RETURN(LedgerMeta meta, LoadLedgerMeta(directory));
    ASSIGN_OR_RETURN(File entries, Open(directory + "/entries", O_RDONLY));
    ASSIGN_OR_RETURN(auto offsets, ScanLedgerEntries(entries, id));
    return std::make_unique<DirectoryLedgerReader>(id, std::move(meta), std::move(entries),
                                                   std::move(offsets));
  }

  Status Delete(int64_t id) override {
    const std::string directory = LedgerDirectory(root_, id);
    if (!Exists(directory)) return OkStatus();
    for (const char* file : {"/meta", "/meta.new", "/entries"}) {
      RETURN_IF_ERROR(Remove(directory + file));
    }
    return Remove(directory);
  }

  StatusOr<std::vector<int64_t>> List() override {
    ASSIGN_OR_RETURN(const auto names, ListDirectory(root_));
    std::vector<int64_t> ids;
    for (const std::string& name : names) {
      const auto id = ParseId(name);
      if (id.has_value() && Exists(root_ + "/" + name + "/meta")) ids.push_back(*id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

 private:
  // Recorded before it is used, so that no id is ever given out twice.
  StatusOr<int64_t> TakeId() {
    const std::lock_guard threads(mutex_);
    RETURN_IF_ERROR(MakeDirectories(root_));
    ASSIGN_OR_RETURN(const File file, Open(root_ + "/lock", O_RDWR | O_CREAT));
    const ScopedLock lock(file);
    RETURN_IF_ERROR(lock.status());
    int64_t id = 0;
    auto text = ReadFile(root_ + "/" + kNextFile);
    if (text.ok()) {
      const auto parsed = ParseId(*text);
      if (!parsed.has_value()) return DataLoss("{}/{} is not a number", root_, kNextFile);
      id = *parsed;
    } else if (text.status().code() != StatusCode::kNotFound) {
      return text.status();
    }
    RETURN_IF_ERROR(ReplaceFile(root_, kNextFile, std::to_string(id + 1)));
    return id;
  }

  const std::string root_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<LedgerStore> OpenLedgerStore(const std::string& directory) {
  return std::make_unique<DirectoryLedgerStore>(directory);
}

}  // namespace pdr::embedded
