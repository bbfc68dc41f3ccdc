// Streams whose segments reached Tier-2 before the controller's records of them did.
// docs/formats/recovery-semantics.md H23.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recovery/controller_evidence.h"
#include "recovery/plan.h"

namespace pdr {

// What comes back of them, container by container.
class UnrecordedStreams {
 public:
  explicit UnrecordedStreams(const ControllerEvidence& controller) : controller_(controller) {}
  // Once for each container.
  void Add(const ContainerPlan& plan);
  // Adds an anomaly for each stream that holds data in the plan and has to be created again before
  // clients find it: how many segments it needs then, and how much they hold.
  void Finish(std::vector<Anomaly>& anomalies) const;

 private:
  struct Held {
    int64_t segments = 0;      // that a new stream needs to take all of the first epoch over
    int64_t bytes = 0;         // in them
    int64_t out_of_reach = 0;  // in segments of later epochs, which a new stream does not have
  };
  static std::string Describe(const Held& held);

  const ControllerEvidence& controller_;
  std::map<std::string, Held> streams_;
};

}  // namespace pdr
