// One typical use of every codec whose cost grows with the cluster.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace pdr::bench {

struct CodecSample {
  std::string name;
  std::function<size_t()> once;  // returns something that depends on the work
};

std::vector<CodecSample> CodecSamples();

}  // namespace pdr::bench
