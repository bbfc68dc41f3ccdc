// The ledgers' records in ZooKeeper and the rules for changing them.
// docs/formats/zookeeper-layout.md section 8.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/ledger_metadata.h"
#include "tier1/metadata_store.h"

namespace pdr {

struct VersionedLedger {
  int64_t id = -1;
  LedgerMetadata metadata;
  int32_t version = 0;  // of the node
};

// Thread-safe.
class LedgerNodes {
 public:
  // What the record should become, given what it is. Must accept a record that is already so.
  using Change = std::function<StatusOr<LedgerMetadata>(const LedgerMetadata&)>;

  LedgerNodes(MetadataStore& store, std::string ledger_root)
      : store_(store), root_(std::move(ledger_root)) {}

  // Under a new id.
  StatusOr<VersionedLedger> Create(LedgerMetadata metadata);
  StatusOr<VersionedLedger> Load(int64_t id);
  // Compare-and-set, reading the record again after a conflict or an unknown outcome.
  StatusOr<VersionedLedger> Update(VersionedLedger ledger, const Change& change);
  Status Delete(int64_t id);
  StatusOr<std::vector<int64_t>> List();

 private:
  StatusOr<LedgerLayout> Layout();
  StatusOr<std::string> PathOf(int64_t id);
  StatusOr<std::optional<VersionedLedger>> TryCreate(int64_t id, const LedgerMetadata& metadata);
  Status Walk(LedgerLayout layout, const std::string& below, std::vector<int64_t>& ids);

  MetadataStore& store_;
  std::string root_;
  std::mutex mutex_;
  std::optional<LedgerLayout> layout_;
};

}  // namespace pdr
