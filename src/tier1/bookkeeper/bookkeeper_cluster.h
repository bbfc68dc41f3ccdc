// What all ledgers of one BookKeeper cluster share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "format/bookie_entry.h"
#include "tier1/bookkeeper/bookie_client.h"
#include "tier1/bookkeeper/bookie_directory.h"
#include "tier1/bookkeeper/ledger_nodes.h"
#include "tier1/tier1.h"

namespace pdr {

struct BookKeeperCluster {
  BookKeeperCluster(std::unique_ptr<MetadataStore> metadata, const Tier1Config& cfg)
      : config(cfg),
        store(std::move(metadata)),
        nodes(*store, config.LedgerRoot()),
        directory(*store, config.LedgerRoot()) {}

  const Tier1Config config;
  std::unique_ptr<MetadataStore> store;
  LedgerNodes nodes;
  BookieDirectory directory;
  BookieClient client;
};

// What it takes to talk to bookies about one ledger.
struct LedgerAccess {
  std::shared_ptr<BookKeeperCluster> cluster;
  int64_t id = -1;
  size_t write_quorum = 0;
  size_t ack_quorum = 0;
  BookieEntryCodec codec;
  std::string master_key;

  // PermissionDenied when the configured password is not the ledger's.
  static StatusOr<LedgerAccess> Of(std::shared_ptr<BookKeeperCluster> cluster,
                                   const VersionedLedger& ledger);
  // Sends to a bookie by id; `done` runs exactly once, on any thread.
  void Send(const std::string& bookie, BookieCall call, BookieCallback done) const;
};

}  // namespace pdr
