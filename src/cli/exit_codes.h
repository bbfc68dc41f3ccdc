// What the program's exit status means. Scripts depend on it; unknown codes are failures.
#pragma once

#include <span>
#include <string_view>

#include "base/status.h"

namespace pdr {

enum class ExitCode {
  kDone = 0,             // done and verified; of `storage check`: nothing is wrong
  kInternal = 1,         // a bug in this program
  kUsage = 2,            // the command line or the configuration
  kDoneWithLoss = 3,     // done, with recorded loss
  kNeedsAllow = 4,       // anomalies need --allow CODE, nothing written; of `storage check`: found
  kPlanOutdated = 5,     // the plan no longer matches what is on disk
  kLive = 6,             // the target is live, locked, or not the cluster that was configured
  kInterrupted = 7,      // interrupted or partly done: run again to resume
  kVerifyFailed = 8,     // verification failed
  kTier2Unreadable = 9,  // Tier-2 unreadable or damaged beyond planning
  kNotAvailable = 10,    // ZooKeeper, BookKeeper or a disk is not available
};

// The same as text, as in docs/exit-codes.md, in order.
struct ExitCodeText {
  ExitCode code;
  std::string_view meaning;
  std::string_view remedy;
};
std::span<const ExitCodeText> ExitCodeTexts();

// The one place that turns an error into an exit code. For kInterrupted and kVerifyFailed a command
// says so itself.
ExitCode ExitCodeFor(const Status& status);

}  // namespace pdr
