#include "tier2/inventory.h"

#include <algorithm>
#include <array>

namespace pdr {
namespace {

constexpr std::array<std::string_view, 16> kClassNames = {
    "chunk",      "attribute-chunk", "header",          "metadata", "journal",
    "snapshot",   "snapshot-info",   "container-epoch", "gc-queue", "transient",
    "headerless", "header-temp",     "backup",          "own",      "foreign",
    "special"};
static_assert(kClassNames.size() == static_cast<size_t>(FileClass::kSpecial) + 1);

}  // namespace

std::string_view LayoutName(Layout layout) {
  return layout == Layout::kRolling ? "rolling" : "chunked";
}

std::string_view FileClassName(FileClass c) { return kClassNames[static_cast<size_t>(c)]; }

const InventoryFile* FindFile(std::span<const InventoryFile> files, std::string_view path) {
  auto it = std::lower_bound(
      files.begin(), files.end(), path,
      [](const InventoryFile& file, std::string_view wanted) { return file.path < wanted; });
  return it != files.end() && it->path == path ? &*it : nullptr;
}

const InventoryFile* Inventory::Find(std::string_view path) const { return FindFile(files, path); }

std::map<FileClass, uint64_t> Inventory::CountByClass() const {
  std::map<FileClass, uint64_t> out;
  for (const InventoryFile& file : files) ++out[file.file_class];
  return out;
}

Status CheckConfigured(const Inventory& inventory, std::optional<int> container_count,
                       std::optional<Layout> layout) {
  if (container_count && *container_count != inventory.container_count) {
    return FailedPrecondition(
        "{} containers are configured, Tier-2 holds {}: pravegaservice.container.count must be the "
        "number this cluster was made with",
        *container_count, inventory.container_count);
  }
  if (layout && *layout != inventory.layout) {
    return FailedPrecondition("the {} layout is configured, Tier-2 holds the {} layout",
                              LayoutName(*layout), LayoutName(inventory.layout));
  }
  return OkStatus();
}

Status AboutTree(const Status& status) {
  if (status.code() != StatusCode::kFailedPrecondition) return status;
  return DataLoss("{}", Message(status));
}

}  // namespace pdr
