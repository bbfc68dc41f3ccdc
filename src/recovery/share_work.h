// What one host does for a shared run whose plan is published: takes what nobody else works on,
// until the run has ended.
//
//   stage    per container, under its claim           once, under the lead claim, when all have it
//   build    new files staged, manifest published     Tier-2 unchanged? then every log is reserved
//   log      ledger written                            Tier-2 unchanged for the last time?
//   swap     files swapped
//   verify   judged                                    the whole is judged
//   enable                                             every log enabled, the run retired
//
// Under each claim the board is read again first; every step looks at what is there and can be
// repeated; so whoever takes over goes on where the other one stopped.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "recovery/commit.h"
#include "recovery/recover.h"
#include "recovery/share_board.h"
#include "recovery/share_claims.h"
#include "recovery/share_records.h"
#include "verify/cluster_verifier.h"

namespace pdr {

class ShareWork {
 public:
  ShareWork(Disk& disk, Tier1& tier1, Workspace& workspace, const RecoverOptions& options,
            const SharedRun& run, ShareClaims& claims, const Clock& clock, Progress& progress);

  // Until the run has ended, or this host found what it can do nothing about.
  Status Run();
  // What this host's own verification found; empty unless the run stopped there.
  const VerifyReport& failed() const { return failed_; }
  // True once something that others can see was attempted, by any host.
  bool effects_begun() const { return effects_begun_; }

 private:
  enum class Step { kDid, kNothing, kEnded, kFailed };
  using Task = Status (ShareWork::*)(size_t container, Claim& claim);
  using LeadTask = Status (ShareWork::*)(const Board& board, Claim& claim);

  Status Work(size_t worker);
  StatusOr<Step> TakeStep(size_t worker);
  StatusOr<Step> Container(size_t worker, const Board& board, std::string_view from, Task task);
  StatusOr<std::unique_ptr<Claim>> ClaimOne(size_t worker, const Board& board,
                                            std::string_view from, size_t& container);
  StatusOr<Step> Lead(const Board& board, LeadTask task);

  Status Build(size_t container, Claim& claim);
  Status WriteLog(size_t container, Claim& claim);
  Status Swap(size_t container, Claim& claim);
  Status Verify(size_t container, Claim& claim);
  Status Reserve(const Board& board, Claim& claim);
  Status LookAgain(const Board& board, Claim& claim);
  Status Enable(const Board& board, Claim& claim);
  Status JudgeWhole(Claim& claim);
  Status CheckUnchanged();
  Status MoveOn(ShareStage from, ShareStage to);  // unless another host has, before it died

  Status Publish(Claim& claim, const std::string& name, std::string_view bytes);
  Status SetState(size_t container, char state);
  Status Remember(const Board& board);
  void Show(const Board& board);
  bool TriedInVain(size_t container);
  void NoteFailure(size_t container, VerifyReport report);

  Disk& disk_;
  Tier1& tier1_;
  Workspace& workspace_;
  const RecoverOptions& options_;
  const SharedRun& run_;
  ShareClaims& claims_;
  const Clock& clock_;
  Progress& progress_;
  ShareBoard board_;
  Manifest outline_;  // the run's containers, without their steps and frames
  VerifyOptions verify_options_;
  DepthShares workers_;

  std::atomic<size_t> held_ = 0;  // containers this host works on
  std::atomic<bool> stop_ = false;
  std::atomic<bool> effects_begun_ = false;
  std::mutex mutex_;  // for what follows
  std::optional<ShareStage> shown_;
  size_t shown_done_ = 0;
  Phase remembered_ = Phase::kEmpty;
  std::optional<verify::ClusterVerifier> verifier_;
  std::set<size_t> tried_in_vain_;
  bool whole_failed_ = false;
  VerifyReport failed_;
};

}  // namespace pdr
