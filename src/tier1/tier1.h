// Tier-1 as one thing: where the log metadata and the controller's nodes live, and where the
// ledgers live. Opened either on ZooKeeper and bookies or on a directory.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "tier1/ledger_store.h"
#include "tier1/metadata_store.h"

namespace pdr {

// Pravega's own configuration keys that concern Tier-1 (docs/formats/zookeeper-layout.md section
// 1).
struct Tier1Config {
  std::string cluster_name = "pravega-cluster";
  std::string pravega_zk_uri;     // pravegaservice.zk.connect.uri
  std::string bookkeeper_zk_uri;  // bookkeeper.zk.connect.uri
  std::string zk_metadata_path = "/segmentstore/containers";
  int zk_metadata_depth = 2;
  std::string ledger_path;  // empty = <namespace>/bookkeeper/ledgers
  int ensemble_size = 3;
  int write_quorum = 3;
  int ack_quorum = 2;
  std::string digest_type = "CRC32C";  // CRC32C, CRC32, MAC, DUMMY
  std::string password;
  int zk_session_timeout_ms = 10000;
  int write_timeout_ms = 60000;
  int read_timeout_ms = 30000;

  std::string Namespace() const { return "/pravega/" + cluster_name; }
  std::string LogMetadataRoot() const { return Namespace() + zk_metadata_path; }
  std::string LedgerRoot() const {
    return ledger_path.empty() ? Namespace() + "/bookkeeper/ledgers" : ledger_path;
  }
};

struct Tier1 {
  Tier1Config config;
  std::unique_ptr<MetadataStore> metadata;  // the ensemble of pravegaservice.zk.connect.uri
  std::unique_ptr<LedgerStore> ledgers;
};

// A directory in place of ZooKeeper and bookies, with the same records and frames.
StatusOr<Tier1> OpenEmbeddedTier1(const std::string& directory, const Tier1Config& config);
// ZooKeeper and bookies. Every wait is bounded: Unavailable names what could not be reached.
StatusOr<Tier1> OpenBookKeeperTier1(const Tier1Config& config);

}  // namespace pdr
