#include "recovery/controller_requests.h"

#include "recovery/visit_events.h"

namespace pdr {
StatusOr<RequestEvidence> ReadRequests(const Disk& disk, const StoredSegment& segment,
                                       uint64_t from) {
  RequestEvidence requests;
  RETURN_IF_ERROR(VisitEvents(disk, segment, from, [&](std::string_view request) {
    requests.Add(segment.name, request);
    return OkStatus();
  }));
  return requests;
}

void RequestEvidence::Add(const std::string& segment, std::string_view request) {
  Waiting& waiting = segments[segment];
  waiting.bytes += request.size();
  const auto head = DecodeRequestHead(request);
  if (!head.ok()) {
    ++waiting.unknown;
    return;
  }
  ++waiting.requests[head->type];
  if (head->type == RequestType::kDeleteStream) {
    deleted_streams[head->scope + "/" + head->name].insert(head->creation_time);
  } else if (head->type == RequestType::kCreateTable ||
             head->type == RequestType::kCreateReaderGroup) {
    created.emplace(head->type, head->id);
  }
}

void RequestEvidence::Merge(RequestEvidence other) {
  segments.merge(other.segments);
  created.merge(other.created);
  for (auto& [stream, times] : other.deleted_streams) deleted_streams[stream].merge(times);
}

}  // namespace pdr
