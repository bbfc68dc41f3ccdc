#include "recovery/anomaly_codes.h"

#include <algorithm>
#include <array>

namespace pdr {
namespace {

constexpr std::array kCodes = {
    AnomalyCode{"aborted-transaction", Weight::kNote,
                "a segment of a transaction the controller recorded as aborted",
                "nothing to do; its files are kept in the run's directory"},
    AnomalyCode{"chunk-long", Weight::kNote, "a chunk file is longer than its record says",
                "nothing to do; surplus that continues a segment is adopted"},
    AnomalyCode{"chunk-missing", Weight::kAllow, "a chunk file that a segment lists is gone",
                "look for the file in backups first; allowed, the segment ends before the hole"},
    AnomalyCode{"chunk-short", Weight::kAllow, "a chunk file is shorter than it must be",
                "look for the file in backups first; allowed, the segment ends before the hole"},
    AnomalyCode{"controller-record-missing", Weight::kNote,
                "a record of the controller's tables is not there",
                "check the stream after recovery"},
    AnomalyCode{"controller-record-unreadable", Weight::kNote,
                "a record of the controller's tables does not parse",
                "check the stream after recovery"},
    AnomalyCode{"controller-table-missing", Weight::kNote,
                "a table of the controller is not in Tier-2", "check the stream after recovery"},
    AnomalyCode{"controller-table-unreadable", Weight::kAllow,
                "a table of the controller cannot be read",
                "repair the read error if there is one; allowed, its streams are kept as found"},
    AnomalyCode{"damaged-event", Weight::kLoss,
                "bytes inside a segment are no event or entry, far from its end",
                "kept whole; readers stop there: truncate the stream beyond it if needed"},
    AnomalyCode{"data-hole", Weight::kLoss, "bytes in the middle of a segment are gone",
                "the segment ends before the hole"},
    AnomalyCode{"data-missing", Weight::kAllow,
                "a record says a segment has data, but Tier-2 holds none",
                "check that the mount is complete; allowed, it is registered empty"},
    AnomalyCode{"deleted-leftover", Weight::kNote,
                "a segment of a stream the controller recorded as deleted",
                "nothing to do; its files are kept in the run's directory"},
    AnomalyCode{"head-missing", Weight::kLoss, "the first chunk files of a segment are gone",
                "the segment begins after them"},
    AnomalyCode{"index-cut", Weight::kNote, "an attribute index ends in a torn update",
                "nothing to do; the newest whole tree is used"},
    AnomalyCode{"index-rebuilt", Weight::kNote, "a table's index was not in step with its data",
                "nothing to do; the index is written anew from the data"},
    AnomalyCode{"index-unreadable", Weight::kLoss, "no readable tree in an attribute index",
                "writer event numbers of the segment are lost: writers may write duplicates"},
    AnomalyCode{"leftover", Weight::kNote,
                "files of a segment that neither its container nor the controller knows",
                "nothing to do; kept in the run's directory"},
    AnomalyCode{"orphan-index", Weight::kNote, "an attribute index without its segment",
                "nothing to do; kept in the run's directory"},
    AnomalyCode{"record-missing", Weight::kNote,
                "a segment has data, but its record never reached Tier-2",
                "nothing to do; registered with default attributes"},
    AnomalyCode{"salvaged", Weight::kNote,
                "chunk bytes that the storage metadata did not know yet were adopted",
                "nothing to do"},
    AnomalyCode{"seal-ahead", Weight::kLoss,
                "a segment is sealed in Tier-2, but active for the controller",
                "unsealed; a scale or seal after the last flush of the controller is undone"},
    AnomalyCode{"seal-missing", Weight::kNote,
                "the controller sealed a segment, Tier-2 did not yet",
                "nothing to do; registered sealed"},
    AnomalyCode{"segment-missing", Weight::kLoss,
                "the controller expects a segment of which Tier-2 knows nothing",
                "created empty; what it held is lost"},
    AnomalyCode{"segment-unreadable", Weight::kAllow, "a segment cannot be read",
                "repair the read error; allowed, it is registered as its metadata says"},
    AnomalyCode{"torn-tail", Weight::kLoss, "a segment ends inside an event or entry",
                "the torn bytes are cut; the event or entry was never whole in Tier-2"},
    AnomalyCode{"transient", Weight::kNote, "a transient segment",
                "nothing to do; such segments mean nothing after a restart"},
    AnomalyCode{"truncated-away", Weight::kNote,
                "a segment that a truncation of its stream removed",
                "nothing to do; its files are kept in the run's directory"},
    AnomalyCode{"unframed", Weight::kNote, "a segment's bytes are no events (a byte stream)",
                "nothing to do; kept whole"},
    AnomalyCode{"unknown-to-controller", Weight::kNote,
                "a segment has a record, but no stream of the controller lists it",
                "registered; no client can reach it through the controller"},
    AnomalyCode{"unreferenced", Weight::kNote, "a chunk file that no segment lists",
                "nothing to do; kept in the run's directory"},
    AnomalyCode{"writers-forgotten", Weight::kNote, "writer event numbers dropped on request",
                "nothing to do"},
};

}  // namespace

std::span<const AnomalyCode> AnomalyCodes() { return kCodes; }

Weight WeightOf(std::string_view code) {
  auto it = std::find_if(kCodes.begin(), kCodes.end(),
                         [&](const AnomalyCode& c) { return c.code == code; });
  return it == kCodes.end() ? Weight::kAllow : it->weight;
}

}  // namespace pdr
