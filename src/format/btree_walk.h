// Reading a whole attribute index page by page. docs/formats/attribute-index.md sections 2 and 5.
//
// Memory is one page per level. A page must lie before the one that points to it, and its keys
// within the bounds its parent gives: so a hostile index can neither loop nor show a key twice.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "format/btree.h"

namespace pdr {

// Exactly `length` bytes of the index segment at `offset`, or an error, which is passed on.
using BtreeRead = std::function<StatusOr<std::string>(int64_t offset, int32_t length)>;
using BtreeVisitor = std::function<Status(std::string_view key, int64_t value)>;

// The value of `key`, found as production does: down the last entry at or below it.
StatusOr<std::optional<int64_t>> LookupBtree(const BtreeRead& read, const BtreeFooter& footer,
                                             std::string_view key);
// All entries in key order. An error of the visitor ends the walk and is returned.
Status WalkBtree(const BtreeRead& read, const BtreeFooter& footer, size_t key_length,
                 const BtreeVisitor& visit);

}  // namespace pdr
