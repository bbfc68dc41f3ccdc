#include "recovery/preflight.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "recovery/interlocks.h"
#include "recovery/run_lock.h"
#include "recovery/trial.h"

namespace pdr {
namespace {

constexpr int64_t kClockSlackMillis = int64_t{10} * 60 * 1000;  // between hosts

Status TooLittle(std::string_view where, uint64_t need, uint64_t free) {
  constexpr uint64_t kMegabyte = 1000000;
  return ResourceExhausted("{}: {} MB are free, up to {} MB are needed", where, free / kMegabyte,
                           need / kMegabyte + 1);
}

}  // namespace

void Preflight::Add(std::string_view code, const Status& status) {
  if (!status.ok()) found_.push_back({std::string(code), status});
}

// Reading Tier-2 fills no disk; what is written aside meanwhile may.
void Preflight::AddUnplanned(const Status& status) {
  Add(absl::IsResourceExhausted(status) ? "workspace-space" : "tier2", status);
}

void Preflight::AddUnlessAllowed(std::string_view code, const Status& status) {
  if (status.ok() || allow_.contains(std::string(code))) return;
  Add(code, Status(status.code(), fmt::format("{}; if this is no obstacle, add --allow {}",
                                              Message(status), code)));
}

void Preflight::LookAtServers(Tier1& tier1) {
  const Status stores = CheckNoStores(tier1);
  Add(absl::IsFailedPrecondition(stores) ? "live-segment-store" : "zookeeper", stores);
  if (absl::IsUnavailable(stores)) return;  // one unreachable ZooKeeper is told once
  Add("live-controller", CheckNoControllers(tier1));
  StatusOr<std::optional<std::string>> mark = ReadRunMark(tier1);
  if (!mark.ok()) Add("zookeeper", mark.status());
}

void Preflight::LookAtLogs(Tier1& tier1, int container_count) {
  StatusOr<std::optional<std::string>> mark = ReadRunMark(tier1);
  if (mark.ok() && *mark) {
    // That Tier-1 is not empty then is that run's doing: no advice to wipe it.
    Add("other-run",
        FailedPrecondition("Tier-1 was filled by run {} ({}): resume it or undo it, with the "
                           "--workspace that it was started with",
                           **mark, RunMarkPath(tier1.config)));
    return;
  }
  const Status empty = CheckTier1Empty(tier1, container_count);
  Add("tier1-not-empty", empty);
  StatusOr<std::vector<int64_t>> ledgers = tier1.ledgers->List();
  if (!ledgers.ok()) return Add("bookies", ledgers.status());
  if (ledgers->empty() || !empty.ok()) return;
  AddUnlessAllowed("foreign-ledgers",
                   FailedPrecondition(
                       "Tier-1 is not empty: BookKeeper holds {} ledger(s) below {}, the first is "
                       "{}. A fresh one has none; another cluster that shares it may have",
                       ledgers->size(), tier1.config.LedgerRoot(), ledgers->front()));
}

void Preflight::LookAtBookies(Tier1& tier1, const StatusOr<std::vector<BookieState>>& bookies,
                              uint64_t need_bytes) {
  const Status registered = tier1.ledgers->CheckWritable();
  if (!registered.ok()) return Add("bookies", registered);
  if (!bookies.ok()) return Add("bookies", bookies.status());
  int answering = 0;
  std::string silent;
  for (const BookieState& b : *bookies) {
    if (b.answer.ok()) {
      ++answering;
    } else {
      silent += fmt::format("; {}: {}", b.id, Message(b.answer));
    }
    if (b.free_bytes && *b.free_bytes < need_bytes) {
      AddUnlessAllowed("bookie-space",
                       TooLittle(fmt::format("bookie {}", b.id), need_bytes, *b.free_bytes));
    }
  }
  if (bookies->empty() || answering >= tier1.config.ensemble_size) return;
  Add("bookies", Unavailable("{} bookies answer, an ensemble needs {}{}", answering,
                             tier1.config.ensemble_size, silent));
}

void Preflight::LookAtTier2(Disk& disk, const DiskLimits* limits, const Inventory& inventory,
                            const Plan& plan, int64_t now_ms) {
  Add("tier2-permission", TryOwnDirectory(disk));
  for (const Status& status : CheckMayCarryOut(disk, limits, plan)) Add("tier2-permission", status);
  if (limits != nullptr) {
    const uint64_t need = BytesForTier2(plan);
    StatusOr<uint64_t> free = limits->FreeBytes();
    if (!free.ok()) {
      Add("tier2-space", free.status());
    } else if (*free < need) {
      AddUnlessAllowed("tier2-space", TooLittle("Tier-2", need, *free));
    }
  }
  const auto newest = std::max_element(
      inventory.files.begin(), inventory.files.end(),
      [](const InventoryFile& a, const InventoryFile& b) { return a.mtime_ns < b.mtime_ns; });
  if (newest == inventory.files.end()) return;
  const int64_t ahead = newest->mtime_ns / kNanosPerMilli - now_ms;
  if (ahead <= kClockSlackMillis) return;
  AddUnlessAllowed("clock-behind",
                   FailedPrecondition("this host's clock is wrong, or the file server's: {} was "
                                      "written {} minutes from now",
                                      newest->path, ahead / 60000));
}

void Preflight::LookAtWorkspace(const StatusOr<uint64_t>& free_bytes, const Plan& plan) {
  if (!free_bytes.ok()) return Add("workspace-space", free_bytes.status());
  const uint64_t need = BytesForWorkspace(plan);
  if (*free_bytes >= need) return;
  AddUnlessAllowed("workspace-space", TooLittle("the workspace", need, *free_bytes));
}

Status GravestOf(const std::vector<Obstacle>& obstacles) {
  constexpr std::array kGravestFirst = {StatusCode::kFailedPrecondition,
                                        StatusCode::kPermissionDenied, StatusCode::kDataLoss};
  for (StatusCode code : kGravestFirst) {
    for (const Obstacle& o : obstacles) {
      if (o.status.code() == code) return o.status;
    }
  }
  return obstacles.empty() ? OkStatus() : obstacles.front().status;
}

}  // namespace pdr
