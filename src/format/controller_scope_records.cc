#include "format/controller_scope_records.h"

#include <array>

namespace pdr {
namespace {

constexpr std::array<std::string_view, 4> kLifeStateNames = {"UNKNOWN", "CREATING", "DELETING",
                                                             "ACTIVE"};

std::map<std::string, SegmentOffsets> ReadStreamCuts(ByteReader& r) {
  std::map<std::string, SegmentOffsets> cuts;
  for (size_t n = ReadCollectionCount(r, 11); n > 0; --n) {
    const std::string stream = ReadUtf(r);
    ReadObject(r, "stream cut", [&](ByteReader& body) { cuts[stream] = ReadSegmentOffsets(body); });
  }
  return cuts;
}

}  // namespace

std::string_view LifeStateName(LifeState state) {
  return kLifeStateNames[static_cast<size_t>(state)];
}

StatusOr<LifeState> DecodeLifeState(std::string_view bytes) {
  ASSIGN_OR_RETURN(const uint32_t state, DecodeState(bytes, "state", kLifeStateNames.size()));
  return static_cast<LifeState>(state);
}

StatusOr<KvTableEpochRecord> DecodeKvTableEpochRecord(std::string_view bytes) {
  constexpr std::string_view kWhat = "key-value table epoch";
  return DecodeWhole<KvTableEpochRecord>(bytes, kWhat, [&](ByteReader& r, KvTableEpochRecord& e) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      e.epoch = body.I32();
      e.segments = ReadSegmentRecords(body);
      e.creation_time = body.I64();
    });
  });
}

StatusOr<KvTableConfiguration> DecodeKvTableConfiguration(std::string_view bytes) {
  constexpr std::string_view kWhat = "key-value table configuration";
  const auto read = [&](ByteReader& r, KvTableConfiguration& configuration) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      configuration.scope = ReadUtf(body);
      configuration.table = ReadUtf(body);
      configuration.partitions = body.I32();
      configuration.primary_key_length = body.I32();
      configuration.secondary_key_length = body.I32();
    });
  };
  return DecodeWhole<KvTableConfiguration>(bytes, kWhat, read);
}

StatusOr<ReaderGroupConfiguration> DecodeReaderGroupConfiguration(std::string_view bytes) {
  constexpr std::string_view kWhat = "reader group configuration";
  const auto read = [&](ByteReader& r, ReaderGroupConfiguration& configuration) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      configuration.refresh_ms = body.I64();
      configuration.checkpoint_interval_ms = body.I64();
      configuration.outstanding_checkpoints = body.I32();
      configuration.retention_type = ReadCompactInt(body);
      configuration.generation = body.I64();
      configuration.start = ReadStreamCuts(body);
      configuration.end = ReadStreamCuts(body);
      configuration.updating = body.Bool();
    });
  };
  return DecodeWhole<ReaderGroupConfiguration>(bytes, kWhat, read);
}

}  // namespace pdr
