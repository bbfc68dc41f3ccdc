#include "format/testing/codec_checks.h"

#include <vector>

namespace pdr {

std::span<const CodecCheck> CodecChecks() {
  static const std::vector<CodecCheck> all = [] {
    std::vector<CodecCheck> out;
    for (const auto part : {Tier2CodecChecks(), Tier1CodecChecks(), ControllerCodecChecks()}) {
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }();
  return all;
}

}  // namespace pdr
