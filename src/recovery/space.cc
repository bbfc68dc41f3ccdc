// How much a run will write, before anything is built.
#include "recovery/preflight.h"

namespace pdr {
namespace {

constexpr uint64_t kMegabyte = 1000000;
constexpr uint64_t kPerEntry = 120;  // of a table entry and its index, besides key and value
constexpr uint64_t kPerStorageRecord = 400;  // one record of the storage metadata, written out
constexpr uint64_t kPerStep = 400;           // of a file step in the workspace

// The metadata table and its index.
uint64_t RecordBytes(const ContainerPlan& c) {
  uint64_t bytes = 0;
  for (const SegmentDecision& s : c.segments) {
    bytes += 2 * s.info.name.size() + 24 * s.info.attributes.size() + kPerEntry;
  }
  return bytes;
}

}  // namespace

uint64_t BytesForTier2(const Plan& plan) {
  uint64_t bytes = 16 * kMegabyte;
  for (const ContainerPlan& c : plan.containers) {
    bytes += RecordBytes(c) + c.storage_records.size() * kPerStorageRecord;
    for (const FileCut& cut : c.cuts) bytes += cut.keep_bytes;
    for (const ImageFile& f : c.rewritten) bytes += f.content.size();
    // An index holds a key's hash and its offset: less than any entry of the data.
    for (const IndexRebuild& r : c.rebuilds) bytes += r.data.length;
  }
  return bytes;
}

// The database and its write-ahead log.
uint64_t BytesForWorkspace(const Plan& plan) {
  uint64_t bytes = 8 * kMegabyte;
  for (const ContainerPlan& c : plan.containers) {
    bytes += RecordBytes(c);
    bytes += (c.set_aside.size() + c.cuts.size() + c.modes.size() + c.rewritten.size()) * kPerStep;
  }
  return 2 * bytes;
}

// A checkpoint of the system segments for every container, and each bookie may get them all.
uint64_t BytesForBookies(const Plan& plan) {
  return 16 * kMegabyte + plan.containers.size() * kMegabyte;
}

}  // namespace pdr
