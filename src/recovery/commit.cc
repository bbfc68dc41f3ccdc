#include "recovery/commit.h"

#include <algorithm>
#include <mutex>

#include "base/parallel.h"
#include "recovery/file_steps.h"

namespace pdr {
namespace {

// Ledgers being written at once: each has frames in memory and waits for the bookies' disks.
constexpr size_t kLedgers = 8;

}  // namespace

Status Committer::ForEachContainer(size_t threads,
                                   const std::function<Status(const ContainerManifest&)>& work) {
  return ParallelFor(manifest_.containers.size(), threads, [&](size_t i) {
    const ContainerManifest& container = manifest_.containers[i];
    if (watch_ != nullptr) watch_->Enter(container.container);
    Status status = lock_.StillHeld();
    if (status.ok()) status = work(container);
    if (watch_ != nullptr) watch_->Leave(container.container);
    progress_.Advance(1);
    return Annotate(status, fmt::format("container {}", container.container));
  });
}

LogMetadata Committer::Record(bool enabled, std::optional<int64_t> ledger) const {
  LogMetadata record;
  record.enabled = enabled;
  record.epoch = manifest_.epoch;
  if (ledger) record.ledgers.push_back({*ledger, 1, LedgerStatus::kUnknown});
  return record;
}

StatusOr<std::optional<VersionedLogMetadata>> Committer::LoadOwn(DurableLog& log) const {
  ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, log.Load());
  if (!found) return found;
  std::optional<int64_t> ledger;
  if (found->metadata.ledgers.size() == 1) ledger = found->metadata.ledgers[0].ledger_id;
  if (found->metadata == Record(found->metadata.enabled, ledger)) return found;
  return FailedPrecondition(
      "the log at {} is not as this run left it (epoch {}, {} ledgers): a segment store has used "
      "it, or another tool",
      log.metadata_path(), found->metadata.epoch, found->metadata.ledgers.size());
}

Status Committer::Reserve() {
  progress_.Phase("reserve", manifest_.containers.size());
  RETURN_IF_ERROR(SetRunMark(tier1_, manifest_.run_id));
  RETURN_IF_ERROR(ForEachContainer(calls_, [&](const ContainerManifest& c) -> Status {
    DurableLog log(tier1_, c.container);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
    return found ? OkStatus() : log.Reserve(Record(false, std::nullopt));
  }));
  for (const NodeWrite& node : manifest_.nodes) {
    Status created = tier1_.metadata->Create(node.path, node.data, false);
    if (created.ok()) continue;
    // An interrupted or unacknowledged create of the same bytes is a success.
    ASSIGN_OR_RETURN(Node there, tier1_.metadata->Get(node.path));
    if (there.data != node.data) {
      return FailedPrecondition("{} already exists with other content; is a controller running?",
                                node.path);
    }
  }
  return OkStatus();
}

Status Committer::DeleteLedgers(const std::set<int64_t>& keep) {
  ASSIGN_OR_RETURN(std::vector<int64_t> all, tier1_.ledgers->List());
  std::erase_if(all, [&](int64_t id) { return keep.contains(id); });
  return ParallelFor(all.size(), calls_, [&](size_t i) -> Status {
    auto reader = tier1_.ledgers->OpenReadOnly(all[i]);
    if (absl::IsNotFound(reader.status())) return OkStatus();
    RETURN_IF_ERROR(Annotate(reader.status(), fmt::format("ledger {}", all[i])));
    const auto& custom = (*reader)->custom_metadata();
    auto run = custom.find(std::string(kRunKey));
    if (run == custom.end() || run->second != manifest_.run_id) return OkStatus();
    RETURN_IF_ERROR(lock_.StillHeld());
    return tier1_.ledgers->Delete(all[i]);
  });
}

Status Committer::DropOrphanLedgers() {
  std::mutex mutex;
  std::set<int64_t> named;
  RETURN_IF_ERROR(ParallelFor(manifest_.containers.size(), calls_, [&](size_t i) -> Status {
    DurableLog log(tier1_, manifest_.containers[i].container);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
    if (!found) return OkStatus();
    const std::lock_guard lock(mutex);
    for (const LedgerRecord& l : found->metadata.ledgers) named.insert(l.ledger_id);
    return OkStatus();
  }));
  return DeleteLedgers(named);
}

Status Committer::WriteLogs() {
  progress_.Phase("write logs", manifest_.containers.size());
  RETURN_IF_ERROR(DropOrphanLedgers());
  return ForEachContainer(threads_ > 1 ? std::max(threads_, kLedgers) : 1,
                          [&](const ContainerManifest& c) { return WriteLog(c); });
}

Status Committer::WriteLog(const ContainerManifest& container) {
  DurableLog log(tier1_, container.container);
  ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
  if (!found) return FailedPrecondition("its log was reserved, but is gone");
  if (!found->metadata.ledgers.empty()) {
    return log.CheckLedger(found->metadata.ledgers[0].ledger_id, container.frames);
  }
  ASSIGN_OR_RETURN(int64_t ledger, log.WriteLedger(container.frames, manifest_.run_id));
  Status stored = log.Store(Record(false, ledger), found->version).status();
  // After Unavailable the record may name it all the same.
  if (!stored.ok() && !absl::IsUnavailable(stored)) tier1_.ledgers->Delete(ledger).IgnoreError();
  return stored;
}

Status Committer::SwapFiles() {
  progress_.Phase("swap files", manifest_.containers.size());
  return ForEachContainer(threads_,
                          [&](const ContainerManifest& c) { return DoFileSteps(disk_, c.steps); });
}

namespace {

// After an interruption: a store that was waiting for this log has taken it over already.
bool InProduction(const std::optional<VersionedLogMetadata>& found, const Manifest& manifest) {
  return found && found->metadata.epoch > manifest.epoch && !found->metadata.ledgers.empty() &&
         found->metadata.ledgers[0].sequence == 1;
}

}  // namespace

Status Committer::Enable() {
  progress_.Phase("enable", manifest_.containers.size());
  return ForEachContainer(calls_, [&](const ContainerManifest& c) -> Status {
    DurableLog log(tier1_, c.container);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> now, log.Load());
    if (InProduction(now, manifest_)) return OkStatus();
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
    if (!found || found->metadata.ledgers.empty()) {
      return FailedPrecondition("its log was written, but is gone");
    }
    if (found->metadata.enabled) return OkStatus();
    return log.Store(Record(true, found->metadata.ledgers[0].ledger_id), found->version).status();
  });
}

Status Committer::CheckStillOurs() {
  for (const ContainerManifest& c : manifest_.containers) {
    DurableLog log(tier1_, c.container);
    RETURN_IF_ERROR(
        Annotate(LoadOwn(log).status(), fmt::format("cannot undo: container {}", c.container)));
  }
  return OkStatus();
}

Status Committer::Undo() {
  progress_.Phase("undo", manifest_.containers.size());
  // Disable first: a store that starts in between must wait, not boot half of a container.
  RETURN_IF_ERROR(ForEachContainer(calls_, [&](const ContainerManifest& c) -> Status {
    DurableLog log(tier1_, c.container);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
    if (!found || !found->metadata.enabled) return OkStatus();
    LogMetadata disabled = found->metadata;
    disabled.enabled = false;
    return log.Store(disabled, found->version).status();
  }));
  RETURN_IF_ERROR(ForEachContainer(
      threads_, [&](const ContainerManifest& c) { return UndoFileSteps(disk_, c.steps); }));
  RETURN_IF_ERROR(DeleteLedgers({}));
  for (const NodeWrite& node : manifest_.nodes) {
    StatusOr<Node> there = tier1_.metadata->Get(node.path);
    if (absl::IsNotFound(there.status())) continue;
    RETURN_IF_ERROR(there.status());
    if (there->data != node.data) continue;
    RETURN_IF_ERROR(tier1_.metadata->Delete(node.path, there->version));
  }
  RETURN_IF_ERROR(ForEachContainer(calls_, [&](const ContainerManifest& c) { return UndoLog(c); }));
  return RemoveRunMark(tier1_, manifest_.run_id);
}

Status Committer::UndoLog(const ContainerManifest& container) {
  DurableLog log(tier1_, container.container);
  ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
  if (!found) return OkStatus();
  Status deleted = tier1_.metadata->Delete(log.metadata_path(), found->version);
  return absl::IsNotFound(deleted) ? OkStatus() : deleted;
}

}  // namespace pdr
