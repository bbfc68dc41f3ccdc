#include "tier1/bookkeeper/zookeeper_uri.h"

namespace pdr {
namespace {

constexpr std::string_view kDefaultPort = ":2181";

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

StatusOr<std::string> NormalizeZooKeeperUri(std::string_view uri) {
  std::string_view rest = Trim(uri);
  std::string_view chroot;
  if (size_t slash = rest.find('/'); slash != std::string_view::npos) {
    chroot = rest.substr(slash);
    rest = rest.substr(0, slash);
    while (chroot.ends_with('/')) chroot.remove_suffix(1);
  }
  std::string out;
  while (!rest.empty()) {
    size_t end = rest.find_first_of(",;");
    std::string_view host = Trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (host.empty()) continue;
    out.append(out.empty() ? "" : ",").append(host);
    bool has_port = host.rfind(':') != std::string_view::npos && !host.ends_with(']');
    if (!has_port) out.append(kDefaultPort);
  }
  if (out.empty() || chroot.find("//") != std::string_view::npos) {
    return InvalidArgument(
        "\"{}\" is not a ZooKeeper address; expected host:port[,host:port...][/chroot]", uri);
  }
  return out.append(chroot);
}

}  // namespace pdr
