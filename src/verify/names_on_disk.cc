#include "verify/names_on_disk.h"

#include <algorithm>
#include <charconv>

#include "format/names.h"
#include "tier2/classify.h"

namespace pdr::verify {
namespace {

constexpr size_t kIdHalf = 16;  // hex digits

std::optional<uint64_t> Hex(std::string_view digits) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

class Walk {
 public:
  Walk(const Disk& disk, Layout layout, int container_count)
      : disk_(disk), layout_(layout), count_(container_count) {
    names_.containers.resize(static_cast<size_t>(container_count));
  }

  StatusOr<DiskNames> Run() {
    std::vector<std::string> pending = {""};
    while (!pending.empty()) {
      const std::string dir = std::move(pending.back());
      pending.pop_back();
      StatusOr<std::vector<DirEntry>> entries = disk_.List(dir);
      if (!entries.ok()) return Annotate(entries.status(), dir.empty() ? "the root" : dir);
      for (const DirEntry& entry : *entries) {
        if (dir.empty() && entry.name == kOwnDir) continue;
        std::string path = dir.empty() ? entry.name : dir + "/" + entry.name;
        if (!IsSafeRelativePath(path) || !IsPlainText(path)) continue;  // nobody asks for it
        if (entry.kind == FileKind::kRegular) {
          File(std::move(path));
        } else if (entry.kind == FileKind::kDirectory) {
          pending.push_back(std::move(path));
        }
      }
    }
    for (ContainerNames& c : names_.containers) {
      std::sort(c.chunks.begin(), c.chunks.end());
      std::sort(c.segments.begin(), c.segments.end());
    }
    return std::move(names_);
  }

 private:
  void File(std::string path) {
    if (auto number = TransactionNumberIn(path)) {
      names_.highest_transaction = std::max(names_.highest_transaction.value_or(*number), *number);
    }
    if (layout_ == Layout::kRolling) {
      RollingFile(std::move(path));
    } else {
      ChunkedFile(std::move(path));
    }
  }

  void RollingFile(std::string path) {
    if (path.ends_with(kHeaderSuffix)) {
      std::string segment = path.substr(0, path.size() - kHeaderSuffix.size());
      if (ContainerNames* c = Owner(segment)) c->segments.push_back(std::move(segment));
    } else if (auto chunk = ParseRollingChunkName(path)) {
      if (ContainerNames* c = Owner(chunk->segment)) c->chunks.push_back(std::move(path));
    }
  }

  void ChunkedFile(std::string path) {
    if (auto journal = ParseJournalName(path)) {
      if (journal->container < 0 || journal->container >= count_) return;
      JournalNames& journals = names_.containers[static_cast<size_t>(journal->container)].journals;
      (journal->snapshot ? journals.snapshots : journals.files)
          .emplace(journal->epoch, journal->index);
    } else if (auto chunk = ParseChunkName(path)) {
      if (ContainerNames* c = Owner(chunk->segment)) c->chunks.push_back(std::move(path));
    }
  }

  ContainerNames* Owner(std::string_view segment) {
    if (IsBackupSegment(segment)) return nullptr;  // another recovery tool's, never asked for
    const int container = ContainerOf(segment, count_);
    if (container < 0 || container >= count_) return nullptr;
    return &names_.containers[static_cast<size_t>(container)];
  }

  const Disk& disk_;
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

StatusOr<DiskNames> WalkNames(const Disk& disk, Layout layout, int container_count) {
  return Walk(disk, layout, container_count).Run();
}

}  // namespace pdr::verify
