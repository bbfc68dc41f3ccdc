// Requests to the controller, as it serializes them: the payloads of its request, commit and abort
// streams, and of the nodes below `hostRequestIndex`. docs/formats/controller-tables.md section 10.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "format/controller_names.h"
#include "format/controller_scope_records.h"

namespace pdr {

// The serializer's type numbers.
enum class RequestType : uint8_t {
  kAbortTransaction = 1,
  kAutomaticScale = 2,
  kCommitTransactions = 3,
  kDeleteStream = 4,
  kScale = 5,
  kSealStream = 6,
  kTruncateStream = 7,
  kUpdateStream = 8,
  kCreateTable = 9,
  kDeleteTable = 10,
  kCreateReaderGroup = 11,
  kDeleteReaderGroup = 12,
  kUpdateReaderGroup = 13,
  kDeleteScope = 14,
};
std::string_view RequestTypeName(RequestType type);  // "seal", "create table", ...

// Of a stream's name alone: kSealStream, kTruncateStream, kUpdateStream.
std::string EncodeStreamRequest(RequestType type, std::string_view scope, std::string_view stream);
// Of a name and an id: kDeleteTable, kDeleteReaderGroup.
std::string EncodeDeleteRequest(RequestType type, std::string_view scope, std::string_view name,
                                const Uuid& id);
// Of the update that the group's configuration, of this generation, says is under way.
std::string EncodeUpdateReaderGroupRequest(std::string_view scope, std::string_view group,
                                           const Uuid& id, int64_t generation);
// Of what the tables say of a table or group that was being made: the one with this id is made.
std::string EncodeCreateTableRequest(const KvTableConfiguration& configuration, const Uuid& id,
                                     int64_t creation_time);
std::string EncodeCreateReaderGroupRequest(std::string_view scope, std::string_view group,
                                           const ReaderGroupConfiguration& configuration,
                                           const Uuid& id, int64_t creation_time);
std::string EncodeDeleteScopeRequest(std::string_view scope, const Uuid& id);
std::string EncodeCommitRequest(std::string_view scope, std::string_view stream, int32_t epoch);
std::string EncodeAbortRequest(std::string_view scope, std::string_view stream,
                               const Uuid& transaction);

struct ScaleRequest {
  std::string scope;
  std::string stream;
  std::vector<SegmentId> to_seal;
  std::vector<std::pair<double, double>> new_ranges;
  int64_t time = 0;  // ms
};
// Carried out only when the stream's epoch transition is this one.
std::string EncodeScaleRequest(const ScaleRequest& scale);

// What a request is, and about which stream, table or group. DataLoss for the types not listed
// above.
struct RequestHead {
  RequestType type = RequestType::kScale;
  std::string scope;
  std::string name;           // empty: the scope itself
  Uuid id = {};               // of the table, group or scope that is created or deleted
  int64_t creation_time = 0;  // of the stream that is deleted; 0 = whichever
  bool operator==(const RequestHead&) const = default;
};
StatusOr<RequestHead> DecodeRequestHead(std::string_view bytes);

}  // namespace pdr
