// Writes a cluster's Tier-2 tree in either layout, as production leaves it after a clean flush.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "bench/tree_model.h"
#include "container/container_image.h"

namespace pdr::bench {

class TreeWriter {
 public:
  TreeWriter(std::string root, Layout layout, int containers);

  Status Add(ModelSegment segment);
  // The containers' own metadata, after all segments.
  Status Finish();
  uint64_t segments() const { return segments_; }
  uint64_t files() const { return files_; }

 private:
  Status AddStored(const std::string& name, const SparseBytes& data, uint64_t rolled_at,
                   bool sealed, ContainerState& container);
  Status AddRolling(const std::string& name, const SparseBytes& data,
                    const std::vector<uint64_t>& starts, bool sealed);
  Status AddChunked(const std::string& name, const SparseBytes& data,
                    const std::vector<uint64_t>& starts, bool sealed, ContainerState& container);
  Status WriteChunk(const std::string& path, const SparseBytes& data, uint64_t from, uint64_t to,
                    uint32_t mode);
  Status MakeParent(const std::string& path);

  std::string root_;
  Layout layout_;
  std::vector<ContainerState> containers_;
  absl::flat_hash_set<std::string> directories_;
  uint64_t segments_ = 0;
  uint64_t files_ = 0;
};

}  // namespace pdr::bench
