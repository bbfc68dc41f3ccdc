// LedgerStore on ZooKeeper and bookies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tier1/bookkeeper/bookkeeper_cluster.h"
#include "tier1/ledger_store.h"

namespace pdr {

// Thread-safe; each writer and reader belongs to one thread.
class BookKeeperLedgerStore : public LedgerStore {
 public:
  // `metadata`: where the ledger root is.
  static StatusOr<std::unique_ptr<BookKeeperLedgerStore>> Open(
      std::unique_ptr<MetadataStore> metadata, const Tier1Config& config);

  StatusOr<std::unique_ptr<LedgerWriter>> Create(
      const std::map<std::string, std::string>& custom_metadata) override;
  StatusOr<std::unique_ptr<LedgerReader>> OpenFenced(int64_t id) override;
  StatusOr<std::unique_ptr<LedgerReader>> OpenReadOnly(int64_t id) override;
  Status Delete(int64_t id) override;
  StatusOr<std::vector<int64_t>> List() override;
  Status CheckWritable() override;

 private:
  explicit BookKeeperLedgerStore(std::shared_ptr<BookKeeperCluster> cluster)
      : cluster_(std::move(cluster)) {}
  StatusOr<std::unique_ptr<LedgerReader>> OpenClosed(const VersionedLedger& ledger);

  std::shared_ptr<BookKeeperCluster> cluster_;
};

}  // namespace pdr
