#include "recovery/commit.h"

#include <algorithm>

#include "base/parallel.h"
#include "recovery/file_steps.h"

namespace pdr {

Status Committer::ForEachContainer(const std::function<Status(const ContainerManifest&)>& work) {
  return ParallelFor(manifest_.containers.size(), threads_, [&](size_t i) {
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
  RETURN_IF_ERROR(ForEachContainer([&](const ContainerManifest& c) -> Status {
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

// Ledgers of this run that no log names come from an interrupted attempt.
Status Committer::DeleteLedgers(const std::set<int64_t>& keep) {
  ASSIGN_OR_RETURN(std::vector<int64_t> all, tier1_.ledgers->List());
  for (int64_t id : all) {
    if (keep.contains(id)) continue;
    auto reader = tier1_.ledgers->OpenReadOnly(id);
    if (absl::IsNotFound(reader.status())) continue;
    RETURN_IF_ERROR(Annotate(reader.status(), fmt::format("ledger {}", id)));
    const auto& custom = (*reader)->custom_metadata();
    auto run = custom.find(std::string(kRunKey));
    if (run == custom.end() || run->second != manifest_.run_id) continue;
    RETURN_IF_ERROR(lock_.StillHeld());
    RETURN_IF_ERROR(tier1_.ledgers->Delete(id));
  }
  return OkStatus();
}

Status Committer::WriteLogs() {
  progress_.Phase("write logs", manifest_.containers.size());
  std::set<int64_t> named;
  for (const ContainerManifest& c : manifest_.containers) {
    DurableLog log(tier1_, c.container);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
    if (!found) continue;
    for (const LedgerRecord& l : found->metadata.ledgers) named.insert(l.ledger_id);
  }
  RETURN_IF_ERROR(DeleteLedgers(named));
  return ForEachContainer([&](const ContainerManifest& c) { return WriteLog(c); });
}

Status Committer::WriteLog(const ContainerManifest& container) {
  DurableLog log(tier1_, container.container);
  ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
  if (!found) return FailedPrecondition("its log was reserved, but is gone");
  if (!found->metadata.ledgers.empty()) {
    return log.CheckLedger(found->metadata.ledgers[0].ledger_id, container.frames);
  }
  ASSIGN_OR_RETURN(int64_t ledger, log.WriteLedger(container.frames, manifest_.run_id));
  return log.Store(Record(false, ledger), found->version).status();
}

Status Committer::SwapFiles() {
  progress_.Phase("swap files", manifest_.containers.size());
  return ForEachContainer([&](const ContainerManifest& c) { return DoFileSteps(disk_, c.steps); });
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
  return ForEachContainer([&](const ContainerManifest& c) -> Status {
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
  RETURN_IF_ERROR(ForEachContainer([&](const ContainerManifest& c) -> Status {
    DurableLog log(tier1_, c.container);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, LoadOwn(log));
    if (!found || !found->metadata.enabled) return OkStatus();
    LogMetadata disabled = found->metadata;
    disabled.enabled = false;
    return log.Store(disabled, found->version).status();
  }));
  RETURN_IF_ERROR(
      ForEachContainer([&](const ContainerManifest& c) { return UndoFileSteps(disk_, c.steps); }));
  RETURN_IF_ERROR(DeleteLedgers({}));
  for (const NodeWrite& node : manifest_.nodes) {
    StatusOr<Node> there = tier1_.metadata->Get(node.path);
    if (absl::IsNotFound(there.status())) continue;
    RETURN_IF_ERROR(there.status());
    if (there->data != node.data) continue;
    RETURN_IF_ERROR(tier1_.metadata->Delete(node.path, there->version));
  }
  RETURN_IF_ERROR(ForEachContainer([&](const ContainerManifest& c) { return UndoLog(c); }));
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
