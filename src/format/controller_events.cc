#include "format/controller_events.h"

#include <bit>

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr int64_t kNoRequestId = 0;  // it only marks lines of the controller's log

void WriteNames(ByteWriter& w, std::string_view scope, std::string_view name) {
  WriteUtf(w, scope);
  WriteUtf(w, name);
}

void WriteUuid(ByteWriter& w, const Uuid& id) { w.U64(id.high).U64(id.low); }

template <typename... Write>
std::string Typed(RequestType type, Write&&... write) {
  ByteWriter w;
  WriteTypedObject(w, static_cast<uint8_t>(type), std::forward<Write>(write)...);
  return w.Take();
}

bool IsKnown(uint8_t type) {
  switch (static_cast<RequestType>(type)) {
    case RequestType::kAbortTransaction:
    case RequestType::kCommitTransactions:
    case RequestType::kScale:
    case RequestType::kSealStream:
    case RequestType::kTruncateStream:
    case RequestType::kUpdateStream:
    case RequestType::kDeleteTable:
    case RequestType::kDeleteReaderGroup:
    case RequestType::kUpdateReaderGroup:
      return true;
  }
  return false;
}

}  // namespace

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
    for (const SegmentId& id : scale.to_seal) {
      w.I64(int64_t{id.epoch} << 32 | static_cast<uint32_t>(id.number));
    }
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
    if (revision > 0) return;
    head.scope = ReadUtf(body);
    head.name = ReadUtf(body);
  });
  RETURN_IF_ERROR(FinishObject(reader, kWhat));
  return head;
}

}  // namespace pdr
