#include "live/store_questions.h"

#include <utility>

#include "live/timed_socket.h"

namespace pdr {
namespace {

// As many as keep a store busy; their answers fit into the socket's buffers.
constexpr size_t kUnderWay = 256;

class Asking {
 public:
  Asking(const Endpoint& store, const std::vector<StoreQuestion>& questions,
         std::chrono::milliseconds timeout, const StoreAnswer& answer)
      : socket_("segment store", store, timeout),
        questions_(questions),
        answer_(answer),
        answered_(questions.size(), false) {}

  Status Run() {
    RETURN_IF_ERROR(socket_.Connect());
    RETURN_IF_ERROR(Hello());
    size_t asked = 0;
    while (done_ < questions_.size()) {
      std::string output;
      for (; asked < questions_.size() && asked - done_ < kUnderWay; ++asked) {
        const StoreQuestion& q = questions_[asked];
        output += EncodeInfoRequest(q.type, static_cast<int64_t>(asked) + 1, q.segment);
      }
      if (!output.empty()) RETURN_IF_ERROR(socket_.Write(output));
      ASSIGN_OR_RETURN(WireReply reply, NextReply());
      RETURN_IF_ERROR(Take(reply));
    }
    return OkStatus();
  }

 private:
  Status Hello() {
    RETURN_IF_ERROR(socket_.Write(EncodeHello({})));
    ASSIGN_OR_RETURN(WireReply reply, NextReply());
    const auto* hello = std::get_if<WireHello>(&reply.body);
    if (hello == nullptr) return Off("did not answer the hello with one");
    if (hello->low_version > kWireVersion || hello->high_version < kOldestWireVersion) {
      return FailedPrecondition(
          "{} speaks versions {} to {} of the protocol, this program {} to {}", socket_.peer(),
          hello->low_version, hello->high_version, kOldestWireVersion, kWireVersion);
    }
    return OkStatus();
  }

  StatusOr<WireReply> NextReply() {
    RETURN_IF_ERROR(Fill(kWireHeaderBytes));
    StatusOr<WireHeader> header =
        DecodeWireHeader(std::string_view(input_).substr(consumed_, kWireHeaderBytes));
    if (!header.ok()) return Off(header.status());
    RETURN_IF_ERROR(Fill(kWireHeaderBytes + header->length));
    const std::string_view body =
        std::string_view(input_).substr(consumed_ + kWireHeaderBytes, header->length);
    StatusOr<WireReply> reply = DecodeWireReply(header->type, body);
    consumed_ += kWireHeaderBytes + header->length;
    if (!reply.ok()) return Off(reply.status());
    return reply;
  }

  // At least `n` bytes that were not consumed.
  Status Fill(size_t n) {
    if (input_.size() - consumed_ >= n) return OkStatus();
    input_.erase(0, std::exchange(consumed_, 0));
    while (input_.size() < n) {
      Status read = socket_.ReadSome(input_);
      if (!read.ok()) {
        return Annotate(read, "a container may not be online");
      }
    }
    return OkStatus();
  }

  Status Take(const WireReply& reply) {
    if (std::holds_alternative<WireKeepAlive>(reply.body)) return OkStatus();
    const auto* refusal = std::get_if<WireRefusal>(&reply.body);
    if (refusal != nullptr && refusal->type == WireType::kAuthTokenCheckFailed) {
      return FailedPrecondition(
          "{} wants a delegation token; only clusters without authentication can be checked",
          socket_.peer());
    }
    const auto index = static_cast<uint64_t>(reply.request_id) - 1;
    if (index >= questions_.size() || answered_[index]) {
      return Off(fmt::format("answered request {}, which was not made", reply.request_id));
    }
    if (refusal != nullptr && refusal->type == WireType::kWrongHost) {
      return Off(
          "does not serve a container that the controller says it does; it is starting or "
          "moving");
    }
    const StoreQuestion& question = questions_[index];
    const bool fits = question.type == WireType::kGetStreamSegmentInfo
                          ? std::holds_alternative<WireSegmentInfo>(reply.body)
                          : std::holds_alternative<WireTableInfo>(reply.body);
    if (!fits && refusal == nullptr) return Off("gave an answer to another question");
    answered_[index] = true;
    ++done_;
    answer_(index, reply);
    return OkStatus();
  }

  Status Off(const Status& why) const { return Off(fmt::format("sent {}", Message(why))); }
  Status Off(std::string_view what) const { return Unavailable("{} {}", socket_.peer(), what); }

  TimedSocket socket_;
  const std::vector<StoreQuestion>& questions_;
  const StoreAnswer& answer_;
  std::vector<bool> answered_;
  size_t done_ = 0;
  std::string input_;
  size_t consumed_ = 0;
};

}  // namespace

Status AskStore(const Endpoint& store, const std::vector<StoreQuestion>& questions,
                std::chrono::milliseconds timeout, const StoreAnswer& answer) {
  if (questions.empty()) return OkStatus();
  return Asking(store, questions, timeout, answer).Run();
}

}  // namespace pdr
