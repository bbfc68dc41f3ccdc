#include "live/testing/fake_controller.h"

#include <nghttp2/nghttp2.h>

#include <cstring>
#include <map>

#include "base/bytes.h"
#include "proto/controller.pb.h"

namespace pdr {
namespace {

constexpr size_t kMessagePrefix = 5;

uint8_t* Bytes(const std::string& s) {
  return reinterpret_cast<uint8_t*>(const_cast<char*>(s.data()));
}

nghttp2_nv Header(const std::string& name, const std::string& value) {
  return {Bytes(name), Bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

const std::string kStatus = ":status", k200 = "200", kType = "content-type",
                  kGrpc = "application/grpc", kGrpcStatus = "grpc-status";

}  // namespace

struct FakeController::Session {
  Session(const Script& answers, asio::ip::tcp::socket& client) : script(answers), socket(client) {}

  const Script& script;
  asio::ip::tcp::socket& socket;
  nghttp2_session* http2 = nullptr;
  std::map<int32_t, std::string> requests;
  std::string body;
  std::string status;
  bool hang_up = false;

  static int OnData(nghttp2_session* /*s*/, uint8_t /*flags*/, int32_t stream, const uint8_t* data,
                    size_t size, void* user) {
    static_cast<Session*>(user)->requests[stream].append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int OnFrame(nghttp2_session* /*s*/, const nghttp2_frame* frame, void* user) {
    const bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type != NGHTTP2_DATA || !end) return 0;
    static_cast<Session*>(user)->Answer(frame->hd.stream_id);
    return 0;
  }
  static ssize_t Read(nghttp2_session* s, int32_t stream, uint8_t* out, size_t room,
                      uint32_t* flags, nghttp2_data_source* /*source*/, void* user) {
    auto* self = static_cast<Session*>(user);
    const size_t n = std::min(room, self->body.size());
    std::memcpy(out, self->body.data(), n);
    self->body.erase(0, n);
    if (self->body.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const nghttp2_nv trailer = Header(kGrpcStatus, self->status);
      nghttp2_submit_trailer(s, stream, &trailer, 1);
    }
    return static_cast<ssize_t>(n);
  }

  void Answer(int32_t stream) {
    proto::SegmentId question;
    question.ParseFromString(requests[stream].substr(kMessagePrefix));
    const GrpcAnswer answer =
        script(fmt::format("{}/{}/{}", question.stream_info().scope(),
                           question.stream_info().stream(), question.segment_id()));
    hang_up = answer.hang_up;
    status = answer.status;
    const nghttp2_nv headers[] = {Header(kStatus, k200), Header(kType, kGrpc),
                                  Header(kGrpcStatus, status)};
    if (status != "0") {  // a refusal has no body: its status comes with the headers
      nghttp2_submit_response(http2, stream, headers, 3, nullptr);
      return;
    }
    body = ByteWriter().U8(0).U32(answer.message.size()).Put(answer.message).Take();
    nghttp2_data_provider provider = {};
    provider.read_callback = Read;
    nghttp2_submit_response(http2, stream, headers, 2, &provider);
  }

  bool Send() {
    const uint8_t* bytes = nullptr;
    for (ssize_t n = 0; (n = nghttp2_session_mem_send(http2, &bytes)) > 0;) {
      const std::string out(reinterpret_cast<const char*>(bytes), static_cast<size_t>(n));
      if (!WriteAll(socket, out)) return false;
    }
    return true;
  }

  void Run() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_server_new(&http2, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(http2, NGHTTP2_FLAG_NONE, nullptr, 0);
    std::string input(4096, '\0');
    while (Send()) {
      asio::error_code error;
      const size_t n = socket.read_some(asio::buffer(input), error);
      if (error || nghttp2_session_mem_recv(http2, Bytes(input), n) < 0 || hang_up) break;
    }
    nghttp2_session_del(http2);
  }
};

GrpcAnswer NamesStore(const Endpoint& store) {
  proto::NodeUri uri;
  uri.set_endpoint(store.host);
  uri.set_port(store.port);
  return {"0", uri.SerializeAsString()};
}

FakeController::FakeController(Script script) : script_(std::move(script)) {
  server_ = std::make_unique<FakeServer>(
      [this](asio::ip::tcp::socket& socket) { Session(script_, socket).Run(); });
}

FakeController::FakeController(const Endpoint& store)
    : FakeController([store](const std::string&) { return NamesStore(store); }) {}

}  // namespace pdr
