// New ledger ids from ZooKeeper's sequence numbers. docs/formats/zookeeper-layout.md section 7.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "format/ledger_metadata.h"
#include "tier1/metadata_store.h"

namespace pdr {

class LedgerIdGenerator {
 public:
  LedgerIdGenerator(MetadataStore& store, std::string ledger_root, LedgerLayout layout)
      : store_(store), root_(std::move(ledger_root)), layout_(layout) {}

  StatusOr<int64_t> Next();

 private:
  // The next sequence number below a parent; nothing when it has overflown.
  StatusOr<std::optional<int64_t>> Sequence(const std::string& prefix);
  StatusOr<int64_t> NextLong();

  MetadataStore& store_;
  std::string root_;
  LedgerLayout layout_;
};

}  // namespace pdr
