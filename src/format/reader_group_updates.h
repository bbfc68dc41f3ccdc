// One update of a reader group's state. docs/formats/controller-tables.md section 8.
#pragma once

#include <string_view>

#include "format/reader_group_state.h"

namespace pdr {

// Decodes one initial state or update (a typed object) and applies it.
Status ApplyReaderGroupUpdate(std::string_view bytes, ReaderGroupState& state);

}  // namespace pdr
