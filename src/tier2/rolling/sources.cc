#include "tier2/rolling/sources.h"

#include <string>

#include "format/names.h"

namespace pdr {
namespace {

constexpr std::string_view kReplacementSuffix = ".replace.tmp";

class SourceFinder {
 public:
  SourceFinder(const Inventory& inventory, const FileIndex& files, bool indexes, Tier2View& view)
      : inventory_(inventory), files_(files), indexes_(indexes), view_(view) {}

  std::vector<RollingSource> Run() {
    for (const InventoryFile& file : inventory_.files) AddSource(file);
    return std::move(sources_);
  }

 private:
  void AddSource(const InventoryFile& file) {
    if (file.file_class == FileClass::kBackup || file.file_class == FileClass::kOwn) return;
    std::string_view path = file.path;
    const bool temp = file.file_class == FileClass::kHeaderTemp;
    if (temp) path.remove_suffix(kReplacementSuffix.size());
    if (path.ends_with(kHeaderSuffix) && file.file_class != FileClass::kForeign &&
        file.file_class != FileClass::kSpecial) {
      return AddHeader(file, path, temp);
    }
    const bool maybe_plain =
        file.file_class == FileClass::kHeaderless ||
        ((file.file_class == FileClass::kMetadataChunk ||
          file.file_class == FileClass::kTransient || file.file_class == FileClass::kGcQueue) &&
         !ParseRollingChunkName(path));
    if (maybe_plain) AddPlain(file);
  }

  void AddHeader(const InventoryFile& file, std::string_view header_path, bool temp) {
    const std::string_view segment =
        header_path.substr(0, header_path.size() - kHeaderSuffix.size());
    if (!indexes_ && IsAttributeIndex(segment)) return;
    if (temp) {
      const InventoryFile* original = files_.Find(header_path);
      const bool used = original == nullptr;
      AddTo(segment, "header-temp",
            used ? "the header was being replaced; its new text is used"
                 : "a replacement of the header was left beside it; the header is used");
      if (!used) return;
    } else if (file.size == 0) {
      AddTo(segment, "header-empty", "the header has no bytes: the segment does not exist");
      return;
    }
    Put(segment, file);
  }

  void AddPlain(const InventoryFile& file) {
    const std::string header_name = HeaderName(file.path);
    const InventoryFile* header = files_.Find(header_name);
    const bool replaced =
        header == nullptr && files_.Find(header_name + std::string(kReplacementSuffix)) != nullptr;
    if (replaced || (header != nullptr && header->size > 0)) {
      AddTo(file.path, "headerless-shadowed", "a file of the segment's own name beside its header");
      return;
    }
    Put(file.path, file);
  }

  // The container's number, or -1 with an anomaly when it does not exist.
  int Owner(std::string_view segment) {
    const int count = inventory_.container_count;
    const int owner = ContainerOf(segment, count);
    if (owner >= 0 && owner < count) return owner;
    view_.anomalies.push_back({"container-out-of-range", -1, std::string(segment),
                               fmt::format("belongs to container {} of {}", owner, count)});
    return -1;
  }

  void Put(std::string_view segment, const InventoryFile& file) {
    if (int owner = Owner(segment); owner >= 0) {
      sources_.push_back({&file, static_cast<uint32_t>(segment.size()), owner});
    }
  }

  void AddTo(std::string_view segment, std::string code, std::string message) {
    if (int owner = Owner(segment); owner >= 0) {
      view_.containers[static_cast<size_t>(owner)].anomalies.push_back(
          {std::move(code), owner, std::string(segment), std::move(message)});
    }
  }

  const Inventory& inventory_;
  const FileIndex& files_;
  const bool indexes_;
  Tier2View& view_;
  std::vector<RollingSource> sources_;
};

}  // namespace

std::vector<RollingSource> FindRollingSources(const Inventory& inventory, const FileIndex& files,
                                              bool indexes, Tier2View& view) {
  return SourceFinder(inventory, files, indexes, view).Run();
}

}  // namespace pdr
