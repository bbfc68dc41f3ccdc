#include "container/operation_reader.h"

#include <algorithm>

namespace pdr {
namespace {

constexpr size_t kRecentRecords = 25;

}  // namespace

StatusOr<std::vector<Operation>> OperationReader::Feed(std::string_view frame,
                                                       const LogAddress& address) {
  ASSIGN_OR_RETURN(const auto records, frames_.Feed(frame, address));
  std::vector<Operation> operations;
  for (const DataFrameReader::Record& record : records) {
    auto operation = DecodeOperation(record.bytes);
    if (!operation.ok()) {
      return Annotate(operation.status(), fmt::format("data frame {:#x}", address.sequence));
    }
    ASSIGN_OR_RETURN(const bool duplicate, IsDuplicate(operation->sequence_number, record.parts));
    if (duplicate) continue;
    last_sequence_number_ = operation->sequence_number;
    operations.push_back(*std::move(operation));
  }
  return operations;
}

// A record is remembered before it is compared, so an old number that is no longer remembered
// compares equal to itself and passes as a duplicate. Production does the same.
StatusOr<bool> OperationReader::IsDuplicate(int64_t sequence_number,
                                            const std::vector<DataFrameReader::Part>& parts) {
  auto known = std::find_if(recent_.begin(), recent_.end(),
                            [&](const auto& r) { return r.first == sequence_number; });
  const bool equal = known == recent_.end() || known->second == parts;
  if (known == recent_.end()) {
    recent_.emplace_back(sequence_number, parts);
    if (recent_.size() > kRecentRecords) recent_.pop_front();
  }
  if (sequence_number > last_sequence_number_) return false;
  if (equal) return true;
  return DataLoss("operation {} follows {}", sequence_number, last_sequence_number_);
}

}  // namespace pdr
