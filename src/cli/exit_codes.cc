#include "cli/exit_codes.h"

#include <array>

namespace pdr {

std::span<const ExitCodeText> ExitCodeTexts() {
  static constexpr auto kTexts = std::to_array<ExitCodeText>({
      {ExitCode::kDone, "done and verified", "go on"},
      {ExitCode::kInternal, "internal error: a defect of this program",
       "run the same command again; report the message"},
      {ExitCode::kUsage, "usage: unknown option, missing argument, malformed configuration",
       "correct the command line or the file it names"},
      {ExitCode::kDoneWithLoss, "done, with recorded loss",
       "read the loss statement, then decide whether to start production"},
      {ExitCode::kNeedsAllow, "anomalies need `--allow CODE`",
       "read what each code means, then repeat the command with those you accept"},
      {ExitCode::kPlanOutdated, "the plan no longer matches what is on disk", "plan again"},
      {ExitCode::kLive, "the target is live or locked, or is not what it should be",
       "stop what runs; check the configuration against the tree"},
      {ExitCode::kInterrupted, "interrupted or partly done", "run the same command again"},
      {ExitCode::kVerifyFailed, "verification failed",
       "do not start production; read the findings (of `dr verify --live`: what users have deleted "
       "since is among them, as missing)"},
      {ExitCode::kTier2Unreadable, "Tier-2 unreadable, or damaged beyond planning",
       "repair access to Tier-2 (path, mount, permissions)"},
      {ExitCode::kNotAvailable,
       "ZooKeeper, BookKeeper, disk, or the cluster that `dr verify --live` asks, not available",
       "repair it, then run the same command again"},
  });
  return kTexts;
}

ExitCode ExitCodeFor(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return ExitCode::kDone;
    case StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case StatusCode::kAborted:
      return ExitCode::kPlanOutdated;
    case StatusCode::kFailedPrecondition:
    case StatusCode::kAlreadyExists:
      return ExitCode::kLive;
    case StatusCode::kNotFound:
    case StatusCode::kPermissionDenied:
    case StatusCode::kDataLoss:
    case StatusCode::kOutOfRange:
    case StatusCode::kUnimplemented:
      return ExitCode::kTier2Unreadable;
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kResourceExhausted:
      return ExitCode::kNotAvailable;
    default:
      return ExitCode::kInternal;
  }
}

}  // namespace pdr
