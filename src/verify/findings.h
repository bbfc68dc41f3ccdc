// Where the judge of one container writes down what it finds.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "verify/verify.h"

namespace pdr::verify {

// True when the error says that nothing can be judged (disk, ZooKeeper, bookies not reachable, no
// permission) instead of saying that the bytes are wrong.
inline bool CannotJudge(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
    case StatusCode::kNotFound:
    case StatusCode::kDataLoss:
    case StatusCode::kOutOfRange:
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kUnimplemented:
      return false;
    default:
      return true;
  }
}

class Findings {
 public:
  // container -1: not about one container.
  Findings(VerifyReport& report, int container) : report_(report), container_(container) {}

  template <typename... Args>
  void Add(std::string_view code, std::string_view segment, fmt::format_string<Args...> format,
           Args&&... args) {
    report_.findings.push_back({std::string(code), container_, std::string(segment),
                                fmt::format(format, std::forward<Args>(args)...)});
  }
  // Worth knowing, but not wrong.
  template <typename... Args>
  void Note(std::string_view code, std::string_view segment, fmt::format_string<Args...> format,
            Args&&... args) {
    report_.notes.push_back({std::string(code), container_, std::string(segment),
                             fmt::format(format, std::forward<Args>(args)...)});
  }
  VerifyReport& report() { return report_; }
  int container() const { return container_; }

 private:
  VerifyReport& report_;
  int container_;
};

}  // namespace pdr::verify
