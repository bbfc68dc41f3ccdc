// How the hosts of a shared run gather: each opens only the files of segments whose container it
// holds. docs/decisions/0011-shared-recovery.md.
//
//   under the lead claim    the names, and what is about containers as a whole: published
//   stage tables            per container, under its claim: tables and their indexes
//   stage streams           per container, under its claim: tails, indexes, transactions; where
//                           streams begin is known from the controller's tables, of all containers
//   stage plan              under the lead claim: the plan, from what was gathered
#pragma once

#include <map>
#include <optional>
#include <string>

#include "recovery/recover.h"
#include "recovery/share_board.h"
#include "recovery/share_claims.h"
#include "recovery/share_gather_record.h"

namespace pdr {

class ShareGather {
 public:
  ShareGather(Disk& disk, Tier1& tier1, const RecoverOptions& options, ShareClaims& claims,
              Progress& progress)
      : disk_(disk),
        tier1_(tier1),
        options_(options),
        claims_(claims),
        progress_(progress),
        board_(tier1) {}

  // Publishes what the others need, and makes the board. False, with nothing begun, when something
  // is in the way: a plan by one host alone tells what, all at once.
  StatusOr<bool> Begin(Claim& lead);
  // Gathers one container. False when there is none for this host now. DataLoss when what others
  // gathered cannot be used.
  StatusOr<bool> TakeStep(const Board& board);
  // When all is gathered. DataLoss likewise; Aborted when it no longer fits: Tier-2 has changed
  // since it began, or this host was asked to look in another way.
  StatusOr<PlannedRun> Plan(const Board& board);
  // Removes what was exchanged; nobody needs it any more.
  Status Drop(Claim& lead);

 private:
  Status Work(const Board& board, size_t container, Claim& claim);
  StatusOr<GatheredContainer> Load(const Board& board, size_t container,
                                   const std::string& name) const;
  StatusOr<const GatherStart*> Start(const Board& board);
  StatusOr<const ControllerEvidence*> Controller(const Board& board);
  Status Publish(Claim& claim, const std::string& gather_id, const std::string& name,
                 const std::string& bytes);
  Status SetState(const Board& board, size_t container, char state);

  Disk& disk_;
  Tier1& tier1_;
  const RecoverOptions& options_;
  ShareClaims& claims_;
  Progress& progress_;
  ShareBoard board_;
  // Read once each, by the id of the gathering.
  std::map<std::string, GatherStart> starts_;
  std::map<std::string, ControllerEvidence> controllers_;
};

}  // namespace pdr
