// The metadata half of the durable-log seam: a tree of small versioned nodes, as ZooKeeper has it.
// Implementations: ZooKeeper (bookkeeper/) and files (embedded/).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace pdr {

struct Node {
  std::string data;
  int32_t version = 0;     // counts the updates of this node
  bool ephemeral = false;  // lives as long as the session that made it
};

class MetadataStore {
 public:
  virtual ~MetadataStore() = default;

  // Paths are absolute ("/a/b"). NotFound: no such node. Unavailable: the store cannot be reached
  // (after a bounded wait); the outcome of an effect is then unknown and must be read back.
  virtual StatusOr<Node> Get(const std::string& path) = 0;
  virtual StatusOr<std::vector<std::string>> Children(const std::string& path) = 0;  // sorted
  // AlreadyExists if it is there. Missing parents are created empty and persistent.
  virtual Status Create(const std::string& path, std::string_view data, bool ephemeral) = 0;
  // Creates `path` followed by a 10-digit number that only grows; returns the full path. Ephemeral.
  virtual StatusOr<std::string> CreateSequential(const std::string& path) = 0;
  // Compare-and-set; Aborted when the version differs; returns the new version.
  virtual StatusOr<int32_t> Set(const std::string& path, std::string_view data,
                                int32_t expected_version) = 0;
  // expected_version -1 = any. FailedPrecondition when the node has children.
  virtual Status Delete(const std::string& path, int32_t expected_version) = 0;
};

// Children; none when there is no such node.
inline StatusOr<std::vector<std::string>> ChildrenOrNone(MetadataStore& store,
                                                         const std::string& path) {
  StatusOr<std::vector<std::string>> children = store.Children(path);
  if (absl::IsNotFound(children.status())) return std::vector<std::string>();
  return children;
}

}  // namespace pdr
