// Pravega's own configuration: a properties file, with single keys overridden.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/controller_nodes.h"
#include "tier1/tier1.h"
#include "tier2/inventory.h"

namespace pdr {

struct Property {
  std::string key;
  std::string value;
  int line = 0;  // where its logical line begins, from 1
};

// The format of java.util.Properties: '=', ':' or blanks between key and value, '#' and '!'
// comments, lines continued by a backslash, escapes \t \n \r \f \uXXXX. InvalidArgument for a \u
// escape that is none.
StatusOr<std::vector<Property>> ParseProperties(std::string_view text);

struct PravegaConfig {
  Tier1Config tier1;
  bool has_tier1 = false;  // some ZooKeeper was named; without one Tier-1 is the embedded log
  std::optional<int> container_count;
  std::optional<Layout> layout;
  int flush_interval_ms = 30000;  // Pravega's default
  int retention_buckets = kDefaultRetentionBuckets;
  int watermark_buckets = kDefaultWatermarkBuckets;
};

// The keys this program reads, by their current names.
std::vector<std::string_view> ConfigKeyNames();

// `path` may be empty. `overrides` are KEY=VALUE. Keys of Pravega's that do not concern this
// program are ignored in the file, with a warning when one is nearly a known key; in an override
// they are InvalidArgument, naming the nearest known key. Later settings of a key win, overrides
// last.
StatusOr<PravegaConfig> LoadConfig(const std::string& path,
                                   const std::vector<std::string>& overrides);

}  // namespace pdr
