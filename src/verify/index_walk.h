// Reads an attribute index the way a lookup does, but all of it. docs/formats/attribute-index.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/status.h"
#include "verify/stored.h"

namespace pdr::verify {

// Visits all entries in key order. DataLoss: production could not open the index, or a lookup could
// not reach a key. `footer` is where the footer lies (the root pointer); nothing = the last bytes.
Status WalkIndex(SegmentBytes& bytes, std::optional<int64_t> footer, size_t key_length,
                 const std::function<void(const std::string& key, int64_t value)>& visit);

}  // namespace pdr::verify
