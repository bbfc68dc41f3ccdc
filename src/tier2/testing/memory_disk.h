// A Disk in memory that can fail or kill any effect and forget whatever was not synced.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tier2/disk.h"

namespace pdr {

// Thrown by the effect that a test chose to be the last one.
struct KilledAtEffect {
  int64_t effect = 0;
};

class MemoryDisk : public Disk {
 public:
  struct Inode {
    FileKind kind = FileKind::kRegular;
    std::string bytes;
    std::string synced;  // what a crash leaves of `bytes`
    uint32_t mode = 0644;
    int64_t mtime_ns = 0;
  };
  struct File {  // for comparing whole trees
    uint32_t mode = 0;
    std::string bytes;
    bool operator==(const File&) const = default;
  };
  // Called before every effect with its number (from 1), the operation and the path; an error makes
  // the effect fail without being done.
  using Hook = std::function<Status(int64_t effect, std::string_view op, const std::string& path)>;

  MemoryDisk();

  // Set-up and inspection; no effects, durable at once. Parents are made.
  void Put(const std::string& path, std::string bytes, uint32_t mode = 0644);
  void PutSpecial(const std::string& path, FileKind kind);
  void Drop(const std::string& path);  // the file or the whole directory
  std::map<std::string, File> Files() const;
  void FailReads(const std::string& path, Status status);  // Stat, List and OpenRead of that path
  size_t opens(const std::string& path) const;             // OpenRead calls so far

  void SetHook(Hook hook) { hook_ = std::move(hook); }
  // Counting starts anew: effect k fails with `status`; every other succeeds.
  void FailAt(int64_t k, Status status);
  // Effect k and all later ones throw KilledAtEffect. A killed Append leaves half of its bytes.
  void KillAt(int64_t k);
  // Effect k and all later ones fail with Aborted: a kill for code that runs on other threads.
  void HaltAt(int64_t k);
  void ClearFaults();
  int64_t effects() const;
  // Forgets what was not synced: file data without SyncAndClose, names and renames whose directory
  // (of a rename: either one) was not synced since.
  void Crash();

  StatusOr<FileStat> Stat(const std::string& path) const override;
  StatusOr<std::vector<DirEntry>> List(const std::string& path) const override;
  StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const override;
  Status MakeDir(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path, uint32_t mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status SetMode(const std::string& path, uint32_t mode) override;
  Status Remove(const std::string& path) override;
  Status SyncDir(const std::string& path) override;

 private:
  friend class MemoryWritable;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  struct Pending {     // a change of names that is not durable yet
    std::string from;  // removed, when not empty
    std::string to;    // added, when not empty
    std::shared_ptr<Inode> inode;
  };

  Status Effect(std::string_view op, const std::string& path);
  StatusOr<std::shared_ptr<Inode>> Lookup(const std::string& path) const;
  Status CheckFree(const std::string& path) const;
  static void ApplyTo(Names& names, const Pending& change);
  void Change(Pending change);

  mutable std::mutex mutex_;
  Names names_;
  Names durable_;
  std::vector<Pending> pending_;
  std::map<std::string, Status> read_faults_;
  mutable std::map<std::string, size_t> opens_;
  Hook hook_;
  int64_t effects_ = 0;
  int64_t clock_ns_ = 1700000000000000000;
};

}  // namespace pdr
