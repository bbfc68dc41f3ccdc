#include "format/wire_command.h"

#include "base/bytes.h"
#include "format/serializer.h"

namespace pdr {
namespace {

std::string Framed(WireType type, std::string_view fields) {
  ByteWriter w;
  w.I32(static_cast<int32_t>(type)).U32(fields.size()).Put(fields);
  return w.Take();
}

WireSegmentInfo ReadSegmentInfo(ByteReader& r) {
  WireSegmentInfo info;
  info.exists = r.Bool();
  info.sealed = r.Bool();
  info.deleted = r.Bool();
  r.I64();  // last modified
  info.length = r.I64();
  if (r.remaining() >= sizeof(int64_t)) info.start_offset = r.I64();  // absent in old stores
  if (info.start_offset < 0 || info.length < info.start_offset) r.Fail("length below the start");
  return info;
}

WireTableInfo ReadTableInfo(ByteReader& r) {
  WireTableInfo info;
  info.start_offset = r.I64();
  info.length = r.I64();
  info.entries = r.I64();
  info.key_length = r.I32();
  if (info.start_offset < 0 || info.length < info.start_offset) r.Fail("length below the start");
  return info;
}

// The stack trace that a store adds to a refusal is left out; it is empty unless configured.
WireRefusal ReadRefusal(WireType type, ByteReader& r, std::string& segment) {
  WireRefusal refusal{type, ""};
  switch (type) {
    case WireType::kAuthTokenCheckFailed:
      break;
    case WireType::kOperationUnsupported:
      refusal.text = ReadUtf(r);
      break;
    case WireType::kErrorMessage:
    case WireType::kWrongHost:  // the text is the right host; stores leave it empty
      segment = ReadUtf(r);
      refusal.text = ReadUtf(r);
      break;
    default:
      segment = ReadUtf(r);
  }
  return refusal;
}

}  // namespace

std::string EncodeHello(const WireHello& hello) {
  ByteWriter w;
  w.I32(hello.high_version).I32(hello.low_version);
  return Framed(WireType::kHello, w.bytes());
}

std::string EncodeInfoRequest(WireType type, int64_t request_id, std::string_view segment) {
  ByteWriter w;
  w.I64(request_id);
  WriteUtf(w, segment);
  WriteUtf(w, "");  // delegation token
  return Framed(type, w.bytes());
}

StatusOr<WireHeader> DecodeWireHeader(std::string_view bytes) {
  ByteReader r(bytes);
  WireHeader header;
  header.type = r.I32();
  header.length = r.U32();
  RETURN_IF_ERROR(r.status());
  if (header.length > kMaxWireCommand) {
    return DataLoss("a command of {} bytes; no store sends more than {}", header.length,
                    kMaxWireCommand);
  }
  return header;
}

StatusOr<WireReply> DecodeWireReply(int32_t type, std::string_view body) {
  ByteReader r(body);
  WireReply reply;
  const auto known = static_cast<WireType>(type);
  switch (known) {
    case WireType::kHello: {
      const int32_t high = r.I32();
      reply.body = WireHello{high, r.I32()};
      break;
    }
    case WireType::kKeepAlive:
      reply.body = WireKeepAlive();
      break;
    case WireType::kStreamSegmentInfo:
      reply.request_id = r.I64();
      reply.segment = ReadUtf(r);
      reply.body = ReadSegmentInfo(r);
      break;
    case WireType::kTableSegmentInfo:
      reply.request_id = r.I64();
      reply.segment = ReadUtf(r);
      reply.body = ReadTableInfo(r);
      break;
    case WireType::kWrongHost:
    case WireType::kNoSuchSegment:
    case WireType::kOperationUnsupported:
    case WireType::kAuthTokenCheckFailed:
    case WireType::kErrorMessage:
      reply.request_id = r.I64();
      reply.body = ReadRefusal(known, r, reply.segment);
      break;
    default:
      return Unimplemented("command {} is no answer to what was asked", type);
  }
  RETURN_IF_ERROR(Annotate(r.status(), WireTypeName(known)));
  return reply;  // newer stores may add fields at the end
}

std::string_view WireTypeName(WireType type) {
  switch (type) {
    case WireType::kHello:
      return "Hello";
    case WireType::kGetStreamSegmentInfo:
      return "GetStreamSegmentInfo";
    case WireType::kStreamSegmentInfo:
      return "StreamSegmentInfo";
    case WireType::kWrongHost:
      return "WrongHost";
    case WireType::kNoSuchSegment:
      return "NoSuchSegment";
    case WireType::kOperationUnsupported:
      return "OperationUnsupported";
    case WireType::kAuthTokenCheckFailed:
      return "AuthTokenCheckFailed";
    case WireType::kErrorMessage:
      return "ErrorMessage";
    case WireType::kGetTableSegmentInfo:
      return "GetTableSegmentInfo";
    case WireType::kTableSegmentInfo:
      return "TableSegmentInfo";
    case WireType::kKeepAlive:
      return "KeepAlive";
  }
  return "unknown command";
}

}  // namespace pdr
