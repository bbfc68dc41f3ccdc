// Paths of the nodes in which the controller remembers work, below the cluster's namespace.
// docs/formats/zookeeper-layout.md section 10.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/uuid.h"

namespace pdr {

// Pravega's defaults of controller.retention.bucket.count and controller.watermarking.bucket.count.
inline constexpr int kDefaultRetentionBuckets = 1;
inline constexpr int kDefaultWatermarkBuckets = 100;

// Streams that the retention and watermark services visit; the node's data means nothing.
std::string RetentionNode(std::string_view scope, std::string_view stream, int buckets);
std::string WatermarkNode(std::string_view scope, std::string_view stream, int buckets);

// A position in the order of commits of a stream: collection << 32 | position; data: the
// transaction's id as text.
std::string CommitOrderNode(std::string_view scope, std::string_view stream, int64_t order);
// Says that a collection takes no further positions: the next commit goes to the next collection.
std::string CommitOrderSealNode(std::string_view scope, std::string_view stream, int64_t order);

// Work of a controller process that is gone, which the next one takes over.
inline constexpr std::string_view kTransactionIndex = "/hostTxnIndex";
inline constexpr std::string_view kRequestIndex = "/hostRequestIndex";
std::string TransactionIndexNode(std::string_view process, std::string_view scope,
                                 std::string_view stream, const Uuid& transaction);
std::string TransactionIndexData();  // "no version known", as the controller writes it
std::string RequestIndexNode(std::string_view process, std::string_view request);

}  // namespace pdr
