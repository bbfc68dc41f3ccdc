#include "cli/exit_codes.h"

namespace pdr {

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
