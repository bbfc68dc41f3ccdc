#include "format/controller_nodes.h"

#include "absl/strings/escaping.h"
#include "format/serializer.h"

namespace pdr {
namespace {

constexpr std::string_view kPartSeparator = "_%_";

// Java's String.hashCode. Names of scopes and streams are ASCII.
int32_t JavaHash(std::string_view text) {
  uint32_t hash = 0;
  for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  return static_cast<int32_t>(hash);
}

std::string BucketNode(std::string_view service, std::string_view scope, std::string_view stream,
                       int buckets) {
  const std::string name = fmt::format("{}/{}", scope, stream);
  return fmt::format("/{}/{}/{}", service, (JavaHash(name) & 0x7fffffff) % buckets,
                     absl::Base64Escape(name));
}

std::string OrderCollection(std::string_view scope, std::string_view stream, int64_t order) {
  return fmt::format("/txnCommitOrderer/{}/{}/collections/{}", scope, stream, order >> 32);
}

}  // namespace

std::string RetentionNode(std::string_view scope, std::string_view stream, int buckets) {
  return BucketNode("buckets", scope, stream, buckets);
}

std::string WatermarkNode(std::string_view scope, std::string_view stream, int buckets) {
  return BucketNode("watermarks", scope, stream, buckets);
}

std::string CommitOrderNode(std::string_view scope, std::string_view stream, int64_t order) {
  return fmt::format("{}/entities/pos{:010}", OrderCollection(scope, stream, order),
                     static_cast<int32_t>(order));
}

std::string CommitOrderSealNode(std::string_view scope, std::string_view stream, int64_t order) {
  return OrderCollection(scope, stream, order) + "/sealed";
}

std::string TransactionIndexNode(std::string_view process, std::string_view scope,
                                 std::string_view stream, const Uuid& transaction) {
  return fmt::format("{}/{}/{}{}{}{}{}", kTransactionIndex, process, scope, kPartSeparator, stream,
                     kPartSeparator, transaction.Text());
}

std::string TransactionIndexData() {
  ByteWriter w;
  WriteObject(w, [](ByteWriter& body) { body.I64(-1); });
  return w.Take();
}

std::string RequestIndexNode(std::string_view process, std::string_view request) {
  return fmt::format("{}/{}/{}", kRequestIndex, process, request);
}

}  // namespace pdr
