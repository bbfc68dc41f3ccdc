#include "format/reader_group_updates.h"

#include "format/controller_records.h"
#include "format/serializer.h"

namespace pdr {
namespace {

constexpr std::string_view kWhat = "reader group update";

// Type ids, fixed by the format.
enum Update : uint8_t {
  kInit = 0,
  kCompacted = 1,
  kAddReader = 2,
  kRemoveReader = 3,
  kReleaseSegment = 4,
  kAcquireSegment = 5,
  kUpdateDistanceToTail = 6,
  kSegmentCompleted = 7,
  kCheckpointReader = 8,
  kCreateCheckpoint = 9,
  kClearCheckpointsBefore = 10,
  kUpdateCheckpointPublished = 11,
  kUpdatingConfig = 12,
  kRemoveOutstandingCheckpoints = 13,  // since 0.13
};

// A silent checkpoint (made for a stream cut) does not move the group's positions.
constexpr std::string_view kSilent = "_SILENT_";

SegmentPositions ReadPositions(ByteReader& r) {
  SegmentPositions positions;
  for (size_t n = ReadCollectionCount(r, 10); n > 0; --n) {
    const std::string segment = ReadUtf(r);
    positions[segment] = r.I64();
  }
  return positions;
}

void ReadRange(ByteReader& r) {
  ReadDouble(r);
  ReadDouble(r);
}

SegmentPositions ReadPositionsWithRanges(ByteReader& r) {
  SegmentPositions positions;
  for (size_t n = ReadCollectionCount(r, 26); n > 0; --n) {
    const std::string segment = ReadUtf(r);
    ReadRange(r);
    positions[segment] = r.I64();
  }
  return positions;
}

std::map<std::string, std::set<int64_t>> ReadPredecessors(ByteReader& r) {
  std::map<std::string, std::set<int64_t>> successors;
  for (size_t n = ReadCollectionCount(r, 3); n > 0; --n) {
    std::set<int64_t>& predecessors = successors[ReadUtf(r)];
    for (size_t m = ReadCollectionCount(r, 8); m > 0; --m) predecessors.insert(r.I64());
  }
  return successors;
}

std::map<std::string, SegmentPositions> ReadNamedPositions(ByteReader& r) {
  std::map<std::string, SegmentPositions> named;
  for (size_t n = ReadCollectionCount(r, 3); n > 0; --n) {
    const std::string name = ReadUtf(r);
    named[name] = ReadPositions(r);
  }
  return named;
}

void ReadCheckpoints(std::string_view bytes, ByteReader& outer, ReaderGroupState& state) {
  ByteReader r(bytes);
  ReadObject(r, "checkpoint state", [&](ByteReader& body) {
    for (size_t n = ReadCollectionCount(body, 2); n > 0; --n) ReadUtf(body);  // ids, in order
    for (size_t n = ReadCollectionCount(body, 3); n > 0; --n) {  // readers still to checkpoint
      ReadUtf(body);
      for (size_t m = ReadCollectionCount(body, 2); m > 0; --m) ReadUtf(body);
    }
    state.checkpoints = ReadNamedPositions(body);
    state.last_checkpoint = ReadPositions(body);
  });
  if (!r.ok()) outer.Fail(Message(r.status()));
}

void ReadInit(int revision, ByteReader& r, ReaderGroupState& state) {
  if (revision != 0) return;  // later ones repeat the segments with their key ranges
  state = {};
  state.initialized = true;
  ReadBuffer(r);  // configuration
  state.unassigned = ReadPositions(r);
  state.last_read = state.unassigned;
  state.end_segments = ReadPositions(r);
}

void ReadCompacted(int revision, ByteReader& r, ReaderGroupState& state) {
  if (revision == 1) {
    state.last_read = ReadPositions(r);
    return;
  }
  if (revision != 0) return;
  state = {};
  state.initialized = true;
  ReadBuffer(r);  // configuration
  ReadCheckpoints(ReadBuffer(r), r, state);
  ReadPositions(r);  // reader -> distance to the tail
  state.future = ReadPredecessors(r);
  state.readers = ReadNamedPositions(r);
  state.unassigned = ReadPositions(r);
  state.end_segments = ReadPositions(r);
}

void MoveExisting(const SegmentPositions& from, SegmentPositions& to) {
  for (const auto& [segment, offset] : from) {
    const auto at = to.find(segment);
    if (at != to.end()) at->second = offset;
  }
}

void RemoveReader(ByteReader& r, ReaderGroupState& state) {
  const std::string reader = ReadUtf(r);
  const SegmentPositions owned = ReadPositions(r);
  const auto found = state.readers.find(reader);
  if (!r.ok() || found == state.readers.end()) return;
  MoveExisting(owned, found->second);
  for (const auto& [segment, offset] : found->second) state.unassigned[segment] = offset;
  state.readers.erase(found);
}

void ReleaseSegment(ByteReader& r, ReaderGroupState& state) {
  const std::string reader = ReadUtf(r);
  const std::string segment = ReadUtf(r);
  const int64_t offset = r.I64();
  if (!r.ok() || state.readers[reader].erase(segment) == 0) {
    return r.Fail("releases a segment that its reader does not have");
  }
  state.unassigned[segment] = offset;
  MoveExisting({{segment, offset}}, state.last_read);
}

void AcquireSegment(ByteReader& r, ReaderGroupState& state) {
  const std::string reader = ReadUtf(r);
  const std::string segment = ReadUtf(r);
  const auto found = state.unassigned.find(segment);
  if (!r.ok() || found == state.unassigned.end()) {
    return r.Fail("acquires a segment that is assigned already");
  }
  state.readers[reader][segment] = found->second;
  state.unassigned.erase(found);
}

// The id inside the stream, as successors name their predecessors.
std::optional<int64_t> SegmentLong(const std::string& segment) {
  const auto parsed = ParseStreamSegmentName(segment);
  if (!parsed) return std::nullopt;
  return SegmentIdAsLong(parsed->id);
}

void SegmentCompleted(ByteReader& r, ReaderGroupState& state) {
  const std::string reader = ReadUtf(r);
  const std::string segment = ReadUtf(r);
  auto successors = ReadPredecessors(r);
  const auto id = SegmentLong(segment);
  if (!r.ok() || !id) return r.Fail("completes something that is no segment");
  state.readers[reader].erase(segment);
  state.last_read.erase(segment);
  state.future.merge(successors);
  for (auto at = state.future.begin(); at != state.future.end();) {
    at->second.erase(*id);
    if (!at->second.empty()) {
      ++at;
      continue;
    }
    state.unassigned[at->first] = 0;
    state.last_read.emplace(at->first, 0);
    at = state.future.erase(at);
  }
}

void CheckpointReader(ByteReader& r, ReaderGroupState& state) {
  const std::string checkpoint = ReadUtf(r);
  const std::string reader = ReadUtf(r);
  const SegmentPositions positions = ReadPositions(r);
  if (!r.ok()) return;
  for (const auto& [segment, offset] : positions) state.checkpoints[checkpoint][segment] = offset;
  const auto found = state.readers.find(reader);
  if (checkpoint.find(kSilent) != std::string::npos || found == state.readers.end()) return;
  MoveExisting(positions, found->second);
}

void ApplyOne(uint8_t type, int revision, ByteReader& r, ReaderGroupState& state) {
  if (type == kUpdateDistanceToTail && revision == 1) {
    return MoveExisting(ReadPositionsWithRanges(r), state.last_read);
  }
  if (revision != 0) return;  // key ranges
  switch (type) {
    case kAddReader:
      state.readers[ReadUtf(r)];
      break;
    case kRemoveReader:
      return RemoveReader(r, state);
    case kReleaseSegment:
      return ReleaseSegment(r, state);
    case kAcquireSegment:
      return AcquireSegment(r, state);
    case kSegmentCompleted:
      return SegmentCompleted(r, state);
    case kCheckpointReader:
      return CheckpointReader(r, state);
    case kCreateCheckpoint:
      state.checkpoints.emplace(ReadUtf(r), state.unassigned);
      break;
    default:  // no position in it
      break;
  }
}

}  // namespace

Status ApplyReaderGroupUpdate(std::string_view bytes, ReaderGroupState& state) {
  ByteReader r(bytes);
  ReadTypedObject(r, kWhat, [&](const ObjectHeader& header, int revision, ByteReader& body) {
    if (header.version != 0 || header.type > kRemoveOutstandingCheckpoints) {
      return body.Fail(fmt::format("type {}, version {}", header.type, header.version));
    }
    if (header.type == kInit) return ReadInit(revision, body, state);
    if (header.type == kCompacted) return ReadCompacted(revision, body, state);
    if (state.initialized) ApplyOne(header.type, revision, body, state);
  });
  if (!r.ok()) return DataLoss("{}", Message(r.status()));
  return OkStatus();
}

}  // namespace pdr
