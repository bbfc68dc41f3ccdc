#include "tier1/bookkeeper/ledger_id_generator.h"

#include <charconv>
#include <limits>
#include <vector>

namespace pdr {
namespace {

constexpr int64_t kOverflow = std::numeric_limits<int32_t>::max();
constexpr std::string_view kHighPrefix = "HOB-";
constexpr size_t kKeptHighNodes = 3;

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

StatusOr<std::optional<int64_t>> LedgerIdGenerator::Sequence(const std::string& prefix) {
  ASSIGN_OR_RETURN(std::string path, store_.CreateSequential(prefix));
  // Best effort: it goes with the session anyway.
  static_cast<void>(store_.Delete(path, -1));
  std::optional<int64_t> number;
  if (path.starts_with(prefix)) number = ParseNumber(std::string_view(path).substr(prefix.size()));
  if (!number) return DataLoss("ZooKeeper numbered a node \"{}\" instead of {}N", path, prefix);
  if (*number < 0 || *number >= kOverflow) return std::optional<int64_t>();
  return number;
}

StatusOr<int64_t> LedgerIdGenerator::Next() {
  if (layout_ == LedgerLayout::kFlat || layout_ == LedgerLayout::kLegacyHierarchical) {
    bool flat = layout_ == LedgerLayout::kFlat;
    ASSIGN_OR_RETURN(std::optional<int64_t> id, Sequence(root_ + (flat ? "/ID-" : "/idgen/ID-")));
    if (!id) return ResourceExhausted("the ledger ids below {} are used up", root_);
    return *id;
  }
  StatusOr<Node> overflown = store_.Get(root_ + "/idgen-long");
  if (overflown.status().code() == StatusCode::kNotFound) {
    ASSIGN_OR_RETURN(std::optional<int64_t> id, Sequence(root_ + "/idgen/ID-"));
    if (id) return *id;
    Status made = store_.Create(root_ + "/idgen-long", "", false);
    if (!made.ok() && made.code() != StatusCode::kAlreadyExists) return made;
  } else if (!overflown.ok()) {
    return overflown.status();
  }
  return NextLong();
}

StatusOr<int64_t> LedgerIdGenerator::NextLong() {
  const std::string base = root_ + "/idgen-long";
  ASSIGN_OR_RETURN(std::vector<std::string> names, store_.Children(base));
  std::vector<int64_t> highs;  // ascending, as the names are of one width
  for (std::string_view name : names) {
    if (!name.starts_with(kHighPrefix)) continue;
    std::optional<int64_t> high = ParseNumber(name.substr(kHighPrefix.size()));
    if (high && *high > 0 && *high < kOverflow) highs.push_back(*high);
  }
  auto path_of = [&](int64_t high) { return fmt::format("{}/{}{:010}", base, kHighPrefix, high); };
  for (size_t i = 0; i + kKeptHighNodes < highs.size(); ++i) {
    static_cast<void>(store_.Delete(path_of(highs[i]), -1));  // tidying up, may fail
  }
  // The second round is for the high half that has just been used up.
  int64_t high = highs.empty() ? 1 : highs.back();
  for (int round = 0; round < 2; ++round, ++high) {
    Status made = store_.Create(path_of(high), "", false);
    if (!made.ok() && made.code() != StatusCode::kAlreadyExists) return made;
    ASSIGN_OR_RETURN(std::optional<int64_t> low, Sequence(path_of(high) + "/ID-"));
    if (low) return high << 32 | *low;
  }
  return ResourceExhausted("no ledger id below {}", base);
}

}  // namespace pdr
