#include <charconv>
#include <limits>
#include <span>

#include "format/ledger_metadata.h"

namespace pdr {
namespace {

constexpr std::string_view kFactoryPackage = "org.apache.bookkeeper.meta.";
constexpr int64_t kFirstLongId = std::numeric_limits<int32_t>::max();
constexpr size_t kLongDigits[] = {3, 4, 4, 4, 4};
constexpr size_t kShortDigits[] = {2, 4, 4};
constexpr size_t kFlatDigits[] = {10};

std::span<const size_t> GroupsOf(LedgerLayout layout, int64_t id) {
  switch (layout) {
    case LedgerLayout::kHierarchical:
      if (id >= kFirstLongId) return kLongDigits;
      return kShortDigits;
    case LedgerLayout::kLongHierarchical:
      return kLongDigits;
    case LedgerLayout::kLegacyHierarchical:
      return kShortDigits;
    case LedgerLayout::kFlat:
      return kFlatDigits;
  }
  return kLongDigits;
}

}  // namespace

StatusOr<LedgerLayout> DecodeLedgerLayout(std::string_view bytes) {
  size_t line = bytes.find('\n');
  std::string_view version = bytes.substr(0, line);
  if (line == std::string_view::npos || (version != "1" && version != "2")) {
    return Unimplemented("the LAYOUT of the ledgers is not of version 1 or 2: \"{}\"",
                         bytes.substr(0, 80));
  }
  std::string_view factory = bytes.substr(line + 1);
  while (factory.ends_with('\n')) factory.remove_suffix(1);
  std::string_view name = factory.substr(0, factory.rfind(':'));
  if (name.starts_with(kFactoryPackage)) name.remove_prefix(kFactoryPackage.size());
  if (factory.ends_with(":1")) {
    if (name == "HierarchicalLedgerManagerFactory") return LedgerLayout::kHierarchical;
    if (name == "LongHierarchicalLedgerManagerFactory") return LedgerLayout::kLongHierarchical;
    if (name == "LegacyHierarchicalLedgerManagerFactory") return LedgerLayout::kLegacyHierarchical;
    if (name == "FlatLedgerManagerFactory") return LedgerLayout::kFlat;
  }
  return Unimplemented("unknown ledger manager in LAYOUT: \"{}\"", factory.substr(0, 120));
}

StatusOr<std::string> LedgerPath(LedgerLayout layout, int64_t id) {
  if (id < 0) return InvalidArgument("ledger id {} is negative", id);
  std::span<const size_t> groups = GroupsOf(layout, id);
  size_t digits = 0;
  for (size_t group : groups) digits += group;
  std::string number = fmt::format("{:0{}}", id, digits);
  if (number.size() > digits) {
    return InvalidArgument("ledger id {} does not fit the cluster's ledger layout", id);
  }
  std::string path;
  size_t at = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    path.append(i + 1 == groups.size() ? "/L" : "/").append(number, at, groups[i]);
    at += groups[i];
  }
  return path;
}

std::optional<int64_t> LedgerIdFromPath(LedgerLayout layout, std::string_view path) {
  std::string digits;
  for (char c : path) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  int64_t id = 0;
  auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc()) return std::nullopt;
  StatusOr<std::string> expected = LedgerPath(layout, id);
  if (!expected.ok() || *expected != path) return std::nullopt;
  return id;
}

}  // namespace pdr
