#include "tier1/bookkeeper/bookkeeper_cluster.h"

namespace pdr {

StatusOr<LedgerAccess> LedgerAccess::Of(std::shared_ptr<BookKeeperCluster> cluster,
                                        const VersionedLedger& ledger) {
  const Tier1Config& config = cluster->config;
  const LedgerMetadata& metadata = ledger.metadata;
  if (metadata.password && *metadata.password != config.password) {
    return PermissionDenied(
        "ledger {} has another password than the configured one; set "
        "bookkeeper.connect.security.auth.pwd to what the cluster uses",
        ledger.id);
  }
  DigestType digest = metadata.digest.value_or(DigestTypeFromName(config.digest_type));
  BookieEntryCodec codec(ledger.id, digest, config.password);
  return LedgerAccess{std::move(cluster),
                      ledger.id,
                      static_cast<size_t>(metadata.write_quorum),
                      static_cast<size_t>(metadata.ack_quorum),
                      std::move(codec),
                      LedgerMasterKey(config.password)};
}

void LedgerAccess::Send(const std::string& bookie, BookieCall call, BookieCallback done) const {
  StatusOr<BookieAddress> address = cluster->directory.Resolve(bookie);
  if (!address.ok()) return done(address.status());
  cluster->client.Send(*address, std::move(call), std::move(done));
}

}  // namespace pdr
