#include <filesystem>

#include "tier1/embedded/ledger_store.h"
#include "tier1/embedded/metadata_store.h"
#include "tier1/tier1.h"

namespace pdr {

StatusOr<Tier1> OpenEmbeddedTier1(const std::string& directory, const Tier1Config& config) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(directory, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (directory.empty() || error || path == path.root_path()) {
    return InvalidArgument("'{}' cannot hold an embedded Tier-1", directory);
  }
  if (std::filesystem::exists(path, error) && !std::filesystem::is_directory(path, error)) {
    return InvalidArgument("{} is not a directory", path.string());
  }
  Tier1 tier1;
  tier1.config = config;
  tier1.metadata = embedded::OpenMetadataStore(path.string());
  tier1.ledgers = embedded::OpenLedgerStore(path.string() + "/ledgers");
  return tier1;
}

}  // namespace pdr
