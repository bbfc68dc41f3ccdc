#include "format/controller_stream_records.h"

#include <array>

namespace pdr {
namespace {

constexpr std::array<std::string_view, 9> kStreamStateNames = {
    "UNKNOWN",        "CREATING",   "ACTIVE",  "UPDATING", "SCALING",
    "COMMITTING_TXN", "TRUNCATING", "SEALING", "SEALED"};
constexpr uint32_t kScaleTypes = 3;
constexpr uint32_t kRetentionTypes = 2;

std::set<SegmentId> ReadSegmentIds(ByteReader& r) {
  std::set<SegmentId> ids;
  for (size_t n = ReadCollectionCount(r, 8); n > 0; --n) ids.insert(ReadSegmentId(r));
  return ids;
}

std::optional<ScalingPolicy> ReadScalingPolicy(ByteReader& r) {
  std::optional<ScalingPolicy> policy;
  ReadObject(r, "scaling policy", [&](ByteReader& body) {
    if (!body.Bool()) return;
    const uint32_t type = ReadCompactInt(body);
    if (type >= kScaleTypes) return body.Fail(fmt::format("unknown scale type {}", type));
    policy.emplace();
    policy->type = static_cast<ScaleType>(type);
    policy->target_rate = body.I32();
    policy->scale_factor = body.I32();
    policy->min_segments = body.I32();
  });
  return policy;
}

std::optional<RetentionPolicy> ReadRetentionPolicy(ByteReader& r) {
  std::optional<RetentionPolicy> policy;
  ReadObjectRevisions(r, "retention policy", [&](int revision, ByteReader& body) {
    if (revision == 0 && body.Bool()) {
      const uint32_t type = ReadCompactInt(body);
      if (type >= kRetentionTypes) return body.Fail(fmt::format("unknown retention type {}", type));
      policy.emplace();
      policy->type = static_cast<RetentionType>(type);
      policy->limit = body.I64();
    } else if (revision == 1 && policy) {
      policy->max = body.I64();
    }
  });
  return policy;
}

// Entries of the span: which epoch each segment of the cut belongs to. The epoch records say so
// too.
void SkipSpan(ByteReader& r) {
  for (size_t n = ReadCollectionCount(r, 44); n > 0; --n) {
    ReadSegmentRecord(r);
    r.I32();
  }
}

}  // namespace

std::string_view StreamStateName(StreamState state) {
  return kStreamStateNames[static_cast<size_t>(state)];
}

StatusOr<StreamState> DecodeStreamState(std::string_view bytes) {
  ASSIGN_OR_RETURN(const uint32_t state,
                   DecodeState(bytes, "stream state", kStreamStateNames.size()));
  return static_cast<StreamState>(state);
}

std::string EncodeStreamState(StreamState state) {
  ByteWriter w;
  WriteObject(w, [&](ByteWriter& body) { WriteCompactInt(body, static_cast<uint32_t>(state)); });
  return w.Take();
}

StatusOr<EpochRecord> DecodeEpochRecord(std::string_view bytes) {
  return DecodeWhole<EpochRecord>(bytes, "epoch record", [](ByteReader& r, EpochRecord& epoch) {
    ReadObject(r, "epoch record", [&](ByteReader& body) {
      epoch.epoch = body.I32();
      epoch.reference_epoch = body.I32();
      epoch.segments = ReadSegmentRecords(body);
      epoch.creation_time = body.I64();
    });
  });
}

StatusOr<StreamTruncationRecord> DecodeTruncationRecord(std::string_view bytes) {
  constexpr std::string_view kWhat = "truncation record";
  return DecodeWhole<StreamTruncationRecord>(bytes, kWhat,
                                             [&](ByteReader& r, StreamTruncationRecord& record) {
                                               ReadObject(r, kWhat, [&](ByteReader& body) {
                                                 record.cut = ReadSegmentOffsets(body);
                                                 SkipSpan(body);
                                                 record.deleted = ReadSegmentIds(body);
                                                 record.to_delete = ReadSegmentIds(body);
                                                 record.size_till = body.I64();
                                                 record.updating = body.Bool();
                                               });
                                             });
}

StatusOr<SegmentOffsets> DecodeSealedSizes(std::string_view bytes) {
  constexpr std::string_view kWhat = "sealed-size map";
  return DecodeWhole<SegmentOffsets>(bytes, kWhat, [&](ByteReader& r, SegmentOffsets& sizes) {
    ReadObject(r, kWhat, [&](ByteReader& body) { sizes = ReadSegmentOffsets(body); });
  });
}

StatusOr<RetentionCut> DecodeRetentionCut(std::string_view bytes) {
  constexpr std::string_view kWhat = "retention cut";
  return DecodeWhole<RetentionCut>(bytes, kWhat, [&](ByteReader& r, RetentionCut& record) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      record.time = body.I64();
      record.size = body.I64();
      record.cut = ReadSegmentOffsets(body);
    });
  });
}

StatusOr<StreamConfiguration> DecodeStreamConfiguration(std::string_view bytes) {
  constexpr std::string_view kWhat = "stream configuration";
  const auto read = [&](ByteReader& r, StreamConfiguration& configuration) {
    ReadObjectRevisions(r, kWhat, [&](int revision, ByteReader& body) {
      if (revision == 0) {
        configuration.scope = ReadUtf(body);
        configuration.stream = ReadUtf(body);
        configuration.scaling = ReadScalingPolicy(body);
        configuration.retention = ReadRetentionPolicy(body);
        configuration.updating = body.Bool();
      } else if (revision == 3) {
        configuration.rollover_size = body.I64();
      }
    });
  };
  return DecodeWhole<StreamConfiguration>(bytes, kWhat, read);
}

StatusOr<EpochTransition> DecodeEpochTransition(std::string_view bytes) {
  constexpr std::string_view kWhat = "epoch transition";
  return DecodeWhole<EpochTransition>(bytes, kWhat, [&](ByteReader& r, EpochTransition& record) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      record.active_epoch = body.I32();
      record.time = body.I64();
      record.to_seal = ReadSegmentIds(body);
      for (size_t n = ReadCollectionCount(body, 9); n > 0; --n) {
        record.created.insert(ReadSegmentId(body));
        for (size_t ranges = ReadCollectionCount(body, 16); ranges > 0; --ranges) {
          const double from = ReadDouble(body);
          record.ranges.emplace_back(from, ReadDouble(body));
        }
      }
    });
  });
}

}  // namespace pdr
