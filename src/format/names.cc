#include "format/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pdr {
namespace {

constexpr std::string_view kMetadataPrefix = "_system/containers/metadata_";
constexpr std::string_view kStorageMetadataPrefix = "_system/containers/storage_metadata_";
constexpr std::string_view kEventProcessorPrefix = "_system/containers/event_processor_";
constexpr std::string_view kJournalPrefix = "_system/containers/_sysjournal.epoch";
constexpr std::string_view kOffsetInfix = "$offset.";
constexpr size_t kUuidChars = 36;
constexpr size_t kMaxPathBytes = 4096;

// A number as Java prints it: no sign, no leading zeros.
template <typename T>
std::optional<T> ParseNumber(std::string_view s) {
  T value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size() || s[0] == '-') return std::nullopt;
  if (s[0] == '0' && s.size() > 1) return std::nullopt;
  return value;
}

bool Consume(std::string_view& s, std::string_view prefix) {
  if (!s.starts_with(prefix)) return false;
  s.remove_prefix(prefix.size());
  return true;
}

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool IsUuid(std::string_view s) {
  if (s.size() != kUuidChars) return false;
  for (size_t i = 0; i < s.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? s[i] != '-' : !IsHex(s[i])) return false;
  }
  return true;
}

std::string_view WithoutAttributeSuffix(std::string_view segment) {
  if (IsAttributeIndex(segment)) segment.remove_suffix(kAttributeIndexSuffix.size());
  return segment;
}

std::optional<int> NumberAfter(std::string_view segment, std::string_view prefix) {
  if (!Consume(segment, prefix)) return std::nullopt;
  return ParseNumber<int>(segment);
}

}  // namespace

std::string MetadataSegmentName(int container) {
  return fmt::format("{}{}", kMetadataPrefix, container);
}
std::string StorageMetadataSegmentName(int container) {
  return fmt::format("{}{}", kStorageMetadataPrefix, container);
}
std::string AttributeIndexName(std::string_view segment) {
  return fmt::format("{}{}", segment, kAttributeIndexSuffix);
}
std::string HeaderName(std::string_view segment) {
  return fmt::format("{}{}", segment, kHeaderSuffix);
}
std::string RollingChunkName(std::string_view segment, uint64_t offset) {
  return fmt::format("{}{}{}", segment, kOffsetInfix, offset);
}
std::string ChunkName(std::string_view segment, uint64_t epoch, uint64_t offset,
                      std::string_view uuid) {
  return fmt::format("{}.E-{}-O-{}.{}", segment, epoch, offset, uuid);
}
std::string BlockName(std::string_view segment, uint64_t block_start) {
  return fmt::format("{}.B-{}", segment, block_start);
}
std::string SnapshotName(int container, uint64_t epoch, uint64_t index) {
  return fmt::format("{}{}.container{}.snapshot{}", kJournalPrefix, epoch, container, index);
}
std::string JournalName(int container, uint64_t epoch, uint64_t index) {
  return fmt::format("{}{}.container{}.file{}", kJournalPrefix, epoch, container, index);
}

std::optional<ParsedChunkName> ParseChunkName(std::string_view name) {
  if (name.size() <= kUuidChars || !IsUuid(name.substr(name.size() - kUuidChars))) return {};
  name.remove_suffix(kUuidChars);
  if (!name.ends_with('.')) return {};
  name.remove_suffix(1);
  const size_t offset_at = name.rfind("-O-");
  if (offset_at == std::string_view::npos) return {};
  const auto offset = ParseNumber<uint64_t>(name.substr(offset_at + 3));
  name = name.substr(0, offset_at);
  const size_t epoch_at = name.rfind(".E-");
  if (epoch_at == std::string_view::npos || epoch_at == 0) return {};
  const auto epoch = ParseNumber<uint64_t>(name.substr(epoch_at + 3));
  if (!offset || !epoch) return {};
  return ParsedChunkName{name.substr(0, epoch_at), *epoch, *offset};
}

std::optional<ParsedRollingChunkName> ParseRollingChunkName(std::string_view name) {
  const size_t at = name.rfind(kOffsetInfix);
  if (at == std::string_view::npos || at == 0) return {};
  const auto offset = ParseNumber<uint64_t>(name.substr(at + kOffsetInfix.size()));
  if (!offset) return {};
  return ParsedRollingChunkName{name.substr(0, at), *offset};
}

std::optional<ParsedJournalName> ParseJournalName(std::string_view name) {
  if (!Consume(name, kJournalPrefix)) return {};
  constexpr std::string_view kContainer = ".container";
  const size_t container_at = name.find(kContainer);
  if (container_at == std::string_view::npos) return {};
  const auto epoch = ParseNumber<uint64_t>(name.substr(0, container_at));
  name.remove_prefix(container_at + kContainer.size());
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  const auto container = ParseNumber<int>(name.substr(0, dot));
  name.remove_prefix(dot);
  const bool snapshot = Consume(name, ".snapshot");
  if (!snapshot && !Consume(name, ".file")) return {};
  const auto index = ParseNumber<uint64_t>(name);
  if (!epoch || !container || !index) return {};
  return ParsedJournalName{*epoch, *container, *index, snapshot};
}

bool IsAttributeIndex(std::string_view segment) { return segment.ends_with(kAttributeIndexSuffix); }

std::optional<int> MetadataSegmentContainer(std::string_view segment) {
  return NumberAfter(segment, kMetadataPrefix);
}
std::optional<int> StorageMetadataSegmentContainer(std::string_view segment) {
  return NumberAfter(segment, kStorageMetadataPrefix);
}

std::optional<int> InternalSegmentContainer(std::string_view segment) {
  if (!segment.starts_with(kContainersDir)) return std::nullopt;  // as nearly all
  segment = WithoutAttributeSuffix(segment);
  if (auto container = MetadataSegmentContainer(segment)) return container;
  if (auto container = StorageMetadataSegmentContainer(segment)) return container;
  if (!Consume(segment, kEventProcessorPrefix)) return std::nullopt;
  const size_t at = segment.rfind('_');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  return ParseNumber<int>(segment.substr(at + 1));
}

bool IsGcQueue(std::string_view segment) {
  const auto container = InternalSegmentContainer(segment);
  if (!container || !Consume(segment, kEventProcessorPrefix)) return false;
  return segment == fmt::format("GC.queue.{0}_{0}", *container) ||
         segment == fmt::format("GC.failed.queue.{0}_{0}", *container);
}

std::optional<TransactionName> ParseTransactionName(std::string_view segment) {
  const size_t at = segment.rfind(kTransactionDelimiter);
  if (at == std::string_view::npos || at == 0) return {};
  const std::string_view id = segment.substr(at + kTransactionDelimiter.size());
  if (id.size() != kIdHexDigits || !std::all_of(id.begin(), id.end(), IsHex)) return {};
  return TransactionName{std::string(segment.substr(0, at)), std::string(id)};
}

bool IsSafeRelativePath(std::string_view path) {
  if (path.empty() || path.size() > kMaxPathBytes) return false;
  if (path.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace pdr
