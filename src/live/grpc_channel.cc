#include "live/grpc_channel.h"

#include <algorithm>

#include "base/bytes.h"

namespace pdr {
namespace {

constexpr size_t kMaxReply = 1 << 16;
constexpr size_t kMaxHeaders = 64;
constexpr std::string_view kOk = "0";
constexpr std::string_view kPermissionDenied = "7";
constexpr std::string_view kUnauthenticated = "16";

// nghttp2 takes pointers to bytes it does not change, without saying so in the type.
nghttp2_nv Header(const std::string& name, const std::string& value) {
  auto bytes = [](const std::string& s) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-*)
    return reinterpret_cast<uint8_t*>(const_cast<char*>(s.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Status Http2Error(const std::string& peer, ssize_t code) {
  return Unavailable("{} does not speak HTTP/2 as a controller does: {}", peer,
                     nghttp2_strerror(static_cast<int>(code)));
}

}  // namespace

// What nghttp2 calls; `user` is the channel.
struct GrpcChannel::Callbacks {
  static std::string_view Text(const uint8_t* bytes, size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }
  static int OnHeader(nghttp2_session* /*session*/, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t /*flags*/,
                      void* user) {
    auto* channel = static_cast<GrpcChannel*>(user);
    if (frame->hd.stream_id == channel->stream_ && channel->headers_.size() < kMaxHeaders) {
      channel->headers_[std::string(Text(name, name_size))] = Text(value, value_size);
    }
    return 0;
  }
  static int OnData(nghttp2_session* /*session*/, uint8_t /*flags*/, int32_t stream,
                    const uint8_t* data, size_t size, void* user) {
    auto* channel = static_cast<GrpcChannel*>(user);
    if (stream != channel->stream_) return 0;
    channel->too_long_ = channel->too_long_ || size > kMaxReply - channel->reply_.size();
    if (!channel->too_long_) channel->reply_ += Text(data, size);
    return 0;
  }
  static int OnClose(nghttp2_session* /*session*/, int32_t stream, uint32_t error, void* user) {
    auto* channel = static_cast<GrpcChannel*>(user);
    if (stream != channel->stream_) return 0;
    channel->closed_ = true;
    if (error != NGHTTP2_NO_ERROR) channel->headers_["stream-error"] = std::to_string(error);
    return 0;
  }
  static ssize_t Read(nghttp2_session* /*session*/, int32_t /*stream*/, uint8_t* out, size_t room,
                      uint32_t* flags, nghttp2_data_source* /*source*/, void* user) {
    auto* channel = static_cast<GrpcChannel*>(user);
    const size_t n = std::min(room, channel->request_.size() - channel->sent_);
    channel->sent_ += channel->request_.copy(reinterpret_cast<char*>(out), n, channel->sent_);
    if (channel->sent_ == channel->request_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }
};

GrpcChannel::GrpcChannel(const Endpoint& endpoint, std::chrono::milliseconds timeout)
    : socket_("controller", endpoint, timeout), authority_(endpoint.ToString()) {}

GrpcChannel::~GrpcChannel() { nghttp2_session_del(session_); }

StatusOr<std::unique_ptr<GrpcChannel>> GrpcChannel::Connect(const Endpoint& endpoint,
                                                            std::chrono::milliseconds timeout) {
  std::unique_ptr<GrpcChannel> channel(new GrpcChannel(endpoint, timeout));
  RETURN_IF_ERROR(channel->Open());
  return channel;
}

Status GrpcChannel::Open() {
  RETURN_IF_ERROR(socket_.Connect());
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) return Internal("nghttp2: no memory");
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::OnClose);
  const int made = nghttp2_session_client_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) return Internal("nghttp2: {}", nghttp2_strerror(made));
  const int code = nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  return code == 0 ? OkStatus() : Http2Error(socket_.peer(), code);
}

Status GrpcChannel::Submit(const std::string& method) {
  const std::map<std::string, std::string> fields = {
      {":authority", authority_}, {":method", "POST"}, {":path", method},
      {":scheme", "http"},        {"te", "trailers"},  {"content-type", "application/grpc"}};
  std::vector<nghttp2_nv> headers;  // ':' sorts before letters, as it must
  headers.reserve(fields.size());
  for (const auto& [name, value] : fields) headers.push_back(Header(name, value));
  nghttp2_data_provider body = {};
  body.read_callback = Callbacks::Read;
  stream_ = nghttp2_submit_request(session_, nullptr, headers.data(), headers.size(), &body, this);
  return stream_ > 0 ? OkStatus() : Http2Error(socket_.peer(), stream_);
}

Status GrpcChannel::SendPending() {
  std::string output;
  for (;;) {
    const uint8_t* bytes = nullptr;
    const ssize_t n = nghttp2_session_mem_send(session_, &bytes);
    if (n < 0) return Http2Error(socket_.peer(), n);
    if (n == 0) break;
    output += Callbacks::Text(bytes, static_cast<size_t>(n));
  }
  return output.empty() ? OkStatus() : socket_.Write(output);
}

Status GrpcChannel::Exchange() {
  std::string input;
  while (!closed_) {
    RETURN_IF_ERROR(SendPending());
    if (nghttp2_session_want_read(session_) == 0) {
      return Unavailable("{} ended the connection", socket_.peer());
    }
    input.clear();
    RETURN_IF_ERROR(socket_.ReadSome(input));
    const ssize_t n = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const uint8_t*>(input.data()), input.size());
    if (n < 0) return Http2Error(socket_.peer(), n);
  }
  return SendPending();
}

StatusOr<std::string> GrpcChannel::Call(const std::string& method, std::string_view request) {
  request_ = ByteWriter().U8(0).U32(request.size()).Put(request).Take();
  sent_ = 0;
  closed_ = too_long_ = false;
  reply_.clear();
  headers_.clear();
  RETURN_IF_ERROR(Submit(method));
  RETURN_IF_ERROR(Exchange());
  StatusOr<std::string> result = Result();
  if (result.ok()) return result;
  return Annotate(result.status(), fmt::format("{}: {}", socket_.peer(), method));
}

StatusOr<std::string> GrpcChannel::Result() const {
  auto header = [this](const std::string& name) {
    const auto found = headers_.find(name);
    return found == headers_.end() ? std::string() : found->second;
  };
  const std::string code = header("grpc-status");
  if (code == kUnauthenticated || code == kPermissionDenied) {
    return FailedPrecondition("the controller wants credentials (gRPC status {})", code);
  }
  if (code != kOk) {
    return Unavailable("the call failed: HTTP status {}, gRPC status {} {}", header(":status"),
                       code.empty() ? "missing" : code, header("grpc-message"));
  }
  if (too_long_) return Unavailable("a reply of more than {} bytes", kMaxReply);
  ByteReader r(reply_);
  const uint8_t compressed = r.U8();
  std::string message(r.Take(r.U32()));
  if (!r.ok() || compressed != 0 || r.remaining() > 0) {
    return Unavailable("a reply of {} bytes that is not one plain message", reply_.size());
  }
  return message;
}

}  // namespace pdr
