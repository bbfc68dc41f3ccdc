#include "recovery/run_identity.h"

#include "base/clock.h"
#include "recovery/interlocks.h"
#include "recovery/manifest.h"
#include "recovery/plan_digest.h"

namespace pdr {
namespace {

constexpr std::string_view kToolVersion = "0.1.0";
constexpr size_t kMaxNamed = 10;

class Differences {
 public:
  template <typename T>
  void Compare(std::string_view what, const T& was, const T& is) {
    if (was != is) text_ += fmt::format("{}: was {}, is {}\n", what, was, is);
  }
  void Add(const std::string& line) { text_ += line; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string NameChanged(const Inventory& inventory, int64_t planned_ms) {
  std::string out;
  size_t count = 0;
  for (const InventoryFile& f : inventory.files) {
    if (f.file_class == FileClass::kOwn || f.mtime_ns / kNanosPerMilli < planned_ms) continue;
    if (++count <= kMaxNamed) out += fmt::format("  written since: {}\n", f.path);
  }
  if (count > kMaxNamed) out += fmt::format("  and {} more\n", count - kMaxNamed);
  return out;
}

}  // namespace

Status DescribePlan(const Inventory& inventory, const Plan& plan, Identity& identity) {
  identity.layout = LayoutName(plan.layout);
  identity.container_count = plan.container_count;
  identity.root_fingerprint = Fingerprint(inventory);
  for (const InventoryFile& f : inventory.files) {
    if (f.file_class == FileClass::kOwn) continue;
    ++identity.files;
    identity.bytes += f.size;
  }
  identity.tool_version = kToolVersion;
  identity.plan_format = kPlanFormat;
  ASSIGN_OR_RETURN(identity.plan_digest, PlanDigest(plan));
  return OkStatus();
}

std::string DescribeMismatch(const Identity& recorded, const Identity& now,
                             const Inventory& inventory, int64_t planned_ms) {
  Differences d;
  d.Compare("cluster", recorded.cluster_name, now.cluster_name);
  d.Compare("root", recorded.root, now.root);
  d.Compare("layout", recorded.layout, now.layout);
  d.Compare("containers", recorded.container_count, now.container_count);
  d.Compare("tool version", recorded.tool_version, now.tool_version);
  d.Compare("plan format", recorded.plan_format, now.plan_format);
  d.Compare("files in Tier-2", recorded.files, now.files);
  d.Compare("bytes in Tier-2", recorded.bytes, now.bytes);
  d.Compare("fingerprint of Tier-2", recorded.root_fingerprint, now.root_fingerprint);
  if (recorded.root == now.root && recorded.root_fingerprint != now.root_fingerprint) {
    d.Add(NameChanged(inventory, planned_ms));
  }
  d.Compare("decisions (digest)", recorded.plan_digest, now.plan_digest);
  return d.Take();
}

StatusOr<std::string> DescribeOtherTarget(const Identity& recorded, const std::string& cluster_name,
                                          const std::string& root, const Disk& disk) {
  Differences d;
  d.Compare("cluster", recorded.cluster_name, cluster_name);
  // A tree that is mounted elsewhere now is still the same tree.
  const std::string run_dir = RunDir(recorded.run_id);
  const StatusOr<bool> present = IsPresent(disk, run_dir);
  RETURN_IF_ERROR(Annotate(present.status(), root));
  if (!*present) {
    d.Add(fmt::format("root: was {}, is {}, which has no {}\n", recorded.root, root, run_dir));
  }
  return d.Take();
}

}  // namespace pdr
