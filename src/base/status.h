// The error vocabulary: absl::Status and StatusOr, formatted makers for them, and the macros that
// pass errors on. A message says what, where, and what to do next.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pdr {

using absl::OkStatus;
using absl::Status;
using absl::StatusCode;
using absl::StatusOr;

inline std::string_view Message(const Status& status) {
  return {status.message().data(), status.message().size()};
}

#define PDR_ERROR_MAKER(Name)                                                             \
  template <typename... Args>                                                             \
  Status Name(fmt::format_string<Args...> format, Args&&... args) {                       \
    return Status(StatusCode::k##Name, fmt::format(format, std::forward<Args>(args)...)); \
  }
PDR_ERROR_MAKER(Aborted)  // lost a race; look again
PDR_ERROR_MAKER(AlreadyExists)
PDR_ERROR_MAKER(DataLoss)  // bytes that do not parse or do not add up
PDR_ERROR_MAKER(DeadlineExceeded)
PDR_ERROR_MAKER(FailedPrecondition)  // the world is not as it must be: live cluster, changed plan
PDR_ERROR_MAKER(Internal)            // a bug in this program
PDR_ERROR_MAKER(InvalidArgument)     // wrong use
PDR_ERROR_MAKER(NotFound)
PDR_ERROR_MAKER(OutOfRange)
PDR_ERROR_MAKER(PermissionDenied)
PDR_ERROR_MAKER(ResourceExhausted)  // disk full, too many
PDR_ERROR_MAKER(Unavailable)        // ZooKeeper, bookie or disk not reachable
PDR_ERROR_MAKER(Unimplemented)      // a version or feature this program does not know
#undef PDR_ERROR_MAKER

// The same status with `context` ("what, where") in front of its message; OK stays OK.
inline Status Annotate(const Status& status, std::string_view context) {
  if (status.ok()) return status;
  return Status(status.code(), fmt::format("{}: {}", context, Message(status)));
}

}  // namespace pdr

#define PDR_CONCAT_INNER(a, b) a##b
#define PDR_CONCAT(a, b) PDR_CONCAT_INNER(a, b)

// Returns from the calling function if `expr` is an error.
#define RETURN_IF_ERROR(expr)                                  \
  do {                                                         \
    if (::pdr::Status pdr_status = (expr); !pdr_status.ok()) { \
      return pdr_status;                                       \
    }                                                          \
  } while (false)

#define PDR_ASSIGN_OR_RETURN(tmp, lhs, expr) \
  auto tmp = (expr);                         \
  if (!tmp.ok()) return tmp.status();        \
  lhs = std::move(tmp).value()

// Evaluates a StatusOr; on success assigns its value to `lhs`, otherwise returns the error.
#define ASSIGN_OR_RETURN(lhs, expr) \
  PDR_ASSIGN_OR_RETURN(PDR_CONCAT(pdr_status_or_, __LINE__), lhs, expr)
