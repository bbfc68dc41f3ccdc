// The last part of gathering: what the containers tell together.
#include <utility>

#include "format/controller_names.h"
#include "format/names.h"
#include "recovery/gather_parts.h"

namespace pdr {
namespace {

// Whether a segment holds events now, or did so once.
bool WasWritten(const GatheredContainer& container, const std::string& segment) {
  const ContainerView& view = container.view;
  const auto stored = view.stored.find(segment);
  if (stored != view.stored.end() && stored->second.length > 0) return true;
  const auto record = view.records.find(segment);
  if (record != view.records.end() && record->second.length > 0) return true;
  const auto facts = container.evidence.facts.find(segment);
  return facts != container.evidence.facts.end() && facts->second.hole;
}

}  // namespace

WholeGatherer::WholeGatherer(Evidence& evidence) : evidence_(evidence) {
  evidence_.positions.resize(evidence_.containers.size());
  // What an unfinished scale or rolling commit made.
  for (auto& [scope_name, scope] : evidence_.controller.scopes) {
    for (auto& [stream_name, stream] : scope.streams) {
      for (const SegmentId id : stream.MadeAhead()) made_ahead_[stream.SegmentName(id)] = &stream;
      for (const auto& [id, transaction] : stream.transactions) {
        if (IsUnfinished(transaction.status)) unfinished_.insert(id.Hex());
      }
    }
  }
}

void WholeGatherer::Add(GatheredContainer& container) {
  const std::lock_guard lock(mutex_);
  const ContainerView& view = container.view;
  evidence_.positions[static_cast<size_t>(view.container)] =
      std::exchange(container.evidence.positions, {});
  requests_.Merge(std::exchange(container.evidence.requests, {}));
  for (const auto& [name, record] : view.records) {
    NoteSegment(name);
    NoteTransaction(name);
  }
  for (const auto& [name, segment] : view.stored) {
    NoteSegment(name);
    NoteTransaction(name);
  }
  const int count = evidence_.view.container_count;
  for (const auto& [segment, stream] : made_ahead_) {
    if (ContainerOf(segment, count) != view.container) continue;
    if (WasWritten(container, segment)) found_.push_back(&stream->left_behind);
  }
  // Those whose segments ended too: merged into their parents, or deleted, and their records
  // removed.
  for (const std::string& name : view.inactive) NoteTransaction(name);
  for (const std::string& name : view.removed) NoteTransaction(name);
  for (const auto& [name, fact] : container.evidence.transactions) {
    const auto source = view.stored.find(name);
    if (!fact.shares_chunks || source == view.stored.end()) continue;
    for (const StoredChunk& chunk : source->second.chunks) {
      evidence_.merged_chunks.insert(chunk.path);
    }
  }
}

void WholeGatherer::NoteTransaction(const std::string& segment) {
  if (unfinished_.empty()) return;
  const auto parsed = ParseTransactionName(segment);
  if (parsed && unfinished_.contains(parsed->id_hex)) evidence_.transactions.insert(parsed->id_hex);
}

// Of which key-value tables and mark streams anything is there, should the controller know no more
// than a name, or not even that.
void WholeGatherer::NoteSegment(const std::string& segment) {
  const auto parsed = ParseStreamSegmentName(segment);
  const bool marks = parsed && parsed->name.starts_with(kMarkStreamPrefix);
  if (!parsed || (!parsed->kv_table && !marks)) return;
  const auto scope = evidence_.controller.scopes.find(parsed->scope);
  if (scope == evidence_.controller.scopes.end()) return;
  if (marks) {
    const auto of = scope->second.streams.find(parsed->name.substr(kMarkStreamPrefix.size()));
    if (of != scope->second.streams.end()) found_.push_back(&of->second.has_marks);
    return;
  }
  const auto table = scope->second.kv_tables.find(parsed->name);
  if (table != scope->second.kv_tables.end()) found_.push_back(&table->second.has_segments);
}

void WholeGatherer::Finish() {
  for (bool* found : found_) *found = true;
  // Which streams somebody had gone on in.
  for (const std::vector<ReadPosition>& positions : evidence_.positions) {
    for (const ReadPosition& position : positions) {
      const auto made = made_ahead_.find(position.segment);
      if (made != made_ahead_.end()) made->second->left_behind = true;
    }
  }
  evidence_.controller.requests.Merge(std::move(requests_));
}

}  // namespace pdr
