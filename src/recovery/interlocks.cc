#include "recovery/interlocks.h"

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "base/hash.h"
#include "base/sha256_stream.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

constexpr size_t kMaxDescribed = 10;

Status CheckNoChildren(Tier1& tier1, const std::string& path, std::string_view what) {
  ASSIGN_OR_RETURN(const std::vector<std::string> children, ChildrenOrNone(*tier1.metadata, path));
  if (children.empty()) return OkStatus();
  return FailedPrecondition(
      "{} {} registered at {} ({}): stop every segment store and controller, wait for their "
      "sessions to end, and run again",
      children.size(), what, path, fmt::join(children, ", "));
}

bool IsOwn(const InventoryFile& f) { return f.file_class == FileClass::kOwn; }

bool IsSame(const InventoryFile& a, const InventoryFile& b) {
  return a.size == b.size && a.mode == b.mode && a.mtime_ns == b.mtime_ns;
}

// The first few that differ between two looks.
class Changes {
 public:
  void Add(const InventoryFile& f, std::string_view how) {
    if (!IsOwn(f) && ++count_ <= kMaxDescribed) text_ += fmt::format("{} {}\n", f.path, how);
  }
  std::string Take() {
    if (count_ > kMaxDescribed) text_ += fmt::format("and {} more\n", count_ - kMaxDescribed);
    return std::move(text_);
  }

 private:
  std::string text_;
  size_t count_ = 0;
};

}  // namespace

Status CheckNoStores(Tier1& tier1) {
  return CheckNoChildren(tier1, tier1.config.Namespace() + "/cluster/hosts",
                         "segment store(s) are");
}

Status CheckNoControllers(Tier1& tier1) {
  return CheckNoChildren(tier1, tier1.config.Namespace() + "/cluster/controllers",
                         "controller(s) are");
}

Status CheckNobodyLive(Tier1& tier1) {
  RETURN_IF_ERROR(CheckNoStores(tier1));
  return CheckNoControllers(tier1);
}

StatusOr<int> CountLogs(Tier1& tier1, int container_count) {
  int count = 0;
  for (int c = 0; c < container_count; ++c) {
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, DurableLog(tier1, c).Load());
    if (found) ++count;
  }
  return count;
}

int64_t NewestMillis(const Inventory& inventory) {
  int64_t newest_ns = 0;
  for (const InventoryFile& f : inventory.files) {
    if (!IsOwn(f)) newest_ns = std::max(newest_ns, f.mtime_ns);
  }
  return newest_ns / kNanosPerMilli;
}

Status CheckTier1Empty(Tier1& tier1, int container_count) {
  for (int c = 0; c < container_count; ++c) {
    DurableLog log(tier1, c);
    ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> found, log.Load());
    if (!found) continue;
    return FailedPrecondition(
        "Tier-1 is not empty: container {} has a log at {} (epoch {}, {} ledgers). This tool "
        "rebuilds clusters whose Tier-1 is lost as a whole; if this log is worthless, start with "
        "an empty ZooKeeper and BookKeeper",
        c, log.metadata_path(), found->metadata.epoch, found->metadata.ledgers.size());
  }
  return OkStatus();
}

std::string Fingerprint(const Inventory& inventory) {
  Sha256Stream all;
  std::string line;
  for (const InventoryFile& f : inventory.files) {
    if (IsOwn(f)) continue;
    line = f.path;
    fmt::format_to(std::back_inserter(line), "\n{} {:o} {}\n", f.size, f.mode, f.mtime_ns);
    all.Add(line);
  }
  return ToHex(all.Finish());
}

std::string DescribeChanges(const Inventory& before, const Inventory& after) {
  Changes changes;
  auto old_file = before.files.begin();
  auto new_file = after.files.begin();
  while (old_file != before.files.end() || new_file != after.files.end()) {
    const int order = old_file == before.files.end()  ? 1
                      : new_file == after.files.end() ? -1
                                                      : old_file->path.compare(new_file->path);
    if (order < 0) {
      changes.Add(*old_file++, "vanished");
    } else if (order > 0) {
      changes.Add(*new_file++, "appeared");
    } else {
      if (!IsSame(*old_file, *new_file)) changes.Add(*new_file, "changed");
      ++old_file;
      ++new_file;
    }
  }
  return changes.Take();
}

}  // namespace pdr
