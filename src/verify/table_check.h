// Does the attribute index of a table segment say exactly what its data says?
// docs/formats/table-segments.md sections 3 and 4.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "format/attributes.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"
#include "verify/findings.h"
#include "verify/stored.h"

namespace pdr::verify {

struct TableSegment {
  std::string name;
  Attributes attributes;  // as the next boot would know them
  int64_t length = 0;
  int64_t start_offset = 0;
  const Stored* data = nullptr;         // null: nothing in Tier-2
  const Stored* index = nullptr;        // null: no attribute index
  const LogSegment* log = nullptr;      // null: not mapped by the log
  bool unindexed_tail_allowed = false;  // the log holds it, and production will index it
};

// Where the footer of a segment's attribute index is to be found: the root pointer counts in the
// rolling layout only.
std::optional<int64_t> FooterOf(const Attributes& attributes, Layout layout);

// The live values by key when `keep_values`, else empty. Errors: nothing can be judged.
StatusOr<std::map<std::string, std::string>> CheckTable(const Disk& disk, Layout layout,
                                                        const TableSegment& table, bool keep_values,
                                                        Findings& findings);

// Keys and names as they can be printed.
std::string Printable(std::string_view bytes);

}  // namespace pdr::verify
