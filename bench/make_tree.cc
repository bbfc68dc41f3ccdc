// make_tree LAYOUT ROOT SEGMENTS CONTAINERS: a Tier-2 tree to measure with.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/tree_writer.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: make_tree rolling|chunked ROOT SEGMENTS CONTAINERS\n");
    return 2;
  }
  const bool rolling = std::string(argv[1]) == "rolling";
  const std::string root = argv[2];
  if (std::filesystem::exists(root)) {
    fmt::print(stderr, "make_tree: {} exists\n", root);
    return 2;
  }
  std::filesystem::create_directories(root);
  pdr::bench::TreeWriter writer(root, rolling ? pdr::Layout::kRolling : pdr::Layout::kChunked,
                                std::atoi(argv[4]));
  pdr::Status status = pdr::bench::ForEachSegment(
      std::strtoull(argv[3], nullptr, 10),
      [&](pdr::bench::ModelSegment segment) { return writer.Add(std::move(segment)); });
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) {
    fmt::print(stderr, "make_tree: {}\n", pdr::Message(status));
    return 1;
  }
  fmt::print("{{\"segments\": {}, \"files\": {}}}\n", writer.segments(), writer.files());
  return 0;
}
