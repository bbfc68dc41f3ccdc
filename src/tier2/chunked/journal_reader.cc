#include "tier2/chunked/journal_reader.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "tier2/chunked/chunk_list.h"

namespace pdr {
namespace {

// `journal.snapshot.attempts.write.max`: more missing indexes in a row end an epoch.
constexpr uint64_t kBridgedGap = 10;
// Journals turn over every 100 batches; the largest batch is one snapshot.
constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;

std::pair<uint64_t, uint64_t> Order(const SystemFiles::Entry& entry) {
  return {entry.name.epoch, entry.name.index};
}

class JournalReader {
 public:
  JournalReader(const Disk& disk, const FileIndex& files, ContainerView& container)
      : disk_(disk), files_(files), container_(container), state_(container.container) {}

  StatusOr<SystemSegments> Run(SystemFiles system) {
    auto by_order = [](const auto& a, const auto& b) { return Order(a) < Order(b); };
    std::sort(system.snapshots.begin(), system.snapshots.end(), by_order);
    std::sort(system.journals.begin(), system.journals.end(), by_order);
    RETURN_IF_ERROR(UseNewestSnapshot(system.snapshots));
    if (Status applied = ApplyAll(system.journals); !applied.ok()) {
      return Status(applied.code(), std::string(Message(applied)) + unused_snapshots_);
    }
    return std::move(state_);
  }

 private:
  Status ApplyAll(const std::vector<SystemFiles::Entry>& journals) {
    RETURN_IF_ERROR(ApplyJournals(journals));
    RETURN_IF_ERROR(AdoptLastChunkLengths());
    return state_.ApplyTruncations();
  }

  Status UseNewestSnapshot(const std::vector<SystemFiles::Entry>& snapshots) {
    for (auto entry = snapshots.rbegin(); entry != snapshots.rend(); ++entry) {
      const std::string path(entry->file->path);
      ASSIGN_OR_RETURN(std::string bytes, ReadWholeFile(disk_, path, kMaxFileBytes));
      StatusOr<SystemSnapshot> snapshot = DecodeSnapshotFile(bytes);
      Status usable = snapshot.ok() ? state_.Apply(*snapshot) : snapshot.status();
      if (usable.ok()) {
        next_ = {snapshot->epoch, uint64_t{snapshot->file_index} + 1};
        return OkStatus();
      }
      unused_snapshots_ +=
          fmt::format("; snapshot '{}' could not be used: {}", path, Message(usable));
      Add("snapshot-damaged", path, fmt::format("{}; an older state is used", Message(usable)));
    }
    return OkStatus();
  }

  Status ApplyJournals(const std::vector<SystemFiles::Entry>& journals) {
    std::optional<uint64_t> abandoned;  // epoch whose scan ended at a gap
    for (const SystemFiles::Entry& journal : journals) {
      if (Order(journal) < next_) continue;
      if (journal.name.epoch > next_.first) next_ = {journal.name.epoch, 1};
      if (abandoned == journal.name.epoch || journal.name.index - next_.second > kBridgedGap) {
        if (abandoned != journal.name.epoch) {
          Add("journal-gap", std::string(journal.file->path),
              fmt::format("journals {} to {} of epoch {} are missing; this one and all later ones "
                          "of the epoch are not used",
                          next_.second, journal.name.index - 1, journal.name.epoch));
        }
        abandoned = journal.name.epoch;
        continue;
      }
      const std::string path(journal.file->path);
      RETURN_IF_ERROR(Annotate(ApplyJournal(path), path));
      next_.second = journal.name.index + 1;
    }
    return OkStatus();
  }

  Status ApplyJournal(const std::string& path) {
    ASSIGN_OR_RETURN(std::string bytes, ReadWholeFile(disk_, path, kMaxFileBytes));
    ASSIGN_OR_RETURN(JournalFile journal, DecodeJournalFile(bytes));
    for (const auto& batch : journal.batches) {
      for (const JournalRecord& record : batch) RETURN_IF_ERROR(state_.Apply(record));
    }
    if (!journal.complete) {
      Add("journal-torn", path, "the last batch is cut off and not used");
    }
    return OkStatus();
  }

  // Step 4 of bootstrap: without atomic writes the file says how long the last chunk is.
  Status AdoptLastChunkLengths() {
    for (const auto& [name, snapshot] : std::map(state_.segments())) {
      if ((snapshot.segment.status & kStatusAtomicWrites) != 0 || snapshot.chunks.empty()) continue;
      const std::string& chunk = snapshot.chunks.back().name;
      const InventoryFile* file = files_.Find(chunk);
      if (file == nullptr) return DataLoss("'{}': last chunk '{}' is missing", name, chunk);
      RETURN_IF_ERROR(state_.AdoptLastChunkLength(name, file->size));
    }
    return OkStatus();
  }

  void Add(std::string code, std::string subject, std::string message) {
    container_.anomalies.push_back(
        {std::move(code), container_.container, std::move(subject), std::move(message)});
  }

  const Disk& disk_;
  const FileIndex& files_;
  ContainerView& container_;
  SystemSegments state_;
  std::string unused_snapshots_;                 // why, for errors that follow from it
  std::pair<uint64_t, uint64_t> next_ = {0, 1};  // epoch and index of the next journal
};

}  // namespace

StatusOr<SystemSegments> ReadSystemSegments(const Disk& disk, const SystemFiles& system,
                                            const FileIndex& files, ContainerView& container) {
  return JournalReader(disk, files, container).Run(system);
}

std::vector<SystemFiles> GroupSystemFiles(const Inventory& inventory) {
  std::vector<SystemFiles> out(static_cast<size_t>(inventory.container_count));
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class != FileClass::kJournal && file.file_class != FileClass::kSnapshot) continue;
    auto name = ParseJournalName(file.path);
    SystemFiles& system = out[static_cast<size_t>(name->container)];
    (name->snapshot ? system.snapshots : system.journals).push_back({&file, *name});
  }
  return out;
}

Status ReadSystem(const Disk& disk, const SystemFiles& system, FileIndex& files,
                  ContainerView& container) {
  ASSIGN_OR_RETURN(SystemSegments segments, ReadSystemSegments(disk, system, files, container));
  FileCursor cursor(files);
  for (const auto& [name, state] : segments.segments()) {
    container.system[name] =
        AssembleSystem(state, container.container, cursor, container.anomalies);
  }
  return OkStatus();
}

}  // namespace pdr
