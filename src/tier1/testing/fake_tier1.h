// A Tier-1 in memory whose effects can be failed or killed one by one. Tests only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tier1/tier1.h"

namespace pdr {

// Thrown by a fault hook: the process ends here.
struct Killed {};

// What becomes of one effect.
struct Fault {
  Status before;  // not OK: the effect is not applied
  Status after;   // not OK: the effect is applied, and this is answered
};
// Called before every effect (not before reads) with its name, e.g. "set /a/b". May throw Killed.
using FaultHook = std::function<Fault(std::string_view effect)>;

// Counts effects and hits one of them, from 1. At 0 it only counts.
class FaultAt {
 public:
  enum Mode { kFail, kLoseReply, kKill };
  FaultAt(int hit, Mode mode) : hit_(hit), mode_(mode) {}
  Fault operator()(std::string_view effect);
  int effects() const { return effects_; }
  const std::string& effect() const { return effect_; }  // the one that was hit

 private:
  int hit_;
  Mode mode_;
  int effects_ = 0;
  std::string effect_;
};

// What outlives processes. Every Tier1 opened on it is a session of its own: its ephemeral nodes
// vanish when the Tier1 is destroyed. The cluster must outlive what was opened on it.
class FakeCluster {
 public:
  struct FakeNode {
    Node node;
    int session = 0;  // of an ephemeral node
    int64_t next_child = 0;
  };
  struct FakeLedger {
    std::map<std::string, std::string> custom_metadata;
    std::vector<std::string> entries;
    int64_t acknowledged = -1;  // last entry covered by a Flush
    bool closed = false;
  };

  Tier1 Open(FaultHook hook = nullptr, const Tier1Config& config = {});
  // Ends the sessions of all that are open: their ephemeral nodes go, their nodes answer no more.
  void ExpireSessions();

  std::recursive_mutex mutex;  // held by every call
  std::map<std::string, FakeNode> nodes;
  std::map<int64_t, FakeLedger> ledgers;
  int64_t next_ledger_id = 0;
  int next_session = 1;
  int expired_below = 0;  // sessions with a smaller number
};

}  // namespace pdr
