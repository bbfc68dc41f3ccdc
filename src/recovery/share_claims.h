// Who is at work on a shared run, and on what: ephemeral nodes beside the board. A host that dies
// takes its claims with it; a host that is paused for longer than its session finds them gone.
//
//   <namespace>/pravega-dr-share              the board (share_board.h)
//   <namespace>/pravega-dr-share.host.<host>  a host that takes part
//   <namespace>/pravega-dr-share.lead         who plans, reserves or enables
//   <namespace>/pravega-dr-share.c<N>         who works on container N
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "recovery/run_lock.h"
#include "tier1/tier1.h"

namespace pdr {

std::string SharePath(const Tier1Config& config);
std::string ContainerClaim(size_t container);
inline constexpr const char* kLeadClaim = "lead";

// Given back when destroyed; lost, as the run lock is, with the session.
class Claim : public RunLock {
 public:
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  // Unique to this claim: names what is written under it.
  const std::string& token() const { return holder_; }

 private:
  friend class ShareClaims;
  Claim(Tier1& tier1, const Clock& clock, std::string path, std::string token,
        std::atomic<bool>& stuck)
      : RunLock(tier1, clock, std::move(path), std::move(token)), stuck_(stuck) {}
  StatusOr<bool> IsOurs() const;

  std::atomic<bool>& stuck_;  // set when it cannot be given back
};

// Between two looks at what others do.
inline constexpr int64_t kSharePollMillis = 200;

// Its calls are Unavailable once a claim could not be given back: that one goes with this host's
// session only, so that this host must leave.
class ShareClaims {
 public:
  ShareClaims(Tier1& tier1, std::string host, const Clock& clock)
      : tier1_(tier1), host_(std::move(host)), clock_(clock) {}

  const std::string& host() const { return host_; }
  // Makes this host known as long as the result lives. FailedPrecondition when a recovery that is
  // not shared, or an undo, holds the run lock; waits first for one that was killed to vanish.
  StatusOr<std::unique_ptr<Claim>> Join();
  // Nothing when somebody else holds it.
  StatusOr<std::unique_ptr<Claim>> Take(const std::string& what);

  struct Live {
    std::vector<std::string> hosts;
    std::set<std::string> claims;
  };
  StatusOr<Live> Look() const;
  // The first container that is wanted and that nobody holds, from `begin` on and then around.
  StatusOr<std::unique_ptr<Claim>> TakeContainer(const Live& live, size_t count, size_t begin,
                                                 const std::function<bool(size_t)>& wanted,
                                                 size_t& container);
  // Which host holds what; a claim that is given back meanwhile is left out.
  StatusOr<std::map<std::string, std::string>> Holders() const;

 private:
  Status CheckUsable() const;

  Tier1& tier1_;
  std::string host_;
  const Clock& clock_;
  std::atomic<uint64_t> next_token_ = 0;
  std::atomic<bool> stuck_ = false;
};

// For whoever wants Tier-1 and Tier-2 for himself, and holds the run lock: waits for hosts that
// were killed to vanish; FailedPrecondition, naming them, when some are at work.
Status CheckNobodyShares(Tier1& tier1, const Clock& clock);

}  // namespace pdr
