// DurableLog: one container's log over a Tier-1, with production's rules for epochs, fencing and
// compare-and-set. docs/formats/durable-log.md section 1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/log_metadata.h"
#include "tier1/tier1.h"

namespace pdr {

struct VersionedLogMetadata {
  LogMetadata metadata;
  int32_t version = 0;  // of the node
};

class DurableLog {
 public:
  DurableLog(Tier1& tier1, int container) : tier1_(tier1), container_(container) {}

  int container() const { return container_; }
  std::string metadata_path() const;

  // The record; nothing if the log was never created.
  StatusOr<std::optional<VersionedLogMetadata>> Load();
  // Creates the record: AlreadyExists if there is one (that is not equal).
  Status Reserve(const LogMetadata& metadata);
  // Compare-and-set with production's reconciliation: after Aborted or Unavailable the record is
  // read back, and equal content counts as success. Returns the new version.
  StatusOr<int32_t> Store(const LogMetadata& metadata, int32_t expected_version);

  // Writes frames to a new ledger owned by this log, closes it, and reads everything back.
  // Returns its id. The log metadata is not touched.
  StatusOr<int64_t> WriteLedger(const std::vector<std::string>& frames);

  // Becomes the writer as production does: fences, adds a ledger, epoch + 1, compare-and-set.
  // FailedPrecondition when the log is disabled (nothing is touched then).
  Status Initialize();
  Status Append(std::string_view frame);  // after Initialize; waits for the acknowledgement
  uint64_t epoch() const { return current_.metadata.epoch; }
  Status Close();

  // Reads all frames from the truncation address on, in order, changing nothing.
  Status ReadAll(const std::function<Status(std::string_view frame, const LogAddress&)>& visit);

 private:
  Tier1& tier1_;
  int container_;
  VersionedLogMetadata current_;
  std::unique_ptr<LedgerWriter> writer_;
};

}  // namespace pdr
