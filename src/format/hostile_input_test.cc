// Decoders on damaged and random bytes: no crash, no hang, and what is accepted is a value that
// survives being written and read again.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/names.h"
#include "format/rolling_header.h"
#include "format/segment_info.h"
#include "format/storage_metadata.h"
#include "format/system_journal.h"
#include "format/table_entry.h"
#include "format/testing/btree_image.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

// Each returns false if an accepted value does not survive.
using Check = bool (*)(const std::string& bytes);

bool SegmentInfoSurvives(const std::string& bytes) {
  const auto value = DecodeSegmentInfo(bytes);
  if (!value.ok()) return true;
  SegmentInfo stored = *value;
  std::erase_if(stored.attributes, [](const auto& a) {
    return a.first.high != kCoreHigh || a.second == kNullAttributeValue;
  });
  return *DecodeSegmentInfo(EncodeSegmentInfo(*value)) == stored;
}

bool TransactionDataSurvives(const std::string& bytes) {
  const auto value = DecodeTransactionData(bytes);
  return !value.ok() || *DecodeTransactionData(EncodeTransactionData(*value)) == *value;
}

bool JournalSurvives(const std::string& bytes) {
  const auto value = DecodeJournalFile(bytes);
  if (!value.ok()) return true;
  std::string again;
  for (const auto& batch : value->batches) again += EncodeJournalBatch(batch);
  return DecodeJournalFile(again)->batches == value->batches;
}

bool SnapshotSurvives(const std::string& bytes) {
  const auto value = DecodeSnapshotFile(bytes);
  return !value.ok() || *DecodeSnapshotFile(EncodeSnapshotFile(*value)) == *value;
}

bool RollingHeaderSurvives(const std::string& bytes) {
  const auto value = DecodeRollingHeader(bytes);
  return !value.ok() || DecodeRollingHeader(EncodeRollingHeader(*value))->chunks == value->chunks;
}

bool TableEntrySurvives(const std::string& bytes) {
  const auto value = DecodeTableEntry(bytes);
  if (!value.ok()) return true;
  std::string again;
  AppendTableEntry(again, value->key, value->value, value->explicit_version);
  return again == bytes.substr(0, value->size);
}

// An index that can be walked has its keys in order, and each is found.
bool BtreeSurvives(const std::string& bytes) {
  if (bytes.size() < kBtreeFooterBytes) return true;
  const auto footer =
      DecodeBtreeFooter(std::string_view(bytes).substr(bytes.size() - kBtreeFooterBytes));
  if (!footer.ok()) return true;
  const BtreeRead read = ReadFrom(bytes);
  std::vector<std::string> keys;
  const Status walked = WalkBtree(read, *footer, 16, [&keys](std::string_view key, int64_t) {
    keys.emplace_back(key);
    return OkStatus();
  });
  if (!walked.ok()) return true;
  for (size_t i = 1; i < keys.size(); ++i) {
    if (keys[i] <= keys[i - 1]) return false;
  }
  return true;
}

bool NamesSurvive(const std::string& bytes) {
  const auto chunk = ParseChunkName(bytes);
  const auto rolling = ParseRollingChunkName(bytes);
  const auto journal = ParseJournalName(bytes);
  if (rolling && RollingChunkName(rolling->segment, rolling->offset) != bytes) return false;
  if (chunk && ChunkName(chunk->segment, chunk->epoch, chunk->offset,
                         bytes.substr(bytes.size() - 36)) != bytes) {
    return false;
  }
  if (journal) {
    const auto name = journal->snapshot ? SnapshotName : JournalName;
    if (name(journal->container, journal->epoch, journal->index) != bytes) return false;
  }
  const int container = HashToContainer(bytes, 7);
  return container >= 0 && container < 7;
}

constexpr Check kChecks[] = {
    SegmentInfoSurvives,   TransactionDataSurvives, JournalSurvives, SnapshotSurvives,
    RollingHeaderSurvives, TableEntrySurvives,      BtreeSurvives,   NamesSurvive};

bool AllSurvive(const std::string& bytes) {
  for (const Check check : kChecks) {
    if (!check(bytes)) return false;
  }
  return true;
}

const std::vector<std::string>& Samples() {
  static const std::vector<std::string> samples = [] {
    std::vector<std::string> out;
    for (const char* file : {"segment_info.json", "table_segments.json", "attribute_index.json",
                             "rolling.json", "chunked.json", "serialization.json"}) {
      const Json vectors = LoadVectors(file)["vectors"];
      for (const Json& v : vectors) {
        if (v.contains("hex")) out.push_back(FromHex(v["hex"]));
        if (v["fields"].contains("value") && v["fields"]["value"].is_string()) {
          out.push_back(v["fields"]["value"]);
        }
      }
    }
    const auto files = LoadVectors("lts_sample_epoch1.json")["files"];
    for (const auto& [name, file] : files.items()) {
      out.push_back(name);
      if (file["length"] < 6000) out.push_back(FromHex(file["hex"]));
    }
    return out;
  }();
  return samples;
}

TEST(HostileInput, EveryTruncationOfEverySample) {
  for (const std::string& sample : Samples()) {
    const size_t step = 1 + sample.size() / 300;
    for (size_t n = 0; n <= sample.size(); n += step) {
      ASSERT_TRUE(AllSurvive(sample.substr(0, n))) << sample.substr(0, n);
    }
  }
}

RC_GTEST_PROP(HostileInput, DamagedSamples, ()) {
  for (int i = 0; i < 50; ++i) {
    std::string bytes = Samples()[*rc::gen::inRange<size_t>(0, Samples().size())];
    if (bytes.empty()) continue;
    for (int flips = *rc::gen::inRange(1, 4); flips > 0; --flips) {
      // The interesting bytes are near the start and, of an index, near the end.
      const size_t at = *rc::gen::inRange<size_t>(0, std::min<size_t>(bytes.size(), 120));
      char& c = *rc::gen::element(true, false) ? bytes[at] : bytes[bytes.size() - 1 - at];
      c = static_cast<char>(c ^ *rc::gen::inRange(1, 256));
    }
    RC_ASSERT(AllSurvive(bytes));
  }
}

RC_GTEST_PROP(HostileInput, RandomBytes, (const std::string& bytes)) {
  RC_ASSERT(AllSurvive(bytes));
  RC_ASSERT(AllSurvive(std::string("\0\0\1\0\0\0\0\x40", 8) + bytes));
}

}  // namespace
}  // namespace pdr
