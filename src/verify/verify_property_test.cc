#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <iterator>

#include "verify/testing/judged_cluster.h"

namespace pdr {
namespace {

// Whatever happens to one byte anywhere: a report, no crash, no hang.
void SurvivesDamage(Layout layout) {
  SmallCluster cluster(layout);
  cluster.Build();
  const auto files = cluster.disk.Files();
  const size_t pick = *rc::gen::inRange<size_t>(0, files.size() + 2);
  std::string bytes;
  if (pick < files.size()) {
    bytes = std::next(files.begin(), static_cast<std::ptrdiff_t>(pick))->second.bytes;
  } else if (pick == files.size()) {
    bytes = cluster.tier1.ledgers.begin()->second.entries[0];
  } else {
    bytes = cluster.tier1.nodes[cluster.NodePath()].node.data;
  }
  const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
  if (*rc::gen::arbitrary<bool>()) {
    bytes.resize(at);
  } else {
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  if (pick < files.size()) {
    const auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(pick));
    cluster.disk.Put(file->first, bytes, file->second.mode);
  } else if (pick == files.size()) {
    cluster.tier1.ledgers.begin()->second.entries[0] = bytes;
  } else {
    cluster.tier1.nodes[cluster.NodePath()].node.data = bytes;
  }
  Tier1 tier1 = cluster.tier1.Open();
  VerifyOptions options{.layout = layout, .container_count = 1};
  RC_ASSERT(VerifyCluster(cluster.disk, tier1, options, Progress::Silent()).ok());
}

RC_GTEST_PROP(VerifyProperty, SurvivesDamageRolling, ()) { SurvivesDamage(Layout::kRolling); }
RC_GTEST_PROP(VerifyProperty, SurvivesDamageChunked, ()) { SurvivesDamage(Layout::kChunked); }

}  // namespace
}  // namespace pdr
