// From data frames to operations, as production's recovery reads them. docs/formats/durable-log.md
// section 2, "Reader state machine".
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "base/status.h"
#include "format/data_frame.h"
#include "format/operation.h"

namespace pdr {

class OperationReader {
 public:
  // The operations completed by this frame, harmless duplicates left out. DataLoss for what
  // production calls corruption.
  StatusOr<std::vector<Operation>> Feed(std::string_view frame, const LogAddress& address);

 private:
  StatusOr<bool> IsDuplicate(int64_t sequence_number,
                             const std::vector<DataFrameReader::Part>& parts);

  DataFrameReader frames_;
  int64_t last_sequence_number_ = -1;
  // The last records with distinct sequence numbers, oldest first.
  std::deque<std::pair<int64_t, std::vector<DataFrameReader::Part>>> recent_;
};

}  // namespace pdr
