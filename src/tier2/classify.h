// What a file name below the Tier-2 root says about the file. docs/formats/ids-and-names.md,
// lts-chunked.md section 1, lts-rolling.md section 2, recovery-semantics.md H19, H26, H31.
#pragma once

#include <optional>
#include <string_view>

#include "tier2/inventory.h"

namespace pdr {

struct NameClass {
  FileClass file_class = FileClass::kForeign;
  std::optional<Layout> layout;  // that writes such names; nothing if both or none do
  // Of container metadata (metadata_<C>, storage_metadata_<C>, journals): its container.
  std::optional<int> container;
};

NameClass ClassifyName(std::string_view path);

// True for the plain name of a segment from before rolling: no header, no suffix.
bool LooksLikeHeaderlessSegment(std::string_view path);
// True for metadata_<C><14 digits>, as upstream's recovery names its copies, and its index.
bool IsBackupSegment(std::string_view segment);

}  // namespace pdr
