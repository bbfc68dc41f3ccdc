// Which table of the controller says something of a segment, and under which key.
// docs/formats/controller-tables.md sections 2 to 7.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/uuid.h"

namespace pdr {

// Numbers only, as there is one for each of a million segments: the names follow from them and
// from the segment's own name.
struct ControllerSource {
  enum class Where : uint8_t {
    kNowhere,       // the controller does not know such names
    kScopes,        // the list of scopes
    kStreams,       // a scope's list of streams
    kKvTables,      // a scope's list of key-value tables
    kMetadata,      // all of the metadata table of the stream or key-value table
    kEpoch,         // its record of epoch `number`
    kState,         // its state
    kTruncation,    // its truncation record
    kTransition,    // its record of a scale
    kCommitting,    // its record of a commit under way
    kTransactions,  // the transactions of epoch `number`
    kCompleted,     // batch `number` of completed transactions
  };
  Where where = Where::kNowhere;
  int32_t number = 0;
  Uuid id;  // of the scope, for its lists; otherwise of the stream or key-value table
  bool operator==(const ControllerSource&) const = default;
};

struct ControllerPlace {
  std::string table;  // a segment; "" = nowhere
  std::string key;    // "" = the table as a whole
};
ControllerPlace PlaceOf(const ControllerSource& source, std::string_view segment);

}  // namespace pdr
