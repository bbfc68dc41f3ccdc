// All byte strings of the checked-in vectors, whatever they are: samples for hostile-input tests
// and seeds for the fuzzer.
#pragma once

#include <string>
#include <vector>

namespace pdr {

// Everything in <testdata>/vectors that is hex, decoded: as it is, as an event, and, of a bookie's
// frame, what follows its length. And every string and every key as it stands. Sorted, without
// duplicates, none longer than `max_bytes`.
std::vector<std::string> VectorBytes(const std::string& testdata, size_t max_bytes);

}  // namespace pdr
