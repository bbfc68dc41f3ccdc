// Adds entries to the bookies of an ensemble: pipelined, acknowledged in order, replacing bookies
// that fail. docs/formats/bookkeeper-wire.md section 6.
//
// Answers only take notes; everything that follows from them (replacing a bookie, sending again)
// is done by the thread that calls Append or Flush.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tier1/bookkeeper/bookkeeper_cluster.h"

namespace pdr {

class QuorumWriter {
 public:
  // Makes it known that entries from first_entry on are on other bookies.
  using EnsembleChange =
      std::function<Status(int64_t first_entry, const std::vector<std::string>& bookies)>;
  struct Start {
    std::vector<std::string> bookies;
    int64_t last_confirmed = -1;  // the first entry to add is the next one
    int64_t length = 0;           // of everything up to it
    bool recovery = false;        // adds to a fenced ledger
  };

  QuorumWriter(LedgerAccess ledger, const Start& start, EnsembleChange change);

  // FailedPrecondition: another client has fenced the ledger. Errors stay.
  Status Append(std::string_view payload);
  Status Flush();
  int64_t last_confirmed() const;
  int64_t confirmed_length() const;

 private:
  struct Entry;
  struct State;

  // Waits until `enough`, replacing bookies that fail meanwhile.
  Status Drive(const std::function<bool(const State&)>& enough);
  Status ReplaceFailed();
  // Puts other bookies in the place of those that failed.
  Status ChangeEnsemble(int64_t first_entry, const std::vector<size_t>& failed,
                        std::vector<std::string>& bookies);
  void Send(const Entry& entry, size_t index);
  void SendAgain(const std::vector<Entry>& entries, const std::vector<size_t>& indexes);

  LedgerAccess ledger_;
  bool recovery_;
  EnsembleChange change_;
  int64_t next_entry_;
  int64_t length_;
  std::set<std::string> bad_;  // bookies that have failed here
  std::shared_ptr<State> state_;
};

}  // namespace pdr
