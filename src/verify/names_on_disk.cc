#include "verify/names_on_disk.h"

#include <algorithm>
#include <charconv>

#include "format/names.h"
#include "tier2/classify.h"
#include "tier2/tree_walk.h"

namespace pdr::verify {
namespace {

constexpr size_t kIdHalf = 16;  // hex digits

std::optional<uint64_t> Hex(std::string_view digits) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool IsOwn(std::string_view path) {
  return path == kOwnDir || ClassifyName(path).file_class == FileClass::kOwn;
}

class NameSorter {
 public:
  NameSorter(Layout layout, int container_count) : layout_(layout), count_(container_count) {
    names_.containers.resize(static_cast<size_t>(container_count));
  }

  DiskNames Run(WalkedTree tree) {
    for (const InventoryFile& file : tree.files) {
      if (file.file_class == FileClass::kSpecial) {
        names_.unseen.emplace(file.path);
      } else if (file.file_class != FileClass::kOwn) {
        File(file.path);
      }
    }
    // There is a file of that name, whatever it is.
    for (Unreadable& entry : tree.unreadable) {
      if (!IsSafeRelativePath(entry.path)) continue;  // nobody asks for it
      const auto [path, added] = names_.unseen.insert(std::move(entry.path));
      if (added && !entry.listing && !IsOwn(*path)) File(*path);
    }
    for (ContainerNames& c : names_.containers) {
      std::sort(c.chunks.begin(), c.chunks.end());
      std::sort(c.segments.begin(), c.segments.end());
    }
    names_.files = std::move(tree.files);
    names_.paths = std::move(tree.names);
    return std::move(names_);
  }

 private:
  void File(std::string_view path) {
    if (!IsPlainText(path)) return;
    names_.highest_transaction = std::max(names_.highest_transaction, TransactionNumberIn(path));
    if (layout_ == Layout::kRolling) {
      RollingFile(path);
    } else {
      ChunkedFile(path);
    }
  }

  void RollingFile(std::string_view path) {
    if (path.ends_with(kHeaderSuffix)) {
      const std::string_view segment = path.substr(0, path.size() - kHeaderSuffix.size());
      if (ContainerNames* c = Owner(segment)) c->segments.push_back(segment);
    } else if (auto chunk = ParseRollingChunkName(path)) {
      if (ContainerNames* c = Owner(chunk->segment)) c->chunks.push_back(path);
    }
  }

  void ChunkedFile(std::string_view path) {
    if (auto journal = ParseJournalName(path)) {
      if (journal->container < 0 || journal->container >= count_) return;
      JournalNames& journals = names_.containers[static_cast<size_t>(journal->container)].journals;
      (journal->snapshot ? journals.snapshots : journals.files)
          .emplace(journal->epoch, journal->index);
    } else if (auto chunk = ParseChunkName(path)) {
      if (ContainerNames* c = Owner(chunk->segment)) c->chunks.push_back(path);
    }
  }

  ContainerNames* Owner(std::string_view segment) {
    if (IsBackupSegment(segment)) return nullptr;  // another recovery tool's, never asked for
    const int container = ContainerOf(segment, count_);
    if (container < 0 || container >= count_) return nullptr;
    return &names_.containers[static_cast<size_t>(container)];
  }

  Layout layout_;
  int count_;
  DiskNames names_;
};

}  // namespace

std::optional<TransactionNumber> TransactionNumberIn(std::string_view name) {
  const size_t at = name.rfind(kTransactionDelimiter);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view id = name.substr(at + kTransactionDelimiter.size());
  if (id.size() < 2 * kIdHalf) return std::nullopt;
  auto most = Hex(id.substr(0, kIdHalf));
  auto least = Hex(id.substr(kIdHalf, kIdHalf));
  if (!most.has_value() || !least.has_value()) return std::nullopt;
  return TransactionNumber(static_cast<int32_t>(*most & 0xffffffff), static_cast<int64_t>(*least));
}

const InventoryFile* DiskNames::Find(std::string_view path) const {
  const InventoryFile* file = FindFile(files, path);
  return file == nullptr || file->file_class == FileClass::kSpecial ? nullptr : file;
}

bool DiskNames::MayBeUnseen(std::string_view path) const {
  if (unseen.empty()) return false;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = path.find('/', end + 1);
    if (unseen.contains(path.substr(0, end))) return true;
  }
  return false;
}

StatusOr<DiskNames> WalkNames(const Disk& disk, Layout layout, int container_count) {
  StatusOr<WalkedTree> tree = WalkTree(disk, Progress::Silent());
  if (!tree.ok()) return Annotate(tree.status(), "the root");
  for (const Unreadable& entry : tree->unreadable) {
    // A single file that could not be looked at matters only to those who ask for it.
    if (!entry.listing || IsOwn(entry.path) || !IsPlainText(entry.path)) continue;
    return Status(entry.code, entry.reason);
  }
  return NameSorter(layout, container_count).Run(*std::move(tree));
}

}  // namespace pdr::verify
