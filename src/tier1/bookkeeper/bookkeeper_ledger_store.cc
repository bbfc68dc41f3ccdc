#include "tier1/bookkeeper/bookkeeper_ledger_store.h"

#include <utility>

#include "tier1/bookkeeper/ledger_handles.h"
#include "tier1/bookkeeper/ledger_recovery.h"
#include "tier1/bookkeeper/replica_reads.h"

namespace pdr {

StatusOr<std::unique_ptr<BookKeeperLedgerStore>> BookKeeperLedgerStore::Open(
    std::unique_ptr<MetadataStore> metadata, const Tier1Config& config) {
  if (config.ack_quorum < 1 || config.write_quorum < config.ack_quorum ||
      config.ensemble_size < config.write_quorum) {
    return InvalidArgument(
        "bookkeeper.ensemble.size {}, bookkeeper.write.quorum.size {} and "
        "bookkeeper.ack.quorum.size {} must not ascend, and must be at least 1",
        config.ensemble_size, config.write_quorum, config.ack_quorum);
  }
  auto cluster = std::make_shared<BookKeeperCluster>(std::move(metadata), config);
  return std::unique_ptr<BookKeeperLedgerStore>(new BookKeeperLedgerStore(std::move(cluster)));
}

StatusOr<std::unique_ptr<LedgerWriter>> BookKeeperLedgerStore::Create(
    const std::map<std::string, std::string>& custom_metadata) {
  const Tier1Config& config = cluster_->config;
  LedgerMetadata metadata;
  metadata.ensemble_size = config.ensemble_size;
  metadata.write_quorum = config.write_quorum;
  metadata.ack_quorum = config.ack_quorum;
  metadata.digest = DigestTypeFromName(config.digest_type);
  metadata.password = config.password;
  metadata.custom.assign(custom_metadata.begin(), custom_metadata.end());
  ASSIGN_OR_RETURN(
      std::vector<std::string> bookies,
      cluster_->directory.Pick(static_cast<size_t>(config.ensemble_size), /*exclude=*/{}));
  metadata.ensembles = {{0, std::move(bookies)}};
  ASSIGN_OR_RETURN(VersionedLedger ledger, cluster_->nodes.Create(std::move(metadata)));
  ASSIGN_OR_RETURN(LedgerAccess access, LedgerAccess::Of(cluster_, ledger));
  return std::make_unique<BookKeeperLedgerWriter>(std::move(access), std::move(ledger));
}

StatusOr<std::unique_ptr<LedgerReader>> BookKeeperLedgerStore::OpenClosed(
    const VersionedLedger& ledger) {
  ASSIGN_OR_RETURN(LedgerAccess access, LedgerAccess::Of(cluster_, ledger));
  return std::make_unique<BookKeeperLedgerReader>(std::move(access), ledger.metadata,
                                                  ledger.metadata.last_entry);
}

StatusOr<std::unique_ptr<LedgerReader>> BookKeeperLedgerStore::OpenFenced(int64_t id) {
  ASSIGN_OR_RETURN(VersionedLedger ledger, cluster_->nodes.Load(id));
  ASSIGN_OR_RETURN(ledger, RecoverLedger(cluster_, std::move(ledger)));
  return OpenClosed(ledger);
}

StatusOr<std::unique_ptr<LedgerReader>> BookKeeperLedgerStore::OpenReadOnly(int64_t id) {
  ASSIGN_OR_RETURN(VersionedLedger ledger, cluster_->nodes.Load(id));
  if (ledger.metadata.state == LedgerState::kClosed) return OpenClosed(ledger);
  ASSIGN_OR_RETURN(LedgerAccess access, LedgerAccess::Of(cluster_, ledger));
  const LedgerEnsemble& last = ledger.metadata.ensembles.back();
  ASSIGN_OR_RETURN(int64_t known, ReadLastConfirmed(access, last.bookies, /*fence=*/false));
  int64_t last_confirmed = std::max(known, last.first_entry - 1);
  return std::make_unique<BookKeeperLedgerReader>(std::move(access), std::move(ledger.metadata),
                                                  last_confirmed);
}

Status BookKeeperLedgerStore::Delete(int64_t id) { return cluster_->nodes.Delete(id); }

StatusOr<std::vector<int64_t>> BookKeeperLedgerStore::List() { return cluster_->nodes.List(); }

Status BookKeeperLedgerStore::CheckWritable() {
  return cluster_->directory.Pick(static_cast<size_t>(cluster_->config.ensemble_size), {}).status();
}

}  // namespace pdr
