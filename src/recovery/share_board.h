// How far a shared run is: one node that all hosts read and change by compare-and-set. It is there
// from before the run is published until after it has ended, and thereby also says which ZooKeeper
// the run belongs to: a host with another one finds no board and must not go on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tier1/tier1.h"

namespace pdr {

enum class ShareStage : uint8_t {
  kTables,   // containers' tables are gathered (share_gather.h)
  kStreams,  // containers' streams are gathered
  kPlan,     // all is gathered: one host plans
  kPublish,  // the run is about to be published on the mount
  kBuild,    // containers are built; when all are, one host reserves every log
  kLog,      // every log is reserved: ledgers are written; then one host looks at Tier-2 again
  kSwap,     // Tier-2 was found unchanged for the last time: files are swapped
  kVerify,   // every container's files are in place: containers are judged
  kEnable,   // all of it is verified: one host enables the logs
  kUndo,     // the run is being taken back: nothing but that makes sense
};
std::string_view ShareStageName(ShareStage stage);

// Of one container, as a character of the board.
inline constexpr char kContainerSeen = 'n';      // its names, and its metadata
inline constexpr char kContainerTables = 't';    // gathered
inline constexpr char kContainerGathered = 'g';  // all of it
inline constexpr char kContainerPlanned = 'p';
inline constexpr char kContainerBuilt = 'b';
inline constexpr char kContainerLogged = 'l';
inline constexpr char kContainerSwapped = 's';
inline constexpr char kContainerFailed = 'f';  // its verification
inline constexpr char kContainerVerified = 'v';

struct Board {
  std::string run_id;
  ShareStage stage = ShareStage::kBuild;
  std::string states;  // index = container id

  bool AllAre(char state) const;
  size_t Finished() const;  // containers whose part of the stage is done
  bool operator==(const Board&) const = default;
};
std::string EncodeBoard(const Board& board);
StatusOr<Board> DecodeBoard(std::string_view text);

class ShareBoard {
 public:
  explicit ShareBoard(Tier1& tier1);

  StatusOr<std::optional<Board>> Load() const;  // nothing: no run, or it has ended
  Status Create(const Board& board);            // one of the same run is fine
  // The same in place of the board of what was gathered for the run, if there is one.
  Status Begin(const Board& board);
  // Applies `change` to the newest board of the run until that is what is stored. `change` returns
  // false when there is nothing to do, as after an update whose answer was lost.
  // FailedPrecondition when the run has no board here.
  Status Update(const std::string& run_id, const std::function<bool(Board&)>& change);
  Status Remove(const std::string& run_id);  // if it is that run's; gone is fine

 private:
  MetadataStore& store_;
  std::string path_;
};

}  // namespace pdr
