// The controller's tables, encoded by hand from docs/formats/controller-tables.md. Tests only.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "format/serializer.h"
#include "recovery/controller_evidence.h"

namespace pdr {

inline constexpr int32_t kSampleNone = std::numeric_limits<int32_t>::min();
inline constexpr int64_t kSampleTime = 1700000000000;

// One record each.
std::string SampleInt(int32_t v);
std::string SampleId(const Uuid& id);
std::string SampleState(int state);
std::string SampleOffsets(const SegmentOffsets& offsets, ByteWriter w = {});
std::string SampleSealedSizes(const SegmentOffsets& sizes);
std::string SampleRetentionCut(int64_t time, const SegmentOffsets& cut);
std::string SampleEpoch(int32_t epoch, int32_t reference, const std::vector<SegmentId>& segments,
                        int64_t time = 0);
std::string SampleKvEpoch(int32_t epoch, const std::vector<SegmentId>& segments);
std::string SampleTruncation(const SegmentOffsets& cut, const std::vector<SegmentId>& deleted,
                             const std::vector<SegmentId>& to_delete, bool updating = false);
std::string SampleTransition(int32_t epoch, const std::vector<SegmentId>& to_seal,
                             const std::vector<SegmentId>& created);
std::string SampleConfiguration(std::string_view stream, bool retention, bool updating);
std::string SampleCommitting(int32_t epoch, const std::vector<Uuid>& ids,
                             int32_t active = kSampleNone);
std::string SampleActive(TransactionStatus status,
                         std::optional<int64_t> commit_order = std::nullopt);
std::string SampleCompleted(TransactionStatus status, int64_t time = 1);

// A whole stream.
struct SampleStream {
  bool recorded = true;  // false: listed in its scope, and its own table is empty
  int32_t epoch = 0;     // the current one
  std::map<int32_t, std::vector<SegmentId>> epochs = {{0, {{0, 0}}}};
  std::map<int32_t, int32_t> references;  // epochs that duplicate another
  int64_t creation_time = kSampleTime;
  std::map<int32_t, int64_t> epoch_times;  // of some of them; 0 otherwise
  int state = 2;                           // active
  SegmentOffsets truncation;
  std::vector<SegmentId> deleted;  // by the truncation
  SegmentOffsets sealed_sizes;
  SegmentOffsets retention_cut;
  bool transaction_tables = true;  // of its original epochs, also those without transactions
  std::map<Uuid, TransactionStatus> transactions;  // not finished
  std::map<Uuid, int64_t> commit_orders;           // of some of them
  std::map<Uuid, TransactionStatus> completed;
  std::map<Uuid, int64_t> completion_times;  // of some of them; 1 otherwise
  std::vector<Uuid> committing;              // in the commit under way
  int32_t committing_active = kSampleNone;   // the epoch which it rolls over
  bool retention = false;                    // a policy
  bool updating = false;                     // its configuration
  bool truncation_updating = false;
  std::vector<SegmentId> scaling;               // segments that a scale under way seals
  std::vector<SegmentId> scaled_to = {{9, 1}};  // those that it makes
  bool scale_recorded = false;                  // for clients that meet the seals: what follows
  bool writer_marks = false;
};

// A key-value table or reader group caught in the middle.
struct SampleMember {
  int state = 3;  // active; 0: no record of it
  bool configured = true;
  bool recorded = true;  // false: there is no table of it
};

// The tables of one scope.
struct SampleController {
  std::string scope = "s";
  Uuid scope_id{1, 1};
  std::map<std::string, SampleStream> streams;
  std::vector<std::string> kv_tables;  // one segment each
  std::map<std::string, SampleMember> unfinished_tables;
  std::map<std::string, SampleMember> reader_groups;
  std::vector<std::string> deleted_streams;     // scope/stream
  std::map<std::string, Uuid> deleting_scopes;  // marked as being deleted
  std::vector<std::string> system_streams;      // of one segment each

  std::map<std::string, TableValues> Tables() const;  // by table segment
  ControllerEvidence Evidence(bool unlisted_batches = false) const;
};

}  // namespace pdr
