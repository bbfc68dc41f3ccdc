// The records of a shared run by name, below <run>/share/.
#pragma once

#include <fmt/format.h>

#include <string>

namespace pdr {

inline constexpr const char* kRunRecord = "run";
inline constexpr const char* kReportRecord = "report";  // of the verification
inline std::string PlanRecord(size_t container) { return fmt::format("plan.{}", container); }
inline std::string ManifestRecord(size_t container) {
  return fmt::format("manifest.{}", container);
}
inline std::string OutcomeRecord(size_t container) { return fmt::format("outcome.{}", container); }

}  // namespace pdr
