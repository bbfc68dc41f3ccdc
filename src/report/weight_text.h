// An anomaly's weight as people read it.
#pragma once

#include <string_view>

#include "recovery/anomaly_codes.h"

namespace pdr {

inline std::string_view WeightText(Weight weight) {
  switch (weight) {
    case Weight::kNote:
      return "handled";
    case Weight::kLoss:
      return "loss";
    case Weight::kAllow:
      return "needs --allow";
  }
  return "";
}

}  // namespace pdr
