// Every decoder of this room as one function over bytes that nobody vouches for: the tests of
// hostile input and the fuzzer both go through this list.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

enum class Outcome {
  kRejected,  // an error, as it should be for most bytes
  kSurvived,  // accepted, and the value is the same after it was written and read again
  kBroken,    // accepted, but it is another value afterwards: a bug
};

struct CodecCheck {
  std::string_view name;
  Outcome (*check)(std::string_view bytes);
};

// A stable order: fuzzing inputs choose a codec by its position, so new ones go to the end.
std::span<const CodecCheck> CodecChecks();

// The three parts of the list.
std::span<const CodecCheck> Tier2CodecChecks();
std::span<const CodecCheck> Tier1CodecChecks();
std::span<const CodecCheck> ControllerCodecChecks();

// For codecs that can also write what they read.
template <auto Decode, auto Encode>
Outcome RoundTrip(std::string_view bytes) {
  const auto value = Decode(bytes);
  if (!value.ok()) return Outcome::kRejected;
  const auto again = Decode(Encode(*value));
  return again.ok() && *again == *value ? Outcome::kSurvived : Outcome::kBroken;
}

// For those that cannot.
template <auto Decode>
Outcome Decodes(std::string_view bytes) {
  return Decode(bytes).ok() ? Outcome::kSurvived : Outcome::kRejected;
}

inline Outcome SurvivedIf(bool same) { return same ? Outcome::kSurvived : Outcome::kBroken; }

}  // namespace pdr
