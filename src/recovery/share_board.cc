#include "recovery/share_board.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/str_split.h"
#include "recovery/share_claims.h"

namespace pdr {
namespace {

constexpr std::array<std::string_view, 10> kStages = {
    "tables", "streams", "plan", "publish", "build", "log", "swap", "verify", "enable", "undo"};
constexpr std::string_view kStateLetters = "ntgpblsfv";
constexpr int kAttempts = 100;  // each failed one is somebody else's progress, or a lost answer

struct Stored {
  Board board;
  int32_t version = 0;
};

StatusOr<std::optional<Stored>> LoadStored(MetadataStore& store, const std::string& path) {
  StatusOr<Node> node = store.Get(path);
  if (absl::IsNotFound(node.status())) return std::optional<Stored>();
  RETURN_IF_ERROR(node.status());
  StatusOr<Board> board = DecodeBoard(node->data);
  if (!board.ok()) return Annotate(board.status(), path);
  return std::optional(Stored{*std::move(board), node->version});
}

}  // namespace

std::string_view ShareStageName(ShareStage stage) { return kStages[static_cast<size_t>(stage)]; }

bool Board::AllAre(char state) const {
  return states.find_first_not_of(state) == std::string::npos;
}

size_t Board::Finished() const {
  char done = kContainerVerified;
  if (stage == ShareStage::kTables) done = kContainerTables;
  if (stage == ShareStage::kStreams || stage == ShareStage::kPlan) done = kContainerGathered;
  if (stage == ShareStage::kBuild) done = kContainerBuilt;
  if (stage == ShareStage::kLog) done = kContainerLogged;
  if (stage == ShareStage::kSwap) done = kContainerSwapped;
  return static_cast<size_t>(std::count(states.begin(), states.end(), done));
}

std::string EncodeBoard(const Board& board) {
  return fmt::format("run {}\nstage {}\ncontainers {}\n", board.run_id, ShareStageName(board.stage),
                     board.states);
}

StatusOr<Board> DecodeBoard(std::string_view text) {
  Board board;
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n');
  const auto value = [&](size_t line, std::string_view key) -> StatusOr<std::string> {
    const std::string prefix = fmt::format("{} ", key);
    if (lines.size() > line && lines[line].starts_with(prefix)) {
      return lines[line].substr(prefix.size());
    }
    return DataLoss("no line \"{}\" where it must be", key);
  };
  ASSIGN_OR_RETURN(board.run_id, value(0, "run"));
  ASSIGN_OR_RETURN(const std::string stage, value(1, "stage"));
  ASSIGN_OR_RETURN(board.states, value(2, "containers"));
  const auto* found = std::find(kStages.begin(), kStages.end(), stage);
  if (found == kStages.end()) return DataLoss("stage \"{}\"", stage);
  board.stage = static_cast<ShareStage>(found - kStages.begin());
  if (board.states.find_first_not_of(kStateLetters) != std::string::npos) {
    return DataLoss("container states \"{}\"", board.states);
  }
  return board;
}

ShareBoard::ShareBoard(Tier1& tier1) : store_(*tier1.metadata), path_(SharePath(tier1.config)) {}

StatusOr<std::optional<Board>> ShareBoard::Load() const {
  ASSIGN_OR_RETURN(std::optional<Stored> stored, LoadStored(store_, path_));
  if (!stored) return std::optional<Board>();
  return std::optional(std::move(stored->board));
}

Status ShareBoard::Create(const Board& board) {
  Status created = store_.Create(path_, EncodeBoard(board), /*ephemeral=*/false);
  if (created.ok()) return created;
  ASSIGN_OR_RETURN(std::optional<Board> there, Load());
  return there && there->run_id == board.run_id ? OkStatus() : created;
}

Status ShareBoard::Begin(const Board& board) {
  ASSIGN_OR_RETURN(const std::optional<Board> there, Load());
  if (!there || there->stage != ShareStage::kPlan) return Create(board);
  Status replaced = Update(there->run_id, [&board](Board& b) {
    b = board;
    return true;
  });
  if (replaced.ok()) return replaced;
  ASSIGN_OR_RETURN(const std::optional<Board> now, Load());  // the answer may have been lost
  return now == board ? OkStatus() : replaced;
}

Status ShareBoard::Update(const std::string& run_id, const std::function<bool(Board&)>& change) {
  Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(std::optional<Stored> stored, LoadStored(store_, path_));
    if (!stored || stored->board.run_id != run_id) {
      return FailedPrecondition(
          "the shared run {} has ended, or belongs to another ZooKeeper: {} is not there", run_id,
          path_);
    }
    if (!change(stored->board)) return OkStatus();
    last = store_.Set(path_, EncodeBoard(stored->board), stored->version).status();
    if (last.ok()) return last;
    if (!absl::IsAborted(last) && !absl::IsUnavailable(last)) return last;
  }
  return Annotate(last, path_);
}

Status ShareBoard::Remove(const std::string& run_id) {
  ASSIGN_OR_RETURN(std::optional<Stored> stored, LoadStored(store_, path_));
  if (!stored || stored->board.run_id != run_id) return OkStatus();
  Status removed = store_.Delete(path_, stored->version);
  return absl::IsNotFound(removed) ? OkStatus() : removed;
}

}  // namespace pdr
