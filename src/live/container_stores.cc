#include "live/container_stores.h"

#include <memory>

#include "format/names.h"
#include "live/grpc_channel.h"
#include "proto/controller.pb.h"

namespace pdr {
namespace {

constexpr const char* kGetUri =
    "/io.pravega.controller.stream.api.grpc.v1.ControllerService/getURI";

// The controller does not look whether the segment of the question exists: it maps its name to a
// container, and the container to a store. So one made-up segment per container is enough.
constexpr std::string_view kScope = "pravega-dr";
constexpr std::string_view kStream = "which-store";

StatusOr<std::unique_ptr<GrpcChannel>> ConnectToAny(const std::vector<Endpoint>& controllers,
                                                    std::chrono::milliseconds timeout) {
  Status last;
  for (const Endpoint& controller : controllers) {
    StatusOr<std::unique_ptr<GrpcChannel>> channel = GrpcChannel::Connect(controller, timeout);
    if (channel.ok()) return channel;
    last = channel.status();
  }
  return last;
}

}  // namespace

std::string ProbeName(int64_t number) {
  return fmt::format("{}/{}/{}.#epoch.0", kScope, kStream, number);
}

std::vector<int64_t> ProbeNumbers(int container_count) {
  std::vector<int64_t> numbers(static_cast<size_t>(container_count), -1);
  int found = 0;
  for (int64_t number = 0; found < container_count; ++number) {
    const auto container = static_cast<size_t>(HashToContainer(ProbeName(number), container_count));
    if (numbers[container] >= 0) continue;
    numbers[container] = number;
    ++found;
  }
  return numbers;
}

StatusOr<std::vector<Endpoint>> FindContainerStores(const std::vector<Endpoint>& controllers,
                                                    int container_count,
                                                    std::chrono::milliseconds timeout) {
  ASSIGN_OR_RETURN(std::unique_ptr<GrpcChannel> channel, ConnectToAny(controllers, timeout));
  std::vector<Endpoint> stores;
  for (const int64_t number : ProbeNumbers(container_count)) {
    proto::SegmentId question;
    question.mutable_stream_info()->set_scope(std::string(kScope));
    question.mutable_stream_info()->set_stream(std::string(kStream));
    question.set_segment_id(number);
    StatusOr<std::string> reply = channel->Call(kGetUri, question.SerializeAsString());
    RETURN_IF_ERROR(Annotate(reply.status(), fmt::format("asking for the segment store of "
                                                         "container {}",
                                                         stores.size())));
    proto::NodeUri uri;
    if (!uri.ParseFromString(*reply) || uri.endpoint().empty() || uri.port() <= 0 ||
        uri.port() > UINT16_MAX) {
      return Unavailable("the controller named no usable segment store for container {}",
                         stores.size());
    }
    stores.push_back({uri.endpoint(), static_cast<uint16_t>(uri.port())});
  }
  return stores;
}

}  // namespace pdr
