// The first byte chooses a decoder of src/format, the rest is its input.
#include <cstdio>
#include <cstdlib>

#include "format/testing/codec_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto checks = pdr::CodecChecks();
  const pdr::CodecCheck& codec = checks[data[0] % checks.size()];
  const std::string bytes(data + 1, data + size);  // a copy of its own: reads beyond it are seen
  if (codec.check(bytes) != pdr::Outcome::kBroken) return 0;
  std::fprintf(stderr, "%s: an accepted value does not survive\n", std::string(codec.name).c_str());
  std::abort();
}
