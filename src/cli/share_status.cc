#include "cli/share_status.h"

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "cli/config_file.h"
#include "cli/open_tier2.h"
#include "recovery/share_board.h"
#include "recovery/share_claims.h"
#include "recovery/share_files.h"

namespace pdr {

StatusOr<std::optional<ShareNow>> LookAtSharedRun(const Identity& identity) {
  const auto disk = OpenRoot(identity.root, DiskAccess::kReadOnly);
  // What the workspace knows does not need Tier-2.
  if (!disk.ok()) return std::optional<ShareNow>();
  ASSIGN_OR_RETURN(const std::optional<std::string> current, CurrentSharedRun(**disk));
  if (identity.rehearsal || current != identity.run_id) return std::optional<ShareNow>();
  ASSIGN_OR_RETURN(const PravegaConfig config, LoadConfig(identity.config_file, identity.settings));
  ASSIGN_OR_RETURN(Tier1 tier1, OpenBookKeeperTier1(config.tier1));
  ASSIGN_OR_RETURN(const std::optional<Board> board, ShareBoard(tier1).Load());
  if (!board || board->run_id != identity.run_id) return std::optional<ShareNow>();
  const ShareClaims claims(tier1, "", Clock::Real());
  ASSIGN_OR_RETURN(const ShareClaims::Live live, claims.Look());
  ASSIGN_OR_RETURN(const auto holders, claims.Holders());
  ShareNow now{
      std::string(ShareStageName(board->stage)), board->Finished(), board->states.size(), {}};
  for (const std::string& name : live.hosts) {
    ShareHost host{name, false, {}};
    for (size_t c = 0; c < board->states.size(); ++c) {
      const auto held = holders.find(ContainerClaim(c));
      if (held != holders.end() && held->second == name) {
        host.containers.push_back(static_cast<int>(c));
      }
    }
    const auto lead = holders.find(kLeadClaim);
    host.leads = lead != holders.end() && lead->second == name;
    now.hosts.push_back(std::move(host));
  }
  return std::optional(std::move(now));
}

std::string ShareText(const ShareNow& now) {
  std::string text = fmt::format("Shared       {}: {} of {}, by {} host(s)", now.stage, now.done,
                                 now.containers, now.hosts.size());
  for (const ShareHost& host : now.hosts) {
    text += fmt::format("\n             {}", Printable(host.name));
    if (host.leads) text += ", leads";
    if (!host.containers.empty()) {
      text += fmt::format(", holds container {}", fmt::join(host.containers, ", "));
    }
  }
  return text;
}

Json ShareJson(const ShareNow& now) {
  Json hosts = Json::array();
  for (const ShareHost& host : now.hosts) {
    hosts.push_back({{"host", host.name}, {"leads", host.leads}, {"containers", host.containers}});
  }
  return {{"stage", now.stage},
          {"done", now.done},
          {"containers", now.containers},
          {"hosts", std::move(hosts)}};
}

}  // namespace pdr
