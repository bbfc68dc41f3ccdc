// What a segment is by its name, for those whose record was never flushed.
// docs/formats/recovery-semantics.md H16 and section 4.
#pragma once

#include <string_view>

#include "format/attributes.h"

namespace pdr {

// The attributes production gives a new segment of this name: tables get the table attributes with
// everything at 0, others just their type.
Attributes DefaultAttributes(std::string_view segment);

// One of the controller's own four reader-group state segments; exact names (H45).
bool IsControllerReaderGroup(std::string_view segment);

bool IsTable(const Attributes& attributes);
bool IsFixedKeyTable(const Attributes& attributes);

}  // namespace pdr
