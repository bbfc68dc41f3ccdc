#include "format/controller_events.h"

#include <array>
#include <bit>

#include "format/serializer.h"
#include "format/uuid.h"

namespace pdr {
namespace {

constexpr int64_t kNoRequestId = 0;  // it only marks lines of the controller's log

void WriteNames(ByteWriter& w, std::string_view scope, std::string_view name) {
  WriteUtf(w, scope);
  WriteUtf(w, name);
}

template <typename... Write>
std::string Typed(RequestType type, Write&&... write) {
  ByteWriter w;
  WriteTypedObject(w, static_cast<uint8_t>(type), std::forward<Write>(write)...);
  return w.Take();
}

void WriteStreamCuts(ByteWriter& w, const std::map<std::string, SegmentOffsets>& cuts) {
  WriteCompactInt(w, static_cast<uint32_t>(cuts.size()));
  for (const auto& [stream, offsets] : cuts) {
    WriteUtf(w, stream);
    WriteObject(w, [&offsets = offsets](ByteWriter& cut) {
      WriteCompactInt(cut, static_cast<uint32_t>(offsets.size()));
      for (const auto& [id, offset] : offsets) cut.I64(SegmentIdAsLong(id)).I64(offset);
    });
  }
}

// By number; a gap has no name.
constexpr std::array<std::string_view, 15> kTypeNames = {"",
                                                         "abort",
                                                         "automatic scale",
                                                         "commit",
                                                         "delete stream",
                                                         "scale",
                                                         "seal",
                                                         "truncate",
                                                         "update",
                                                         "create table",
                                                         "delete table",
                                                         "create group",
                                                         "delete group",
                                                         "update group",
                                                         "delete scope"};

bool IsKnown(uint8_t type) { return type > 0 && type < kTypeNames.size(); }

// The fields in front of the id, which differ by type.
void ReadHead(ByteReader& body, RequestHead& head) {
  if (head.type == RequestType::kCreateReaderGroup) body.I64();  // request id
  head.scope = ReadUtf(body);
  if (head.type != RequestType::kDeleteScope) head.name = ReadUtf(body);
  switch (head.type) {
    case RequestType::kDeleteStream:
      body.I64();  // request id
      head.creation_time = body.I64();
      break;
    case RequestType::kCreateTable:
      body.I32();  // partitions
      body.I64();  // creation time
      body.I64();  // request id
      head.id = ReadUuid(body);
      break;
    case RequestType::kDeleteTable:
    case RequestType::kDeleteReaderGroup:
    case RequestType::kDeleteScope:
      body.I64();  // request id
      head.id = ReadUuid(body);
      break;
    case RequestType::kCreateReaderGroup:
      body.I64();            // creation time
      body.I64();            // refresh time
      body.I64();            // checkpoint interval
      body.I32();            // outstanding checkpoints
      ReadCompactInt(body);  // retention type
      body.I64();            // generation
      head.id = ReadUuid(body);
      break;
    default:
      break;
  }
}

}  // namespace

std::string_view RequestTypeName(RequestType type) {
  return kTypeNames.at(static_cast<size_t>(type));
}

std::string EncodeStreamRequest(RequestType type, std::string_view scope, std::string_view stream) {
  return Typed(type, [&](ByteWriter& w) {
    WriteNames(w, scope, stream);
    w.I64(kNoRequestId);
  });
}

std::string EncodeDeleteRequest(RequestType type, std::string_view scope, std::string_view name,
                                const Uuid& id) {
  return Typed(type, [&](ByteWriter& w) {
    WriteNames(w, scope, name);
    w.I64(kNoRequestId);
    WriteUuid(w, id);
  });
}

std::string EncodeUpdateReaderGroupRequest(std::string_view scope, std::string_view group,
                                           const Uuid& id, int64_t generation) {
  return Typed(RequestType::kUpdateReaderGroup, [&](ByteWriter& w) {
    WriteNames(w, scope, group);
    w.I64(kNoRequestId);
    WriteUuid(w, id);
    w.I64(generation);
    w.Bool(true);           // subscribe the group to its streams again, in case that was under way
    WriteCompactInt(w, 0);  // streams it is to be removed from are recorded nowhere
  });
}

std::string EncodeCreateTableRequest(const KvTableConfiguration& configuration, const Uuid& id,
                                     int64_t creation_time) {
  return Typed(
      RequestType::kCreateTable,
      [&](ByteWriter& w) {
        WriteNames(w, configuration.scope, configuration.table);
        w.I32(configuration.partitions).I64(creation_time).I64(kNoRequestId);
        WriteUuid(w, id);
        w.I32(configuration.primary_key_length).I32(configuration.secondary_key_length);
      },
      [](ByteWriter& w) { w.I64(0); });  // rollover size: the record does not have it, 0 = none
}

std::string EncodeCreateReaderGroupRequest(std::string_view scope, std::string_view group,
                                           const ReaderGroupConfiguration& configuration,
                                           const Uuid& id, int64_t creation_time) {
  return Typed(RequestType::kCreateReaderGroup, [&](ByteWriter& w) {
    w.I64(kNoRequestId);
    WriteNames(w, scope, group);
    w.I64(creation_time).I64(configuration.refresh_ms).I64(configuration.checkpoint_interval_ms);
    w.I32(configuration.outstanding_checkpoints);
    WriteCompactInt(w, configuration.retention_type);
    w.I64(configuration.generation);
    WriteUuid(w, id);
    WriteStreamCuts(w, configuration.start);
    WriteStreamCuts(w, configuration.end);
  });
}

std::string EncodeDeleteScopeRequest(std::string_view scope, const Uuid& id) {
  return Typed(RequestType::kDeleteScope, [&](ByteWriter& w) {
    WriteUtf(w, scope);
    w.I64(kNoRequestId);
    WriteUuid(w, id);
  });
}

std::string EncodeCommitRequest(std::string_view scope, std::string_view stream, int32_t epoch) {
  return Typed(RequestType::kCommitTransactions, [&](ByteWriter& w) {
    WriteNames(w, scope, stream);
    WriteCompactInt(w, static_cast<uint32_t>(epoch));
  });
}

std::string EncodeAbortRequest(std::string_view scope, std::string_view stream,
                               const Uuid& transaction) {
  return Typed(
      RequestType::kAbortTransaction,
      [&](ByteWriter& w) {
        WriteNames(w, scope, stream);
        WriteCompactInt(w, static_cast<uint32_t>(TransactionEpoch(transaction)));
        WriteUuid(w, transaction);
      },
      [](ByteWriter& w) { w.I64(kNoRequestId); });
}

std::string EncodeScaleRequest(const ScaleRequest& scale) {
  return Typed(RequestType::kScale, [&](ByteWriter& w) {
    WriteNames(w, scale.scope, scale.stream);
    WriteCompactInt(w, static_cast<uint32_t>(scale.to_seal.size()));
    for (const SegmentId& id : scale.to_seal) w.I64(SegmentIdAsLong(id));
    WriteCompactInt(w, static_cast<uint32_t>(scale.new_ranges.size()));
    for (const auto& [from, to] : scale.new_ranges) {
      w.U64(std::bit_cast<uint64_t>(from)).U64(std::bit_cast<uint64_t>(to));
    }
    w.Bool(true);  // run only if started
    w.I64(scale.time).I64(kNoRequestId);
  });
}

StatusOr<RequestHead> DecodeRequestHead(std::string_view bytes) {
  constexpr std::string_view kWhat = "controller request";
  RequestHead head;
  ByteReader reader(bytes);
  ReadTypedObject(reader, kWhat, [&](const ObjectHeader& header, int revision, ByteReader& body) {
    if (!IsKnown(header.type)) {
      return body.Fail(fmt::format("{}: unknown type {}", kWhat, header.type));
    }
    if (header.version != 0) {
      return body.Fail(fmt::format("{}: unknown version {}", kWhat, header.version));
    }
    head.type = static_cast<RequestType>(header.type);
    if (revision == 0) ReadHead(body, head);
  });
  RETURN_IF_ERROR(FinishObject(reader, kWhat));
  return head;
}

}  // namespace pdr
