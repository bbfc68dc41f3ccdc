// What the controller's tables, as they are registered, need in ZooKeeper: read while the
// containers are judged, compared when all are. docs/formats/zookeeper-layout.md section 10.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "format/controller_events.h"
#include "tier1/tier1.h"
#include "verify/findings.h"
#include "verify/member_needs.h"

namespace pdr::verify {

struct ControllerNeeds {
  struct Stream {
    std::string scope;
    std::string name;
    bool retention = false;               // a policy: a bucket must have it
    std::vector<RequestType> unfinished;  // each must be asked for
  };
  struct Transaction {
    std::string scope;
    std::string stream;
    bool committing = false;                          // and not yet in a commit
    RequestType asks = RequestType::kAutomaticScale;  // what must be posted; this one: nothing
  };
  std::set<Uuid> listed;  // streams that a scope lists; tables of others mean nothing
  std::map<Uuid, Stream> streams;
  std::map<Uuid, std::map<Uuid, Transaction>> transactions;  // not finished; by stream
  std::set<Uuid> committing;  // in a commit under way: no longer in the commit order
  MemberNeeds members;
  std::set<RequestKey> posted;  // requests in the controller's streams
  std::set<std::string>
      request_streams;  // those that are registered: there is no posting to others

  void Merge(ControllerNeeds other);
};

// Takes note of the live values of a controller's table. What does not decode needs nothing.
void NoteNeeds(std::string_view segment, const std::map<std::string, std::string>& values,
               ControllerNeeds& needs);
// Takes note of what a record's name says, and of one event of a stream of requests.
void NoteSegment(std::string_view segment, ControllerNeeds& needs);
void NoteRequest(std::string_view request, ControllerNeeds& needs);

Status CheckNeeds(Tier1& tier1, const ControllerNeeds& needs, Findings& findings);

}  // namespace pdr::verify
