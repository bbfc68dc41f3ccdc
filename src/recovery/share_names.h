// The records of a shared run by name, below <run>/share/.
#pragma once

#include <fmt/format.h>

#include <string>

namespace pdr {

inline constexpr const char* kRunRecord = "run";
inline constexpr const char* kReportRecord = "report";  // of the verification
// While it is gathered; "the run" is then the gathering, which has an id of its own:
inline std::string GatherId(const std::string& token) { return fmt::format("gather-{}", token); }
inline bool IsGatherId(const std::string& run_id) { return run_id.starts_with("gather-"); }
inline constexpr const char* kGatherRecord = "gather";  // what is not about one container
inline std::string ViewRecord(size_t container) { return fmt::format("view.{}", container); }
inline std::string TablesRecord(size_t container) { return fmt::format("tables.{}", container); }
inline std::string JudgedRecord(size_t container) { return fmt::format("judged.{}", container); }
inline std::string GatheredRecord(size_t container) {
  return fmt::format("gathered.{}", container);
}
// From the plan on:
inline std::string PlanRecord(size_t container) { return fmt::format("plan.{}", container); }
inline std::string ManifestRecord(size_t container) {
  return fmt::format("manifest.{}", container);
}
inline std::string OutcomeRecord(size_t container) { return fmt::format("outcome.{}", container); }

}  // namespace pdr
