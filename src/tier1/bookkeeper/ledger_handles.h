// Ledgers open for writing and for reading on real bookies.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tier1/bookkeeper/bookkeeper_cluster.h"
#include "tier1/bookkeeper/quorum_writer.h"
#include "tier1/ledger_store.h"

namespace pdr {

class BookKeeperLedgerWriter : public LedgerWriter {
 public:
  BookKeeperLedgerWriter(LedgerAccess access, VersionedLedger ledger);

  int64_t id() const override { return access_.id; }
  Status Append(std::string_view entry) override;
  Status Flush() override;
  Status Close() override;

 private:
  Status ChangeEnsemble(int64_t first_entry, const std::vector<std::string>& bookies);

  LedgerAccess access_;
  VersionedLedger ledger_;
  bool closed_ = false;
  QuorumWriter writer_;
};

class BookKeeperLedgerReader : public LedgerReader {
 public:
  BookKeeperLedgerReader(LedgerAccess access, LedgerMetadata metadata, int64_t last_confirmed);

  int64_t id() const override { return access_.id; }
  int64_t last_confirmed() const override { return last_confirmed_; }
  const std::map<std::string, std::string>& custom_metadata() const override { return custom_; }
  StatusOr<std::string> Read(int64_t entry) override;

 private:
  LedgerAccess access_;
  LedgerMetadata metadata_;
  int64_t last_confirmed_;
  std::map<std::string, std::string> custom_;
  std::set<std::string> avoid_;  // bookies that failed to answer a read
};

}  // namespace pdr
