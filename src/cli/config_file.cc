#include "cli/config_file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <sstream>
#include <system_error>

#include "base/edit_distance.h"
#include "cli/output.h"

namespace pdr {
namespace {

struct Key {
  std::string_view name;
  std::string_view old_name;  // accepted by Pravega for the same setting; may be empty
  std::function<Status(PravegaConfig&, const std::string&)> set;
};

using Setter = std::function<Status(PravegaConfig&, const std::string&)>;

StatusOr<int> Number(const std::string& value, int least) {
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least) {
    return InvalidArgument("'{}' is no whole number of at least {}", value, least);
  }
  return number;
}

Setter Text(std::string Tier1Config::* field, bool names_tier1 = false) {
  return [=](PravegaConfig& config, const std::string& value) {
    config.tier1.*field = value;
    config.has_tier1 = config.has_tier1 || (names_tier1 && !value.empty());
    return OkStatus();
  };
}

Setter Int(int Tier1Config::* field, int least) {
  return [=](PravegaConfig& config, const std::string& value) {
    ASSIGN_OR_RETURN(config.tier1.*field, Number(value, least));
    return OkStatus();
  };
}

Setter Buckets(int PravegaConfig::* field) {
  return [=](PravegaConfig& config, const std::string& value) {
    ASSIGN_OR_RETURN(config.*field, Number(value, 1));
    return OkStatus();
  };
}

Status SetContainerCount(PravegaConfig& config, const std::string& value) {
  ASSIGN_OR_RETURN(config.container_count, Number(value, 1));
  return OkStatus();
}

Status SetLayout(PravegaConfig& config, const std::string& value) {
  if (value == "CHUNKED_STORAGE") {
    config.layout = Layout::kChunked;
  } else if (value == "ROLLING_STORAGE") {
    config.layout = Layout::kRolling;
  } else {
    return InvalidArgument("'{}' is neither CHUNKED_STORAGE nor ROLLING_STORAGE", value);
  }
  return OkStatus();
}

Status SetFlushInterval(PravegaConfig& config, const std::string& value) {
  ASSIGN_OR_RETURN(config.flush_interval_ms, Number(value, 1));
  return OkStatus();
}

// Pravega takes everything it does not know for CRC32C.
Status SetDigest(PravegaConfig& config, const std::string& value) {
  const bool known = value == "MAC" || value == "CRC32" || value == "DUMMY";
  config.tier1.digest_type = known ? value : "CRC32C";
  return OkStatus();
}

Status RefuseWhenTrue(PravegaConfig&, const std::string& value) {
  std::string lower = value;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower != "true") return OkStatus();
  return InvalidArgument("secured connections are not supported by this program");
}

std::span<const Key> Keys() {
  using T = Tier1Config;
  static const std::vector<Key> kKeys = {
      {"pravegaservice.container.count", "pravegaservice.containerCount", SetContainerCount},
      {"controller.retention.bucket.count", "controller.retention.bucketCount",
       Buckets(&PravegaConfig::retention_buckets)},
      {"controller.watermarking.bucket.count", "controller.watermarking.bucketCount",
       Buckets(&PravegaConfig::watermark_buckets)},
      {"pravegaservice.clusterName", "", Text(&T::cluster_name)},
      {"pravegaservice.zk.connect.uri", "pravegaservice.zkURL", Text(&T::pravega_zk_uri, true)},
      {"pravegaservice.zk.connect.security.enable", "pravegaservice.secureZK", RefuseWhenTrue},
      {"pravegaservice.storage.layout", "", SetLayout},
      {"writer.flush.threshold.milliseconds", "writer.flushThresholdMillis", SetFlushInterval},
      {"bookkeeper.zk.connect.uri", "bookkeeper.zkAddress", Text(&T::bookkeeper_zk_uri, true)},
      {"bookkeeper.zk.connect.sessionTimeout.milliseconds", "bookkeeper.zkSessionTimeoutMillis",
       Int(&T::zk_session_timeout_ms, 1)},
      {"bookkeeper.zk.metadata.path", "bookkeeper.zkMetadataPath", Text(&T::zk_metadata_path)},
      {"bookkeeper.zk.metadata.hierarchy.depth", "bookkeeper.zkHierarchyDepth",
       Int(&T::zk_metadata_depth, 0)},
      {"bookkeeper.ledger.path", "bookkeeper.bkLedgerPath", Text(&T::ledger_path)},
      {"bookkeeper.ensemble.size", "bookkeeper.bkEnsembleSize", Int(&T::ensemble_size, 1)},
      {"bookkeeper.write.quorum.size", "bookkeeper.bkWriteQuorumSize", Int(&T::write_quorum, 1)},
      {"bookkeeper.ack.quorum.size", "bookkeeper.bkAckQuorumSize", Int(&T::ack_quorum, 1)},
      {"bookkeeper.write.timeout.milliseconds", "bookkeeper.bkWriteTimeoutMillis",
       Int(&T::write_timeout_ms, 1)},
      {"bookkeeper.read.timeout.milliseconds", "bookkeeper.bkReadTimeoutMillis",
       Int(&T::read_timeout_ms, 1)},
      {"bookkeeper.digest.type.name", "bookkeeper.digestType", SetDigest},
      {"bookkeeper.connect.security.auth.pwd", "bookkeeper.bkPass", Text(&T::password)},
      {"bookkeeper.connect.security.tls.enable", "bookkeeper.tlsEnabled", RefuseWhenTrue},
  };
  return kKeys;
}

const Key* FindKey(std::string_view name) {
  for (const Key& key : Keys()) {
    if (key.name == name || (!key.old_name.empty() && key.old_name == name)) return &key;
  }
  return nullptr;
}

// Most of Pravega's keys do not concern this program, but one that is nearly right is a slip.
void WarnOfSlip(const std::string& path, const Property& property) {
  constexpr size_t kSlip = 2;
  const std::string_view nearest = Nearest(property.key, ConfigKeyNames());
  if (EditDistance(property.key, nearest) > kSlip) return;
  fmt::print(stderr, "pravega-dr: {} line {}: the key {} is not known and ignored; is {} meant?\n",
             path, property.line, Printable(property.key), nearest);
}

Status ApplyFile(const std::string& path, PravegaConfig& config) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  const int opened = in ? 0 : errno;
  std::error_code error;
  // A directory can be opened, but holds no bytes.
  const bool directory = std::filesystem::is_directory(path, error);
  if (opened != 0 || directory || !in) {
    return InvalidArgument(
        "cannot open the configuration file '{}': {}; it is the properties file of Pravega's own "
        "servers",
        std::filesystem::absolute(path, error).string(),
        directory ? "it is a directory" : std::generic_category().message(opened));
  }
  std::ostringstream content;
  content << in.rdbuf();
  if (in.bad()) return InvalidArgument("cannot read the configuration file '{}'", path);
  const std::string text = std::move(content).str();
  StatusOr<std::vector<Property>> properties = ParseProperties(text);
  if (!properties.ok()) return Annotate(properties.status(), path);
  for (const Property& property : *properties) {
    const Key* key = FindKey(property.key);
    if (key == nullptr) {
      WarnOfSlip(path, property);
      continue;
    }
    Status set = key->set(config, property.value);
    RETURN_IF_ERROR(
        Annotate(set, fmt::format("{} line {}: {}", path, property.line, property.key)));
  }
  return OkStatus();
}

Status ApplyOverride(const std::string& text, PravegaConfig& config) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return InvalidArgument("--set {}: it must be KEY=VALUE", text);
  }
  const std::string name = text.substr(0, equals);
  const Key* key = FindKey(name);
  if (key == nullptr) {
    return InvalidArgument("--set {}: not a key this program uses; the nearest is {}", name,
                           Nearest(name, ConfigKeyNames()));
  }
  return Annotate(key->set(config, text.substr(equals + 1)), fmt::format("--set {}", name));
}

Status CheckQuorums(const Tier1Config& tier1) {
  if (tier1.ack_quorum <= tier1.write_quorum && tier1.write_quorum <= tier1.ensemble_size) {
    return OkStatus();
  }
  return InvalidArgument(
      "bookkeeper.ack.quorum.size ({}) <= bookkeeper.write.quorum.size ({}) <= "
      "bookkeeper.ensemble.size ({}) does not hold",
      tier1.ack_quorum, tier1.write_quorum, tier1.ensemble_size);
}

}  // namespace

std::vector<std::string_view> ConfigKeyNames() {
  std::vector<std::string_view> names;
  for (const Key& key : Keys()) names.push_back(key.name);
  return names;
}

StatusOr<PravegaConfig> LoadConfig(const std::string& path,
                                   const std::vector<std::string>& overrides) {
  // Pravega's own default for both.
  constexpr std::string_view kDefaultZooKeeper = "localhost:2181";
  PravegaConfig config;
  if (!path.empty()) RETURN_IF_ERROR(ApplyFile(path, config));
  for (const std::string& text : overrides) RETURN_IF_ERROR(ApplyOverride(text, config));
  Tier1Config& tier1 = config.tier1;
  if (tier1.pravega_zk_uri.empty()) tier1.pravega_zk_uri = kDefaultZooKeeper;
  if (tier1.bookkeeper_zk_uri.empty()) tier1.bookkeeper_zk_uri = kDefaultZooKeeper;
  RETURN_IF_ERROR(CheckQuorums(tier1));
  return config;
}

}  // namespace pdr
