#include "recovery/share_gather.h"

#include <algorithm>

#include "base/hash.h"
#include "base/parallel.h"
#include "recovery/guarded_disk.h"
#include "recovery/interlocks.h"
#include "recovery/share_files.h"
#include "recovery/share_names.h"
#include "recovery/trial.h"

namespace pdr {
namespace {

// A record that is not there, or is none: the mount is another one, or somebody has damaged it.
Status Unusable(const Status& status, std::string_view name) {
  if (!absl::IsNotFound(status) && !absl::IsDataLoss(status) && !absl::IsUnimplemented(status)) {
    return status;
  }
  return DataLoss(
      "{}, which the hosts at work gathered: {}. Mount the same Tier-2 and run the same program on "
      "every host; a host that is started when no other one is at work gathers anew",
      name, Message(status));
}

bool IsOf(const std::optional<Board>& now, const Board& board) {
  return now && now->run_id == board.run_id && now->states.size() == board.states.size();
}

template <typename Decode>
auto LoadAs(const Disk& disk, const Board& board, const std::string& name, const Decode& decode)
    -> decltype(decode(std::string_view())) {
  if (!IsGatherId(board.run_id)) {
    return Unusable(DataLoss("run {} is no gathering", board.run_id), name);
  }
  const StatusOr<std::string> bytes = LoadShareRecord(disk, board.run_id, name);
  if (!bytes.ok()) return Unusable(bytes.status(), name);
  auto value = decode(*bytes);
  if (!value.ok()) return Unusable(value.status(), name);
  return value;
}

}  // namespace

StatusOr<bool> ShareGather::Begin(Claim& lead) {
  GuardedDisk disk(disk_, lead);
  if (!CheckNobodyLive(tier1_).ok()) return false;
  const StatusOr<Inventory> inventory = ScanTier2(disk_, progress_);
  if (!inventory.ok()) return false;
  const int count = inventory->container_count;
  const bool as_configured =
      CheckConfigured(*inventory, options_.container_count, options_.layout).ok();
  if (!as_configured || !CheckTier1Empty(tier1_, count).ok()) return false;
  if (!TryOwnDirectory(disk).ok()) return false;
  StatusOr<GatheredViews> views =
      GatheredViews::Read(disk_, *inventory, options_.gather, progress_);
  if (!views.ok()) return false;

  const std::string gather_id = GatherId(lead.token());
  for (size_t c = 0; c < static_cast<size_t>(count); ++c) {
    ASSIGN_OR_RETURN(GatheredContainer container, views->Take(c, progress_));
    ASSIGN_OR_RETURN(container.view.storage_records, views->TakeStorageRecords(c));
    RETURN_IF_ERROR(Publish(lead, gather_id, ViewRecord(c), GatheredCodec::Encode(container)));
  }
  const GatherStart start{options_.gather.tail_check, Fingerprint(*inventory), count,
                          static_cast<WholeEvidence>(views->Finish())};
  RETURN_IF_ERROR(Publish(lead, gather_id, kGatherRecord, EncodeGatherStart(start)));
  RETURN_IF_ERROR(board_.Create(
      {gather_id, ShareStage::kTables, std::string(static_cast<size_t>(count), kContainerSeen)}));
  return true;
}

StatusOr<bool> ShareGather::TakeStep(const Board& board) {
  const char from = board.stage == ShareStage::kTables ? kContainerSeen : kContainerTables;
  ASSIGN_OR_RETURN(const ShareClaims::Live live, claims_.Look());
  size_t container = 0;
  ASSIGN_OR_RETURN(const std::unique_ptr<Claim> claim,
                   claims_.TakeContainer(
                       live, board.states.size(), Crc32c(claims_.host()),
                       [&](size_t c) { return board.states[c] == from; }, container));
  if (claim == nullptr) return false;
  // Somebody else may have been here between the look at the board and the claim.
  ASSIGN_OR_RETURN(std::optional<Board> now, board_.Load());
  if (!IsOf(now, board) || now->stage != board.stage || now->states[container] != from) return true;
  if (options_.watch != nullptr) options_.watch->Enter(static_cast<int>(container));
  Status done = Work(board, container, *claim);
  if (options_.watch != nullptr) options_.watch->Leave(static_cast<int>(container));
  if (done.ok()) return true;
  ASSIGN_OR_RETURN(now, board_.Load());
  if (!IsOf(now, board)) return true;  // given up meanwhile, and with it what was looked for
  return Annotate(done, fmt::format("container {}", container));
}

Status ShareGather::Work(const Board& board, size_t container, Claim& claim) {
  const std::string& id = board.run_id;
  const bool tables_first = board.stage == ShareStage::kTables;
  ASSIGN_OR_RETURN(const GatherStart* start, Start(board));
  GatherOptions options = options_.gather;
  options.tail_check = start->tail_check;
  ASSIGN_OR_RETURN(
      GatheredContainer part,
      Load(board, container, tables_first ? ViewRecord(container) : JudgedRecord(container)));
  const GatherTarget target{part, start->whole.view.layout};
  progress_.Begin({tables_first ? "gather tables" : "gather streams", "segment",
                   part.view.stored.size(), board.states.size()});
  const size_t depth = std::max<size_t>(1, disk_.read_depth());
  if (tables_first) {
    const TableContents tables = GatherTables(disk_, options, depth, target, progress_);
    RETURN_IF_ERROR(Publish(claim, id, TablesRecord(container), EncodeTables(tables)));
  } else {
    ASSIGN_OR_RETURN(const ControllerEvidence* controller, Controller(board));
    GatherStreams(disk_, options, depth, *controller, target, progress_);
  }
  RETURN_IF_ERROR(Publish(claim, id,
                          tables_first ? JudgedRecord(container) : GatheredRecord(container),
                          GatheredCodec::Encode(part)));
  return SetState(board, container, tables_first ? kContainerTables : kContainerGathered);
}

Status ShareGather::SetState(const Board& board, size_t container, char state) {
  return board_.Update(board.run_id, [&](Board& b) {
    if (b.stage != board.stage || b.states[container] == state) return false;
    b.states[container] = state;
    if (b.AllAre(state)) {
      b.stage = state == kContainerTables ? ShareStage::kStreams : ShareStage::kPlan;
    }
    return true;
  });
}

StatusOr<PlannedRun> ShareGather::Plan(const Board& board) {
  ASSIGN_OR_RETURN(const GatherStart* start, Start(board));
  if (start->tail_check != options_.gather.tail_check) {
    return Aborted("streams were looked into with another --tail-check");
  }
  StatusOr<Inventory> inventory = ScanTier2(disk_, progress_);
  if (!inventory.ok() || Fingerprint(*inventory) != start->fingerprint ||
      !CheckConfigured(*inventory, options_.container_count, options_.layout).ok()) {
    return Aborted("Tier-2 is no longer as it was gathered, or this host expects another one");
  }
  Evidence evidence;
  static_cast<WholeEvidence&>(evidence) = start->whole;
  const size_t count = board.states.size();
  evidence.PlaceFor(count, options_.gather.scratch);
  ASSIGN_OR_RETURN(const ControllerEvidence* controller, Controller(board));
  evidence.controller = *controller;
  WholeGatherer whole(evidence);
  constexpr size_t kAtOnce = 2;  // as little memory as when one host gathers alone
  RETURN_IF_ERROR(ParallelFor(count, std::min(options_.threads, kAtOnce), [&](size_t c) -> Status {
    ASSIGN_OR_RETURN(GatheredContainer part, Load(board, c, GatheredRecord(c)));
    whole.Add(part);
    return evidence.Put(c, std::move(part));
  }));
  whole.Finish();
  return PlanFrom(*std::move(inventory), std::move(evidence), tier1_.config.cluster_name, options_);
}

Status ShareGather::Drop(Claim& lead) {
  GuardedDisk disk(disk_, lead);
  return RemoveGatherings(disk);
}

StatusOr<GatheredContainer> ShareGather::Load(const Board& board, size_t container,
                                              const std::string& name) const {
  return LoadAs(disk_, board, name,
                [&](std::string_view bytes) { return GatheredCodec::Decode(bytes, container); });
}

StatusOr<const GatherStart*> ShareGather::Start(const Board& board) {
  auto known = starts_.find(board.run_id);
  if (known == starts_.end()) {
    ASSIGN_OR_RETURN(GatherStart start, LoadAs(disk_, board, kGatherRecord, DecodeGatherStart));
    known = starts_.emplace(board.run_id, std::move(start)).first;
  }
  if (static_cast<size_t>(known->second.container_count) == board.states.size()) {
    return &known->second;
  }
  return Unusable(
      DataLoss("{} containers instead of {}", known->second.container_count, board.states.size()),
      kGatherRecord);
}

StatusOr<const ControllerEvidence*> ShareGather::Controller(const Board& board) {
  auto known = controllers_.find(board.run_id);
  if (known == controllers_.end()) {
    TableContents all;
    for (size_t c = 0; c < board.states.size(); ++c) {
      ASSIGN_OR_RETURN(TableContents tables, LoadAs(disk_, board, TablesRecord(c), DecodeTables));
      all.merge(tables);
    }
    known = controllers_.emplace(board.run_id, GatherController(all, options_.threads)).first;
  }
  return &known->second;
}

Status ShareGather::Publish(Claim& claim, const std::string& gather_id, const std::string& name,
                            const std::string& bytes) {
  GuardedDisk disk(disk_, claim);
  return PublishShareRecord(disk, gather_id, name, claim.token(), bytes);
}

}  // namespace pdr
