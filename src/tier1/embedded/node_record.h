// One node of the embedded metadata store, as its file holds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr::embedded {

struct NodeRecord {
  std::string name;  // the path's last element, which the directory name may abbreviate
  std::string data;
  int32_t version = 0;
  uint64_t session = 0;     // of an ephemeral node; 0 = persistent
  uint64_t next_child = 0;  // for sequential children
};

StatusOr<NodeRecord> DecodeNodeRecord(std::string_view bytes);
std::string EncodeNodeRecord(const NodeRecord& record);

// A directory name for any path element: safe characters as they are, others as %XX, a digest if
// that gets too long. Never begins with a dot; distinct elements get distinct names.
std::string DirectoryName(std::string_view element);

}  // namespace pdr::embedded
