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

// Custom metadata of ledgers that a recovery wrote: the id of its run.
inline constexpr std::string_view kRunKey = "PravegaDrRun";

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
  // Returns its id. The log metadata is not touched. The run id in the ledger's custom metadata
  // lets a later run, or an undo, tell its own ledgers from everybody else's.
  StatusOr<int64_t> WriteLedger(const std::vector<std::string>& frames, const std::string& run_id);
  // Whether the (closed) ledger holds exactly these frames; DataLoss when it does not.
  Status CheckLedger(int64_t id, const std::vector<std::string>& frames);

  // Becomes the writer as production does: fences, adds a ledger, epoch + 1, compare-and-set.
  // FailedPrecondition when the log is disabled (nothing is touched then); Aborted or AlreadyExists
  // when another writer won.
  Status Initialize();
  Status Append(std::string_view frame);  // after Initialize; waits for the acknowledgement
  uint64_t epoch() const { return current_.metadata.epoch; }
  Status Close();

  using FrameVisitor = std::function<Status(std::string_view frame, const LogAddress&)>;
  // Reads all frames from the truncation address on, in order, changing nothing. DataLoss when a
  // ledger belongs to another log; NotFound when the log was never created or a ledger is gone.
  Status ReadAll(const FrameVisitor& visit);

 private:
  // After `failure`: the version of the record if it equals `metadata`, else `failure`.
  StatusOr<int32_t> Reconcile(const LogMetadata& metadata, const Status& failure);
  // Fences the newest ledgers and learns whether they are empty.
  Status Fence(LogMetadata& metadata);
  // Puts the ledger into the record; `dropped` are those the record no longer names.
  Status AddLedger(const std::optional<VersionedLogMetadata>& loaded, int64_t ledger_id,
                   std::vector<int64_t>& dropped);
  Status ReadLedger(const LedgerRecord& record, int64_t first_entry, const FrameVisitor& visit);

  Tier1& tier1_;
  int container_;
  VersionedLogMetadata current_;
  std::unique_ptr<LedgerWriter> writer_;
};

}  // namespace pdr
