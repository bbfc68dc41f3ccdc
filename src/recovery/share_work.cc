#include "recovery/share_work.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "recovery/share_load.h"

namespace pdr {
namespace {

class Counted {  // one more while it lives
 public:
  explicit Counted(std::atomic<size_t>& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::atomic<size_t>& count_;
};

}  // namespace

ShareWork::ShareWork(Disk& disk, Tier1& tier1, Workspace& workspace, const RecoverOptions& options,
                     const SharedRun& run, ShareClaims& claims, const Clock& clock,
                     Progress& progress)
    : disk_(disk),
      tier1_(tier1),
      workspace_(workspace),
      options_(options),
      run_(run),
      claims_(claims),
      clock_(clock),
      progress_(progress),
      board_(tier1) {
  outline_ = OutlineOf(run);
  verify_options_.layout = outline_.layout;
  verify_options_.container_count = run.identity.container_count;
  verify_options_.threads = options.threads;
  verify_options_.logs_still_disabled = true;
  // As the size of a container is not known before it is claimed, by that of all of them.
  const uint64_t each =
      run.identity.files / std::max<size_t>(run.container_count(), 1) * verify::kJudgedFileBytes;
  const uint64_t memory = options.gather.scratch->at_work();
  workers_ = ShareDepth(disk_, FitAtOnce(options.threads, memory, each), run.container_count());
}

Status ShareWork::Run() {
  return ParallelFor(workers_.at_once, workers_.at_once, [&](size_t worker) {
    Status status = Work(worker);
    if (!status.ok()) stop_ = true;  // the other workers finish what they hold
    return status;
  });
}

Status ShareWork::Work(size_t worker) {
  while (!stop_) {
    ASSIGN_OR_RETURN(const Step step, TakeStep(worker));
    if (step == Step::kEnded || step == Step::kFailed) return OkStatus();
    if (step == Step::kNothing) clock_.SleepMillis(kSharePollMillis);
  }
  return OkStatus();
}

StatusOr<ShareWork::Step> ShareWork::TakeStep(size_t worker) {
  ASSIGN_OR_RETURN(const std::optional<Board> board, board_.Load());
  if (!board || board->run_id != run_.run_id) return Step::kEnded;
  if (board->states.size() != run_.container_count()) {
    return DataLoss("the board of run {} has {} containers instead of {}", run_.run_id,
                    board->states.size(), run_.container_count());
  }
  Show(*board);
  RETURN_IF_ERROR(Remember(*board));
  switch (board->stage) {
    case ShareStage::kTables:
    case ShareStage::kStreams:
    case ShareStage::kPlan:
    case ShareStage::kPublish:
      return Step::kNothing;
    case ShareStage::kBuild:
      if (board->AllAre(kContainerBuilt)) return Lead(*board, &ShareWork::Reserve);
      return Container(worker, *board, {&kContainerPlanned, 1}, &ShareWork::Build);
    case ShareStage::kLog:
      if (board->AllAre(kContainerLogged)) return Lead(*board, &ShareWork::LookAgain);
      return Container(worker, *board, {&kContainerBuilt, 1}, &ShareWork::WriteLog);
    case ShareStage::kSwap:
      return Container(worker, *board, {&kContainerLogged, 1}, &ShareWork::Swap);
    case ShareStage::kVerify: {
      if (board->AllAre(kContainerVerified)) return Lead(*board, &ShareWork::Enable);
      constexpr std::array<char, 2> kToVerify = {kContainerSwapped, kContainerFailed};
      return Container(worker, *board, {kToVerify.data(), kToVerify.size()}, &ShareWork::Verify);
    }
    case ShareStage::kEnable:
      return Lead(*board, &ShareWork::Enable);
    case ShareStage::kUndo:
      return FailedPrecondition(
          "dr undo of run {} has begun and was interrupted; run dr undo again", run_.run_id);
  }
  return Internal("stage {}", static_cast<int>(board->stage));
}

// A container in one of the states `from` that nobody works on; nothing when there is none, or when
// this host has its share already.
StatusOr<std::unique_ptr<Claim>> ShareWork::ClaimOne(size_t worker, const Board& board,
                                                     std::string_view from, size_t& container) {
  const size_t count = board.states.size();
  const auto todo = [&](size_t c) {
    return from.find(board.states[c]) != std::string_view::npos && !TriedInVain(c);
  };
  size_t left = 0;
  for (size_t c = 0; c < count; ++c) left += todo(c) ? 1 : 0;
  ASSIGN_OR_RETURN(const ShareClaims::Live live, claims_.Look());
  const size_t hosts = std::max<size_t>(1, live.hosts.size());
  if (held_ >= std::max<size_t>(1, (left + hosts - 1) / hosts)) return std::unique_ptr<Claim>();
  // Hosts and workers begin at different places, so that they seldom want the same container.
  const size_t begin = Crc32c(claims_.host()) + worker;
  return claims_.TakeContainer(live, count, begin, todo, container);
}

StatusOr<ShareWork::Step> ShareWork::Container(size_t worker, const Board& board,
                                               std::string_view from, Task task) {
  size_t container = 0;
  ASSIGN_OR_RETURN(const std::unique_ptr<Claim> claim, ClaimOne(worker, board, from, container));
  if (claim == nullptr) {
    for (size_t c = 0; c < board.states.size(); ++c) {
      const bool over = board.states[c] == kContainerVerified || TriedInVain(c);
      if (board.stage != ShareStage::kVerify || !over) return Step::kNothing;
    }
    return Step::kFailed;
  }
  const Counted held(held_);
  // Somebody else may have been here between the look at the board and the claim.
  ASSIGN_OR_RETURN(const std::optional<Board> now, board_.Load());
  if (!now || now->run_id != run_.run_id || now->stage != board.stage ||
      from.find(now->states[container]) == std::string_view::npos) {
    return Step::kDid;
  }
  if (options_.watch != nullptr) options_.watch->Enter(static_cast<int>(container));
  Status done = (this->*task)(container, *claim);
  if (options_.watch != nullptr) options_.watch->Leave(static_cast<int>(container));
  if (!done.ok()) return Annotate(done, fmt::format("container {}", container));
  return Step::kDid;
}

StatusOr<ShareWork::Step> ShareWork::Lead(const Board& board, LeadTask task) {
  {
    const std::lock_guard lock(mutex_);
    if (whole_failed_) return Step::kFailed;
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Claim> claim, claims_.Take(kLeadClaim));
  if (claim == nullptr) return Step::kNothing;
  ASSIGN_OR_RETURN(const std::optional<Board> now, board_.Load());
  if (!now || *now != board) return Step::kDid;
  RETURN_IF_ERROR((this->*task)(board, *claim));
  return Step::kDid;
}

bool ShareWork::TriedInVain(size_t container) {
  const std::lock_guard lock(mutex_);
  return tried_in_vain_.contains(container);
}

void ShareWork::NoteFailure(size_t container, VerifyReport report) {
  const std::lock_guard lock(mutex_);
  tried_in_vain_.insert(container);
  failed_.findings.insert(failed_.findings.end(), report.findings.begin(), report.findings.end());
  failed_.notes.insert(failed_.notes.end(), report.notes.begin(), report.notes.end());
}

// All hosts' progress, not only this one's.
void ShareWork::Show(const Board& board) {
  const std::lock_guard lock(mutex_);
  if (shown_ != board.stage) {
    shown_ = board.stage;
    shown_done_ = 0;
    progress_.Phase(ShareStageName(board.stage), run_.container_count());
  }
  const size_t done = board.Finished();
  if (done > shown_done_) progress_.Advance(done - shown_done_);
  shown_done_ = std::max(shown_done_, done);
}

namespace {

// The phase of a recovery by one host alone that corresponds to the stage.
Phase PhaseAt(ShareStage stage) {
  switch (stage) {
    case ShareStage::kTables:
    case ShareStage::kStreams:
    case ShareStage::kPlan:
    case ShareStage::kPublish:
    case ShareStage::kBuild:
      return Phase::kPlanned;
    case ShareStage::kLog:
      return Phase::kReserved;
    case ShareStage::kSwap:
      return Phase::kSwapping;
    case ShareStage::kVerify:
      return Phase::kSwapped;
    case ShareStage::kEnable:
      return Phase::kVerified;
    case ShareStage::kUndo:
      break;
  }
  return Phase::kUndoing;
}

}  // namespace

// Once all is built, this host's workspace holds all it takes to go on, or back, alone.
Status ShareWork::Remember(const Board& board) {
  const Phase phase = PhaseAt(board.stage);
  if (phase < Phase::kReserved || phase == Phase::kUndoing) return OkStatus();
  effects_begun_ = true;
  const std::lock_guard lock(mutex_);
  if (remembered_ >= phase) return OkStatus();
  RETURN_IF_ERROR(CheckRunMark(tier1_, run_.run_id));
  ASSIGN_OR_RETURN(const Phase recorded, workspace_.GetPhase());
  if (!HoldsRun(recorded)) {
    ASSIGN_OR_RETURN(const Manifest manifest, LoadWholeManifest(disk_, run_));
    RETURN_IF_ERROR(workspace_.SaveManifest(manifest, clock_.NowMillis()));
  }
  if (!HoldsRun(recorded) || recorded < phase) {
    RETURN_IF_ERROR(workspace_.SetPhase(phase, clock_.NowMillis()));
  }
  remembered_ = phase;
  return OkStatus();
}

}  // namespace pdr
