// Every anomaly code with its weight, meaning, remedy and what is done about it: the one table
// behind docs/anomalies.md and the report.
#pragma once

#include <span>
#include <string_view>

namespace pdr {

enum class Weight {
  kNote,   // handled without loss; said so that nobody is surprised
  kLoss,   // something is gone with Tier-1; stated, exit code 3
  kAllow,  // going on could lose data that a human might save: needs --allow CODE
};

struct AnomalyCode {
  std::string_view code;
  Weight weight;
  std::string_view meaning;
  std::string_view remedy;
  // What was done about it, in a word or two; most codes without one tell, and change nothing.
  std::string_view action = "named";
};

std::span<const AnomalyCode> AnomalyCodes();
// Unknown codes weigh kAllow: what nobody has thought about must not pass silently.
Weight WeightOf(std::string_view code);
std::string_view ActionFor(std::string_view code);

}  // namespace pdr
