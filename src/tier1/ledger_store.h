// The ledger half of the durable-log seam: write-once sequences of entries, as BookKeeper has them.
// Implementations: our bookie client (bookkeeper/) and files (embedded/).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace pdr {

// A ledger open for writing. One writer; entries are numbered from 0 in the order of Append.
class LedgerWriter {
 public:
  virtual ~LedgerWriter() = default;
  virtual int64_t id() const = 0;
  // Sends the entry without waiting. Errors of earlier entries surface here or in Flush.
  virtual Status Append(std::string_view entry) = 0;
  // Waits until all entries are acknowledged by the ack quorum.
  virtual Status Flush() = 0;
  // Flush, then closes the ledger for good.
  virtual Status Close() = 0;
};

// A ledger open for reading. FailedPrecondition when reading beyond last_confirmed().
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;
  virtual int64_t id() const = 0;
  virtual int64_t last_confirmed() const = 0;  // -1 = empty
  virtual const std::map<std::string, std::string>& custom_metadata() const = 0;
  virtual StatusOr<std::string> Read(int64_t entry) = 0;
};

class LedgerStore {
 public:
  virtual ~LedgerStore() = default;
  virtual StatusOr<std::unique_ptr<LedgerWriter>> Create(
      const std::map<std::string, std::string>& custom_metadata) = 0;
  // Fencing open: no writer can add afterwards; recovers and closes the ledger if it is open.
  virtual StatusOr<std::unique_ptr<LedgerReader>> OpenFenced(int64_t id) = 0;
  // Read-only open: changes nothing; of an open ledger only what is known to be confirmed.
  virtual StatusOr<std::unique_ptr<LedgerReader>> OpenReadOnly(int64_t id) = 0;
  virtual Status Delete(int64_t id) = 0;              // NotFound counts as done
  virtual StatusOr<std::vector<int64_t>> List() = 0;  // ascending
  // Whether Create would find what it needs; says what is missing. Changes nothing.
  virtual Status CheckWritable() { return OkStatus(); }
};

}  // namespace pdr
