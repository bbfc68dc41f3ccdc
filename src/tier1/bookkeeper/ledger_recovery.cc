#include "tier1/bookkeeper/ledger_recovery.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "tier1/bookkeeper/quorum_writer.h"
#include "tier1/bookkeeper/replica_reads.h"

namespace pdr {
namespace {

StatusOr<LedgerMetadata> MarkInRecovery(const LedgerMetadata& is) {
  LedgerMetadata wanted = is;
  if (is.state == LedgerState::kOpen) wanted.state = LedgerState::kInRecovery;
  return wanted;
}

// The length of everything up to an acknowledged entry, from the entry itself.
StatusOr<int64_t> LengthUpTo(const LedgerAccess& access, const LedgerMetadata& metadata,
                             int64_t entry) {
  if (entry < 0) return 0;
  std::set<std::string> avoid;
  ASSIGN_OR_RETURN(StoredEntry stored,
                   ReadEntry(access, metadata.EnsembleOf(entry).bookies, entry, avoid));
  return stored.length;
}

// What recovery found, to be written with the close.
struct Recovered {
  int64_t last_entry = -1;
  int64_t length = 0;
  std::vector<LedgerEnsemble> ensembles;
};

void PutEnsemble(std::vector<LedgerEnsemble>& ensembles, int64_t first_entry,
                 const std::vector<std::string>& bookies) {
  if (ensembles.back().first_entry == first_entry) ensembles.pop_back();
  ensembles.push_back({first_entry, bookies});
}

// Reads on from the last confirmed entry, and writes what it finds to a full write set again:
// an entry that is on one bookie only must not be there for one reader and gone for the next.
StatusOr<Recovered> RecoverEntries(const LedgerAccess& access, const LedgerMetadata& metadata,
                                   int64_t last_confirmed) {
  Recovered out{last_confirmed, 0, metadata.ensembles};
  const std::vector<std::string> bookies = metadata.ensembles.back().bookies;
  std::optional<QuorumWriter> writer;
  for (int64_t entry = last_confirmed + 1;; ++entry) {
    ASSIGN_OR_RETURN(std::optional<StoredEntry> stored,
                     ReadEntryForRecovery(access, bookies, entry));
    if (!stored) break;
    if (!writer) {
      int64_t before = stored->length - static_cast<int64_t>(stored->payload.size());
      writer.emplace(access, QuorumWriter::Start{bookies, last_confirmed, before, true},
                     [&out](int64_t first, const std::vector<std::string>& changed) {
                       PutEnsemble(out.ensembles, first, changed);
                       return OkStatus();
                     });
    }
    RETURN_IF_ERROR(writer->Append(stored->payload));
  }
  if (!writer) {
    ASSIGN_OR_RETURN(out.length, LengthUpTo(access, metadata, last_confirmed));
    return out;
  }
  RETURN_IF_ERROR(writer->Flush());
  out.last_entry = writer->last_confirmed();
  out.length = writer->confirmed_length();
  return out;
}

StatusOr<LedgerMetadata> CloseAs(const Recovered& found, const LedgerMetadata& before,
                                 const LedgerMetadata& is, int64_t id) {
  if (is.state == LedgerState::kClosed) {
    if (is.last_entry == found.last_entry && is.length == found.length) return is;
    return Aborted("ledger {} was closed by someone else at entry {} while it was recovered to {}",
                   id, is.last_entry, found.last_entry);
  }
  if (is.state != LedgerState::kInRecovery || is.ensembles != before.ensembles) {
    return Aborted("ledger {} was changed by someone else while it was recovered", id);
  }
  LedgerMetadata wanted = is;
  wanted.state = LedgerState::kClosed;
  wanted.last_entry = found.last_entry;
  wanted.length = found.length;
  wanted.ensembles = found.ensembles;
  return wanted;
}

}  // namespace

StatusOr<VersionedLedger> RecoverLedger(const std::shared_ptr<BookKeeperCluster>& cluster,
                                        VersionedLedger ledger) {
  ASSIGN_OR_RETURN(LedgerAccess access, LedgerAccess::Of(cluster, ledger));
  ASSIGN_OR_RETURN(ledger, cluster->nodes.Update(std::move(ledger), MarkInRecovery));
  if (ledger.metadata.state == LedgerState::kClosed) return ledger;
  const LedgerMetadata before = ledger.metadata;
  const LedgerEnsemble& last = before.ensembles.back();
  ASSIGN_OR_RETURN(int64_t known, ReadLastConfirmed(access, last.bookies, /*fence=*/true));
  // An ensemble begins after the last entry that was confirmed before it.
  int64_t last_confirmed = std::max(known, last.first_entry - 1);
  ASSIGN_OR_RETURN(Recovered found, RecoverEntries(access, before, last_confirmed));
  return cluster->nodes.Update(std::move(ledger), [&](const LedgerMetadata& is) {
    return CloseAs(found, before, is, access.id);
  });
}

}  // namespace pdr
