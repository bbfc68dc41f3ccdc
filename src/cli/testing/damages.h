// The catalogue of damaged input: how each is made, and what the program must answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/testing/damaged_tree.h"

namespace pdr {

enum class TreeKind { kChunked, kRolling };

// Where a case happens. Nothing below `top` may change.
struct DamagePlace {
  std::string top;      // holds the root, and beside it outside/secret
  std::string root;     // top/tier2
  std::string scratch;  // holds workspace/, tier1/ and whatever the case needs; may change
};

struct Damage {
  std::string name;
  TreeKind kind = TreeKind::kChunked;
  std::function<void(DamagedTree&)> tree;           // in memory; may be empty
  std::function<void(const DamagePlace&)> on_disk;  // after the tree is written; may be empty
  std::string command;                              // {root}, {workspace}, {tier1}, {scratch}
  int code = 0;
  std::string says;         // in either output
  bool plain_user = false;  // means nothing to root
};
inline constexpr const char* kCheck = "storage check {root}";
inline constexpr const char* kList = "storage list-segments {root}";
inline constexpr const char* kPlan = "dr plan {root} --workspace {workspace}";
inline constexpr const char* kRecover =
    "dr recover {root} --workspace {workspace} --tier1 embedded:{tier1} --yes";

// In the chunked and in the rolling tree.
inline constexpr const char* kStorageTable = "_system/containers/storage_metadata_0";
inline constexpr const char* kMetadataFile = "containers/metadata_0$offset.0";

std::vector<Damage> JournalDamages();      // chunked: journals, snapshots, epoch files
std::vector<Damage> ChunkedDamages();      // chunked: storage metadata, chunks
std::vector<Damage> HeaderDamages();       // rolling: headers
std::vector<Damage> TableDamages();        // metadata, controller tables, attribute indexes
std::vector<Damage> PlaceDamages();        // names, special files, roots
std::vector<Damage> TransactionDamages();  // what the controller's tables say of them
std::vector<Damage> LogDamages();          // ledgers and entries of an embedded Tier-1
std::vector<Damage> RunDamages();          // configuration, workspace, embedded Tier-1

}  // namespace pdr
