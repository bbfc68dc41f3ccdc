// Which bookies are registered in ZooKeeper, and where they listen.
// docs/formats/zookeeper-layout.md sections 4 and 6.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/bookie_registration.h"
#include "tier1/metadata_store.h"

namespace pdr {

// Thread-safe.
class BookieDirectory {
 public:
  BookieDirectory(MetadataStore& store, std::string ledger_root)
      : store_(store), root_(std::move(ledger_root)) {}

  // The ids of the bookies that take writes, as registered now.
  StatusOr<std::vector<std::string>> Writable();
  // `count` different writable bookies in random order, none of them in `exclude`. Unavailable when
  // there are not enough.
  StatusOr<std::vector<std::string>> Pick(size_t count, const std::set<std::string>& exclude);
  // Where a bookie listens; one that is not registered is tried at its id.
  StatusOr<BookieAddress> Resolve(const std::string& bookie_id);

 private:
  Status Refresh();  // with mutex_ held
  Status Read(const std::string& parent, bool writable);

  MetadataStore& store_;
  std::string root_;
  std::mutex mutex_;
  std::map<std::string, BookieAddress> addresses_;
  std::vector<std::string> writable_;
};

}  // namespace pdr
