// What the tests of the judge share: a recovered cluster with one segment of each kind.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "format/names.h"
#include "verify/testing/small_cluster.h"
#include "verify/verify.h"

namespace pdr {

inline constexpr char kStream[] = "s/stream/0.#epoch.0";
inline constexpr char kSealed[] = "s/stream/1.#epoch.0";
inline constexpr char kEmpty[] = "s/empty/0.#epoch.0";
inline constexpr char kTable[] = "_system/_tables/t";
inline constexpr char kFixed[] = "s/kvt_kvtable/0.#epoch.0";
inline constexpr char kGroup[] = "_system/_RGscaleGroup/0.#epoch.0";

inline std::vector<std::string> CodesOf(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  for (const Finding& f : findings) codes.push_back(f.code);
  return codes;
}

inline std::string LastChunkOf(const std::string& segment, uint64_t offset) {
  return ChunkName(segment, 3, offset, NameUuid(segment));
}

inline SegmentMetadata& SegmentIn(std::map<std::string, TransactionData>& storage,
                                  const std::string& name) {
  return std::get<SegmentMetadata>(*storage.at(name).value);
}
inline ChunkMetadata& ChunkIn(std::map<std::string, TransactionData>& storage,
                              const std::string& name) {
  return std::get<ChunkMetadata>(*storage.at(name).value);
}

// Damage that shows in the same way in both layouts.
class JudgedCluster : public ::testing::TestWithParam<Layout> {
 protected:
  TestSegment& At(const char* name) { return cluster_.segments.at(name); }
  std::vector<std::string> Judge() {
    cluster_.Build();
    return cluster_.Codes();
  }
  SmallCluster cluster_{GetParam()};
};

struct LayoutLabel {
  std::string operator()(const ::testing::TestParamInfo<Layout>& info) const {
    return info.param == Layout::kRolling ? "Rolling" : "Chunked";
  }
};

}  // namespace pdr
