#include "recovery/interlocks.h"

#include <algorithm>
#include <map>

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

std::string Line(const InventoryFile& f) {
  return fmt::format("{}\n{} {:o} {}\n", f.path, f.size, f.mode, f.mtime_ns);
}

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
    if (f.file_class != FileClass::kOwn) newest_ns = std::max(newest_ns, f.mtime_ns);
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
  for (const InventoryFile& f : inventory.files) {
    if (f.file_class != FileClass::kOwn) all.Add(Line(f));
  }
  return ToHex(all.Finish());
}

std::string DescribeChanges(const Inventory& before, const Inventory& after) {
  std::map<std::string_view, std::pair<const InventoryFile*, const InventoryFile*>> both;
  for (const InventoryFile& f : before.files) both[f.path].first = &f;
  for (const InventoryFile& f : after.files) both[f.path].second = &f;
  std::string out;
  size_t count = 0;
  for (const auto& [path, pair] : both) {
    const auto& [old_file, new_file] = pair;
    const InventoryFile& any = old_file != nullptr ? *old_file : *new_file;
    if (any.file_class == FileClass::kOwn) continue;
    if (old_file != nullptr && new_file != nullptr && Line(*old_file) == Line(*new_file)) continue;
    if (++count > kMaxDescribed) continue;
    const std::string_view how = old_file == nullptr   ? "appeared"
                                 : new_file == nullptr ? "vanished"
                                                       : "changed";
    out += fmt::format("{} {}\n", path, how);
  }
  if (count > kMaxDescribed) out += fmt::format("and {} more\n", count - kMaxDescribed);
  return out;
}

}  // namespace pdr
