// What the controller had begun and only ZooKeeper, or a request that Tier-1 held, would have made
// it finish; and how it is told to. docs/formats/recovery-semantics.md section 3.6, H46;
// zookeeper-layout.md section 10.
//
// The controller's own ways of taking over from a process that died are used: a node per request
// and per transaction under a process that is gone, and, where it has no such node, the request
// itself at the end of the stream that it reads. Its records are left to it, except that of an
// open transaction which the operator wants to be aborted, the state of a stream whose creation has
// to be finished once more, and tables that are made before they are needed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "recovery/append.h"
#include "recovery/controller_evidence.h"
#include "recovery/plan.h"
#include "recovery/planner.h"

namespace pdr {

struct ControllerWork {
  std::vector<NodeWrite> nodes;               // paths below the cluster's namespace, sorted
  std::map<std::string, Addition> additions;  // by segment: requests, records
  std::set<std::string> tables;               // that have to be there, be they empty
  std::vector<Anomaly> anomalies;
};

ControllerWork PlanControllerWork(const ControllerEvidence& evidence, const PlanOptions& options);

}  // namespace pdr
