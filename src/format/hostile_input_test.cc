// Decoders on damaged and random bytes: no crash, no hang, and what is accepted is a value that
// survives being written and read again.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "format/testing/codec_checks.h"
#include "format/testing/vector_bytes.h"

namespace pdr {
namespace {

bool AllSurvive(std::string_view bytes) {
  for (const CodecCheck& codec : CodecChecks()) {
    if (codec.check(bytes) == Outcome::kBroken) {
      ADD_FAILURE() << codec.name << " does not survive";
      return false;
    }
  }
  return true;
}

const std::vector<std::string>& Samples() {
  static const std::vector<std::string> samples = VectorBytes("testdata", 6000);
  return samples;
}

// A check whose decoder rejects everything would show nothing.
TEST(HostileInput, EveryCodecAcceptsSomeVector) {
  std::set<std::string_view> accepting;
  for (const std::string& sample : Samples()) {
    for (const CodecCheck& codec : CodecChecks()) {
      if (codec.check(sample) == Outcome::kSurvived) accepting.insert(codec.name);
    }
  }
  for (const CodecCheck& codec : CodecChecks())
    EXPECT_TRUE(accepting.contains(codec.name)) << codec.name;
}

TEST(HostileInput, EveryTruncationOfEverySample) {
  for (const std::string& sample : Samples()) {
    const std::string_view whole = sample;
    const size_t step = 1 + whole.size() / 100;
    for (const CodecCheck& codec : CodecChecks()) {
      if (codec.check(whole) != Outcome::kSurvived) continue;
      for (size_t n = 0; n <= whole.size(); n += step) {
        ASSERT_NE(codec.check(whole.substr(0, n)), Outcome::kBroken) << codec.name << whole;
      }
    }
  }
}

RC_GTEST_PROP(HostileInput, DamagedSamples, ()) {
  for (int i = 0; i < 50; ++i) {
    std::string bytes = Samples()[*rc::gen::inRange<size_t>(0, Samples().size())];
    if (bytes.empty()) continue;
    for (int flips = *rc::gen::inRange(1, 4); flips > 0; --flips) {
      // The interesting bytes are near the start and, of an index, near the end.
      const size_t at = *rc::gen::inRange<size_t>(0, std::min<size_t>(bytes.size(), 120));
      char& c = *rc::gen::element(true, false) ? bytes[at] : bytes[bytes.size() - 1 - at];
      c = static_cast<char>(c ^ *rc::gen::inRange(1, 256));
    }
    RC_ASSERT(AllSurvive(bytes));
  }
}

RC_GTEST_PROP(HostileInput, RandomBytes, (const std::string& bytes)) {
  RC_ASSERT(AllSurvive(bytes));
  RC_ASSERT(AllSurvive(std::string("\0\0\1\0\0\0\0\x40", 8) + bytes));
}

}  // namespace
}  // namespace pdr
