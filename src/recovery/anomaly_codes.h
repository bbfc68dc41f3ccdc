// Every anomaly code with its weight, meaning and remedy: the one table behind docs/anomalies.md.
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
};

std::span<const AnomalyCode> AnomalyCodes();
// Unknown codes weigh kAllow: what nobody has thought about must not pass silently.
Weight WeightOf(std::string_view code);

}  // namespace pdr
