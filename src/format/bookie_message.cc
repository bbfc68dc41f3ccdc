#include "format/bookie_message.h"

#include "base/bytes.h"

namespace pdr {
namespace {

constexpr int32_t kVersion = 3;
constexpr size_t kMaxFieldPrefix = 15;  // two varints

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

// What precedes a field of protobuf's wire type 2.
void PutLengthDelimited(std::string& out, int field, size_t size) {
  PutVarint(out, static_cast<uint64_t>(field) << 3 | 2);
  PutVarint(out, size);
}

}  // namespace

std::string BookieCodeName(int32_t code) {
  switch (static_cast<BookieCode>(code)) {
    case BookieCode::kOk:
      return "EOK";
    case BookieCode::kNoLedger:
      return "ENOLEDGER";
    case BookieCode::kNoEntry:
      return "ENOENTRY";
    case BookieCode::kBadRequest:
      return "EBADREQ";
    case BookieCode::kIo:
      return "EIO";
    case BookieCode::kUnauthorized:
      return "EUA";
    case BookieCode::kBadVersion:
      return "EBADVERSION";
    case BookieCode::kFenced:
      return "EFENCED";
    case BookieCode::kReadOnly:
      return "EREADONLY";
    case BookieCode::kTooManyRequests:
      return "ETOOMANYREQUESTS";
    case BookieCode::kUnknownLedgerState:
      return "EUNKNOWNLEDGERSTATE";
  }
  return fmt::format("code {}", code);
}

std::string EncodeRequestBody(const proto::Request& request) { return request.SerializeAsString(); }

std::string EncodeAddBody(proto::AddRequest add, std::string_view head, std::string_view payload) {
  proto::AddRequest after;  // the body's field stands between the others
  if (add.has_flag()) after.set_flag(add.flag());
  add.clear_flag();
  const std::string fields = add.SerializeAsString();
  const std::string flag = after.SerializeAsString();
  const size_t size = head.size() + payload.size();
  std::string prefix;
  PutLengthDelimited(prefix, proto::AddRequest::kBodyFieldNumber, size);
  const size_t whole = fields.size() + prefix.size() + size + flag.size();
  std::string out;
  out.reserve(whole + kMaxFieldPrefix);
  PutLengthDelimited(out, proto::Request::kAddFieldNumber, whole);
  return out.append(fields).append(prefix).append(head).append(payload).append(flag);
}

std::string EncodeRequestHead(BookieOperation operation, uint64_t txn_id, uint32_t priority,
                              size_t body_size) {
  proto::Request request;
  request.mutable_header()->set_version(kVersion);
  request.mutable_header()->set_operation(static_cast<int32_t>(operation));
  request.mutable_header()->set_txn_id(txn_id);
  if (priority != kNormalPriority) request.mutable_header()->set_priority(priority);
  std::string header = request.SerializeAsString();
  return ByteWriter().U32(header.size() + body_size).Put(header).Take();
}

StatusOr<size_t> DecodeFrameLength(std::string_view prefix) {
  ByteReader in(prefix);
  size_t length = in.U32();
  RETURN_IF_ERROR(in.status());
  if (length == 0 || length > kMaxBookieFrame) {
    return DataLoss("a frame of {} bytes, the limit is {}", length, kMaxBookieFrame);
  }
  return length;
}

StatusOr<proto::Response> DecodeResponse(std::string_view frame) {
  proto::Response response;
  if (!response.ParseFromArray(frame.data(), static_cast<int>(frame.size())) ||
      !response.has_header() || !response.has_status()) {
    return DataLoss("{} bytes that are not an answer in the bookie protocol", frame.size());
  }
  if (response.header().version() != kVersion) {
    return DataLoss("an answer in protocol version {}", response.header().version());
  }
  return response;
}

int32_t ResponseCode(const proto::Response& response) {
  if (response.status() != 0) return response.status();
  if (response.has_read()) return response.read().status();
  if (response.has_add()) return response.add().status();
  if (response.has_read_lac()) return response.read_lac().status();
  if (response.has_info()) return response.info().status();
  return response.status();
}

}  // namespace pdr
