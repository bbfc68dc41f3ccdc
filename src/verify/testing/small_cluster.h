// A whole recovered cluster of one container in memory, laid out by hand from the formats alone, so
// that each test can damage one thing. Tests only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "format/btree.h"
#include "format/checkpoint.h"
#include "format/log_metadata.h"
#include "format/operation.h"
#include "format/segment_info.h"
#include "format/storage_metadata.h"
#include "format/system_journal.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "verify/verify.h"

namespace pdr {

struct TestSegment {
  SegmentInfo record;
  bool registered = true;
  std::string data;  // empty = nothing in Tier-2
  bool sealed_in_storage = false;
  std::optional<std::string> index;  // bytes of the attribute index
};

struct SmallCluster {
  explicit SmallCluster(Layout layout);

  // What Build lays out; change it first.
  Layout layout;
  uint64_t epoch = 5;
  std::map<std::string, TestSegment> segments;  // by name
  LogMetadata log;
  std::vector<Operation> later_operations;  // after the checkpoint
  std::function<void(std::map<std::string, TransactionData>&)> change_storage = [](auto&) {};
  std::function<void(std::string&)> change_storage_data = [](auto&) {};
  std::function<void(MetadataCheckpoint&)> change_checkpoint = [](auto&) {};
  std::function<void(std::string&)> change_metadata_data = [](auto&) {};
  std::function<void(std::vector<BtreeLeafEntry>&)> change_metadata_index = [](auto&) {};
  std::function<void(SystemSnapshot&)> change_snapshot = [](auto&) {};
  std::map<std::string, std::string> ledger_owner;  // custom metadata

  void Build();

  // After Build: change disk or nodes, then judge.
  MemoryDisk disk;
  FakeCluster tier1;
  std::string NodePath() const;  // of the log metadata
  std::string CounterPath() const;
  VerifyReport Verify(VerifyOptions options = {});
  std::vector<std::string> Codes();  // of the findings

  TestSegment& Add(const std::string& name, std::string data, Attributes attributes);

 private:
  void Store(const std::string& name, const std::string& data, bool sealed,
             std::map<std::string, TransactionData>& storage);
  SegmentSnapshot SystemFile(const std::string& name, const std::string& data);
  void BuildTier1(const std::string& metadata, size_t index_bytes);
};

std::string TableData(const std::vector<std::pair<std::string, std::optional<std::string>>>& puts);
// What the index of a hash table must hold, from its data.
std::vector<BtreeLeafEntry> HashIndexOf(const std::string& data);
Attributes TableAttributes(const std::string& data, int64_t type);

}  // namespace pdr
