// H14-H17, H20, H21: whether a segment exists at all.
#include <algorithm>

#include "format/names.h"
#include "recovery/drafting.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

// No server writes such a list.
bool ListsContainerFiles(const Drafting& d) {
  if (d.in.data == nullptr || d.in.name.starts_with(kContainersDir)) return false;
  return std::any_of(d.in.data->chunks.begin(), d.in.data->chunks.end(), IsContainerFile);
}

// The controller's list of deleted streams, by "<scope>/<stream>".
bool InDeletedStream(const Drafting& d) {
  const std::string_view primary = PrimaryName(d.in.name);
  const size_t slash = primary.rfind('/');
  return slash != std::string_view::npos &&
         d.evidence.controller.deleted_streams.contains(std::string(primary.substr(0, slash)));
}

// The controller knows best, then the container's record, then the files.
// What nobody could decide is kept.
void AskController(Drafting& d) {
  const bool recorded = d.in.record != nullptr;
  switch (d.draft.sources.standing) {
    case SegmentStanding::kTransactionAborted:
      d.Drop("aborted-transaction", "the controller recorded its transaction as aborted");
      return;
    case SegmentStanding::kTransactionCommitted:
      if (d.in.data == nullptr)
        d.Drop("transaction-merged", "committed, and nothing left to merge");
      return;
    case SegmentStanding::kTruncatedAway:
      d.Drop("truncated-away", "the controller truncated its stream beyond it");
      return;
    case SegmentStanding::kUnknown:
      if (InDeletedStream(d)) {
        d.Drop("deleted-leftover", "the controller recorded its stream as deleted");
      } else if (!recorded) {
        d.Drop("leftover", "neither its container nor the controller knows it");
      } else if (d.evidence.controller.IsOfEpochToCome(d.in.name)) {
        d.AddNote("epoch-to-come", "the controller has yet to come to its epoch (once more)");
      } else {
        d.AddNote("unknown-to-controller", "no stream or table of the controller lists it");
      }
      return;
    case SegmentStanding::kTransactionUnknown:
      if (!recorded) d.Drop("leftover", "its transaction ended, or never reached the controller");
      return;
    default:
      if (!recorded && d.in.data == nullptr) {
        d.AddNote("segment-missing", "the controller expects it; created empty");
      } else if (!recorded) {
        d.AddNote("record-missing", "its record never reached Tier-2; registered with defaults");
      }
  }
}

}  // namespace

void DecideExistence(Drafting& d) {
  if (IsTransient(d.in.name)) {
    d.Drop("transient", "a transient segment means nothing now");
  } else if (ListsContainerFiles(d)) {
    d.Drop("container-files-listed", "it lists files of a container's own metadata");
  } else {
    AskController(d);
  }
}

}  // namespace pdr
