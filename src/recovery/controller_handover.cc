#include "recovery/controller_handover.h"

#include <algorithm>

#include "format/controller_nodes.h"
#include "format/table_entry.h"

namespace pdr {
namespace {

constexpr std::string_view kSystemScope = "_system";

}  // namespace

bool Handover::HasNode(std::string_view path) const {
  return std::any_of(work_.nodes.begin(), work_.nodes.end(),
                     [&](const NodeWrite& node) { return node.path == path; });
}

void Handover::Ask(const std::string& id, std::string request) {
  Node(RequestIndexNode(kProcess, id), std::move(request));
}

void Handover::Post(std::string_view stream_name, const std::string& request) {
  const StreamEvidence* stream = evidence_.FindStream(kSystemScope, stream_name);
  if (stream == nullptr) return;
  const std::vector<SegmentId> segments = stream->ActiveSegments();
  if (segments.empty()) return;
  ByteWriter event;
  event.I32(0).I32(static_cast<int32_t>(request.size())).Put(request);
  work_.additions[stream->SegmentName(segments.front())].bytes += event.Take();
}

void Handover::Put(const std::string& table, std::string_view key,
                   std::optional<std::string_view> value) {
  Addition& addition = work_.additions[table];
  AppendTableEntry(addition.bytes, key, value);
  ++addition.table_entries;
}

}  // namespace pdr
