#include "live/testing/fake_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "format/serializer.h"

namespace pdr {
namespace {

std::string Framed(WireType type, const ByteWriter& fields) {
  ByteWriter w;
  w.I32(static_cast<int32_t>(type)).U32(fields.size()).Put(fields.bytes());
  return w.Take();
}

// The next command; false at the end of the connection.
bool ReadCommand(asio::ip::tcp::socket& socket, int32_t& type, std::string& body) {
  std::string head;
  if (!ReadExactly(socket, head, kWireHeaderBytes)) return false;
  const WireHeader header = DecodeWireHeader(head).value();
  type = header.type;
  return ReadExactly(socket, body, header.length);
}

StoreRequest ToRequest(int32_t type, std::string_view body) {
  ByteReader r(body);
  StoreRequest request{static_cast<WireType>(type), r.I64(), ""};
  request.segment = ReadUtf(r);
  return request;
}

}  // namespace

std::string InfoReply(const StoreRequest& request, const WireSegmentInfo& info) {
  ByteWriter w;
  w.I64(request.id);
  WriteUtf(w, request.segment);
  w.Bool(info.exists).Bool(info.sealed).Bool(info.deleted).I64(0);
  w.I64(info.length).I64(info.start_offset);
  return Framed(WireType::kStreamSegmentInfo, w);
}

std::string TableReply(const StoreRequest& request, const WireTableInfo& info) {
  ByteWriter w;
  w.I64(request.id);
  WriteUtf(w, request.segment);
  w.I64(info.start_offset).I64(info.length).I64(info.entries).I32(info.key_length);
  return Framed(WireType::kTableSegmentInfo, w);
}

std::string RefusalReply(const StoreRequest& request, WireType type) {
  ByteWriter w;
  w.I64(request.id);
  if (type != WireType::kAuthTokenCheckFailed) WriteUtf(w, request.segment);
  WriteUtf(w, "");
  w.I64(-1);
  return Framed(type, w);
}

FakeStore::FakeStore() {
  server_ = std::make_unique<FakeServer>([this](asio::ip::tcp::socket& s) { Serve(s); });
}

std::string FakeStore::FromTable(const StoreRequest& request) const {
  if (request.type == WireType::kGetTableSegmentInfo) {
    const auto found = tables.find(request.segment);
    return found == tables.end() ? "" : TableReply(request, found->second);
  }
  const auto found = segments.find(request.segment);
  if (found == segments.end()) return RefusalReply(request, WireType::kNoSuchSegment);
  return InfoReply(request, found->second);
}

void FakeStore::Serve(asio::ip::tcp::socket& socket) {
  int32_t type = 0;
  std::string body;
  if (!ReadCommand(socket, type, body) || !WriteAll(socket, EncodeHello(hello))) return;
  while (ReadCommand(socket, type, body)) {
    std::vector<StoreRequest> requests = {ToRequest(type, body)};
    while (backwards && socket.available() > 0 && ReadCommand(socket, type, body)) {
      requests.push_back(ToRequest(type, body));
    }
    if (silent) continue;
    std::reverse(requests.begin(), requests.end());
    for (const StoreRequest& request : requests) {
      const std::string answer = script ? script(request) : FromTable(request);
      if (answer.empty() || !WriteAll(socket, answer)) return;
    }
  }
}

}  // namespace pdr
