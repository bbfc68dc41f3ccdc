#include "recovery/share_claims.h"

#include <utility>

namespace pdr {
namespace {

constexpr std::string_view kHostPrefix = "host.";
constexpr int kReleaseAttempts = 3;

std::string ClaimPath(const Tier1Config& config, std::string_view what) {
  return fmt::format("{}.{}", SharePath(config), what);
}

}  // namespace

std::string SharePath(const Tier1Config& config) {
  return config.Namespace() + "/pravega-dr-share";
}

std::string ContainerClaim(size_t container) { return fmt::format("c{}", container); }

Claim::~Claim() {
  for (int attempt = 0; attempt < kReleaseAttempts; ++attempt) {
    const StatusOr<bool> ours = IsOurs();
    if (!ours.ok()) continue;
    if (!*ours || !absl::IsUnavailable(tier1_.metadata->Delete(path_, -1))) return;
  }
  stuck_ = true;
}

StatusOr<bool> Claim::IsOurs() const {
  StatusOr<Node> node = tier1_.metadata->Get(path_);
  if (absl::IsNotFound(node.status())) return false;
  RETURN_IF_ERROR(node.status());
  return node->data == holder_;
}

StatusOr<std::unique_ptr<Claim>> ShareClaims::Take(const std::string& what) {
  RETURN_IF_ERROR(CheckUsable());
  std::unique_ptr<Claim> claim(new Claim(tier1_, clock_, ClaimPath(tier1_.config, what),
                                         fmt::format("{}-{}", host_, ++next_token_), stuck_));
  Status created = tier1_.metadata->Create(claim->path_, claim->token(), /*ephemeral=*/true);
  if (created.ok()) return claim;
  if (absl::IsAlreadyExists(created)) return std::unique_ptr<Claim>();
  if (!absl::IsUnavailable(created)) return created;
  // The answer was lost; the node tells.
  ASSIGN_OR_RETURN(const bool ours, claim->IsOurs());
  if (ours) return claim;
  return created;
}

StatusOr<std::unique_ptr<Claim>> ShareClaims::Join() {
  ASSIGN_OR_RETURN(std::unique_ptr<Claim> member, Take(fmt::format("{}{}", kHostPrefix, host_)));
  if (member == nullptr) return FailedPrecondition("a host {} takes part already", host_);
  // The other side first takes the lock and then looks for hosts: one of the two sees the other.
  RETURN_IF_ERROR(RunLock::AwaitNone(tier1_, clock_));
  return member;
}

Status ShareClaims::CheckUsable() const {
  if (!stuck_) return OkStatus();
  return Unavailable("a claim of this host could not be given back to ZooKeeper; run again");
}

StatusOr<ShareClaims::Live> ShareClaims::Look() const {
  RETURN_IF_ERROR(CheckUsable());
  Live live;
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ChildrenOrNone(*tier1_.metadata, tier1_.config.Namespace()));
  const std::string path = ClaimPath(tier1_.config, "");
  const std::string prefix = path.substr(path.rfind('/') + 1);
  for (const std::string& name : names) {
    if (!name.starts_with(prefix)) continue;
    std::string what = name.substr(prefix.size());
    if (what.starts_with(kHostPrefix)) {
      live.hosts.push_back(what.substr(kHostPrefix.size()));
    } else {
      live.claims.insert(std::move(what));
    }
  }
  return live;
}

StatusOr<std::unique_ptr<Claim>> ShareClaims::TakeContainer(
    const Live& live, size_t count, size_t begin, const std::function<bool(size_t)>& wanted,
    size_t& container) {
  for (size_t i = 0; i < count; ++i) {
    container = (begin + i) % count;
    const std::string name = ContainerClaim(container);
    if (!wanted(container) || live.claims.contains(name)) continue;
    ASSIGN_OR_RETURN(std::unique_ptr<Claim> claim, Take(name));
    if (claim != nullptr) return claim;
  }
  return std::unique_ptr<Claim>();
}

StatusOr<std::map<std::string, std::string>> ShareClaims::Holders() const {
  ASSIGN_OR_RETURN(const Live live, Look());
  std::map<std::string, std::string> holders;
  for (const std::string& what : live.claims) {
    StatusOr<Node> node = tier1_.metadata->Get(ClaimPath(tier1_.config, what));
    if (absl::IsNotFound(node.status())) continue;
    RETURN_IF_ERROR(node.status());
    holders[what] = node->data.substr(0, node->data.rfind('-'));  // without the token's number
  }
  return holders;
}

Status CheckNobodyShares(Tier1& tier1, const Clock& clock) {
  const ShareClaims claims(tier1, "", clock);
  return AwaitVanished(tier1, clock, [&]() -> Status {
    ASSIGN_OR_RETURN(ShareClaims::Live live, claims.Look());
    if (live.hosts.empty()) return OkStatus();
    return FailedPrecondition("{} host(s) take part in a shared recovery ({}): stop them first",
                              live.hosts.size(), fmt::join(live.hosts, ", "));
  });
}

}  // namespace pdr
