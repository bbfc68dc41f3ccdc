#include <utility>

#include "tier1/bookkeeper/bookkeeper_ledger_store.h"
#include "tier1/bookkeeper/zookeeper_store.h"
#include "tier1/tier1.h"

namespace pdr {

StatusOr<Tier1> OpenBookKeeperTier1(const Tier1Config& config) {
  Tier1 tier1;
  tier1.config = config;
  StatusOr<std::unique_ptr<ZooKeeperStore>> nodes =
      ZooKeeperStore::Connect(config.pravega_zk_uri, config.zk_session_timeout_ms);
  if (!nodes.ok()) return Annotate(nodes.status(), "pravegaservice.zk.connect.uri");
  tier1.metadata = std::move(*nodes);
  StatusOr<std::unique_ptr<ZooKeeperStore>> ledgers =
      ZooKeeperStore::Connect(config.bookkeeper_zk_uri, config.zk_session_timeout_ms);
  if (!ledgers.ok()) return Annotate(ledgers.status(), "bookkeeper.zk.connect.uri");
  ASSIGN_OR_RETURN(tier1.ledgers, BookKeeperLedgerStore::Open(std::move(*ledgers), config));
  return tier1;
}

}  // namespace pdr
