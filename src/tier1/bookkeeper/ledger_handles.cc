#include "tier1/bookkeeper/ledger_handles.h"

#include <utility>

#include "tier1/bookkeeper/replica_reads.h"

namespace pdr {
namespace {

Status NotOpen(int64_t id, LedgerState state) {
  return FailedPrecondition("ledger {} is {}: another client has taken it over", id,
                            state == LedgerState::kClosed ? "closed" : "in recovery");
}

StatusOr<LedgerMetadata> WithEnsemble(const LedgerMetadata& is, int64_t id,
                                      const std::vector<LedgerEnsemble>& before,
                                      const LedgerEnsemble& fresh) {
  LedgerMetadata wanted = is;
  if (is.state != LedgerState::kOpen) return NotOpen(id, is.state);
  wanted.ensembles = before;
  if (wanted.ensembles.back().first_entry == fresh.first_entry) wanted.ensembles.pop_back();
  wanted.ensembles.push_back(fresh);
  if (is.ensembles != before && is.ensembles != wanted.ensembles) {
    return FailedPrecondition("the ensembles of ledger {} were changed by someone else", id);
  }
  return wanted;
}

}  // namespace

BookKeeperLedgerWriter::BookKeeperLedgerWriter(LedgerAccess access, VersionedLedger ledger)
    : access_(std::move(access)),
      ledger_(std::move(ledger)),
      writer_(access_, {ledger_.metadata.ensembles.back().bookies, -1, 0, false},
              [this](int64_t first_entry, const std::vector<std::string>& bookies) {
                return ChangeEnsemble(first_entry, bookies);
              }) {}

Status BookKeeperLedgerWriter::ChangeEnsemble(int64_t first_entry,
                                              const std::vector<std::string>& bookies) {
  const std::vector<LedgerEnsemble> before = ledger_.metadata.ensembles;
  ASSIGN_OR_RETURN(ledger_, access_.cluster->nodes.Update(ledger_, [&](const LedgerMetadata& is) {
    return WithEnsemble(is, access_.id, before, {first_entry, bookies});
  }));
  return OkStatus();
}

Status BookKeeperLedgerWriter::Append(std::string_view entry) {
  if (closed_) return FailedPrecondition("ledger {} is closed", id());
  return writer_.Append(entry);
}

Status BookKeeperLedgerWriter::Flush() { return writer_.Flush(); }

Status BookKeeperLedgerWriter::Close() {
  if (closed_) return OkStatus();
  RETURN_IF_ERROR(writer_.Flush());
  const int64_t last = writer_.last_confirmed();
  const int64_t length = writer_.confirmed_length();
  auto close = [&](const LedgerMetadata& is) -> StatusOr<LedgerMetadata> {
    LedgerMetadata wanted = is;
    wanted.state = LedgerState::kClosed;
    wanted.last_entry = last;
    wanted.length = length;
    if (is.state != LedgerState::kOpen && is != wanted) return NotOpen(id(), is.state);
    return wanted;
  };
  ASSIGN_OR_RETURN(ledger_, access_.cluster->nodes.Update(ledger_, close));
  closed_ = true;
  return OkStatus();
}

BookKeeperLedgerReader::BookKeeperLedgerReader(LedgerAccess access, LedgerMetadata metadata,
                                               int64_t last_confirmed)
    : access_(std::move(access)),
      metadata_(std::move(metadata)),
      last_confirmed_(last_confirmed),
      custom_(metadata_.custom.begin(), metadata_.custom.end()) {}

StatusOr<std::string> BookKeeperLedgerReader::Read(int64_t entry) {
  if (entry < 0 || entry > last_confirmed_) {
    return FailedPrecondition("ledger {} entry {} is not confirmed; the last one is {}", id(),
                              entry, last_confirmed_);
  }
  ASSIGN_OR_RETURN(StoredEntry stored,
                   ReadEntry(access_, metadata_.EnsembleOf(entry).bookies, entry, avoid_));
  return std::move(stored.payload);
}

}  // namespace pdr
