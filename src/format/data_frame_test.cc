#include "format/data_frame.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "base/bytes.h"
#include "format/operation.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LogAddress At(uint64_t entry) { return {(uint64_t{1} << 32) + entry, 7}; }

StatusOr<std::vector<std::string>> ReadAll(const std::vector<std::string>& frames) {
  DataFrameReader reader;
  std::vector<std::string> records;
  for (size_t i = 0; i < frames.size(); ++i) {
    ASSIGN_OR_RETURN(auto complete, reader.Feed(frames[i], At(i)));
    for (auto& record : complete) records.push_back(std::move(record.bytes));
  }
  return records;
}

// One frame from (flags, data) pairs.
std::string Frame(const std::vector<std::pair<int, std::string>>& entries) {
  ByteWriter content;
  for (const auto& [flags, data] : entries) {
    content.U32(data.size()).U8(static_cast<uint64_t>(flags)).Put(data);
  }
  ByteWriter frame;
  frame.U8(0).U32(content.size()).U8(0).Put(content.bytes());
  return frame.Take();
}

std::vector<std::string> Hexes(const Json& list) {
  std::vector<std::string> out;
  for (const Json& item : list) out.push_back(FromHex(item["hex"]));
  return out;
}

TEST(DataFrameTest, ReadsProductionsFrames) {
  const Json vectors = LoadVectors("tier1-dataframes.json");
  int read = 0;
  for (const Json& test : vectors["cases"]) {
    SCOPED_TRACE(test["name"].get<std::string>());
    if (!test["frames"][0].contains("hex")) continue;  // only lengths are recorded
    auto records = ReadAll(Hexes(test["frames"]));
    ASSERT_TRUE(records.ok()) << records.status();
    EXPECT_EQ(*records, Hexes(test["operations"]));
    ++read;
  }
  EXPECT_GE(read, 4);
}

// The Java writer avoids splitting a number, so only cases without a split are the same bytes.
TEST(DataFrameTest, WritesProductionsFrames) {
  const Json vectors = LoadVectors("tier1-dataframes.json");
  const Json& test = vectors["cases"][0];
  ASSERT_EQ(test["name"], "one_frame_three_ops");
  EXPECT_EQ(BuildDataFrames(Hexes(test["operations"])), Hexes(test["frames"]));
}

TEST(DataFrameTest, SplitsALargeAppendWhereProductionDoes) {
  const Json vectors = LoadVectors("tier1-dataframes.json");
  const Json& test = vectors["cases"][4];
  ASSERT_EQ(test["name"], "large_append_1_5MiB_default_max");
  std::vector<std::string> records;
  for (const Json& op : test["operations"]) records.emplace_back(op["length"].get<size_t>(), 'x');
  const auto frames = BuildDataFrames(records);
  ASSERT_EQ(frames.size(), test["frames"].size());
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].size(), test["frames"][i]["length"]);
  }
}

TEST(DataFrameTest, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check([] {
    const auto sizes = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(1, 300));
    const auto max_bytes = *rc::gen::inRange<size_t>(12, 200);
    std::vector<std::string> records;
    for (size_t i = 0; i < sizes.size(); ++i) {
      records.emplace_back(sizes[i], static_cast<char>('a' + i % 26));
    }
    const auto frames = BuildDataFrames(records, max_bytes);
    for (const auto& frame : frames) RC_ASSERT(frame.size() <= max_bytes);
    auto read = ReadAll(frames);
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == records);
  }));
}

TEST(DataFrameTest, NoRecordsNoFrames) { EXPECT_THAT(BuildDataFrames({}), IsEmpty()); }

TEST(DataFrameTest, TellsWhereThePartsLie) {
  DataFrameReader reader;
  ASSERT_TRUE(reader.Feed(Frame({{3, "ab"}, {1, "cde"}}), At(0)).ok());
  EXPECT_TRUE(reader.inside_record());
  auto records = reader.Feed(Frame({{2, "f"}}), At(1));
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(records->front().bytes, "cdef");
  EXPECT_THAT(records->front().parts,
              ElementsAre(DataFrameReader::Part{18, 3}, DataFrameReader::Part{11, 1}));
  EXPECT_EQ(records->front().last_frame, At(1));
  EXPECT_FALSE(reader.inside_record());
}

TEST(DataFrameTest, SkipsTheTailOfATruncatedRecord) {
  auto records = ReadAll({Frame({{0, "xx"}}), Frame({{2, "x"}, {3, "a"}})});
  ASSERT_TRUE(records.ok());
  EXPECT_THAT(*records, ElementsAre("a"));
}

TEST(DataFrameTest, DropsAnUnfinishedRecordBeforeANewOne) {
  auto records = ReadAll({Frame({{1, "lost"}}), Frame({{3, "kept"}})});
  ASSERT_TRUE(records.ok());
  EXPECT_THAT(*records, ElementsAre("kept"));
}

TEST(DataFrameTest, DropsAnUnfinishedRecordAtTheEnd) {
  auto records = ReadAll({Frame({{3, "kept"}, {1, "lost"}})});
  ASSERT_TRUE(records.ok());
  EXPECT_THAT(*records, ElementsAre("kept"));
}

TEST(DataFrameTest, IgnoresBytesAfterTheContent) {
  auto records = ReadAll({Frame({{3, "a"}}) + "zzz"});
  ASSERT_TRUE(records.ok());
  EXPECT_THAT(*records, ElementsAre("a"));
}

TEST(DataFrameTest, RefusesAContinuationAfterACompleteRecord) {
  EXPECT_FALSE(ReadAll({Frame({{3, "a"}, {2, "b"}})}).ok());
}

TEST(DataFrameTest, RefusesAFrameWithoutEntries) { EXPECT_FALSE(ReadAll({Frame({})}).ok()); }

TEST(DataFrameTest, RefusesEveryCutFrame) {
  const std::string frame = Frame({{3, "abc"}, {3, "d"}});
  for (size_t n = 0; n < frame.size(); ++n) EXPECT_FALSE(ReadAll({frame.substr(0, n)}).ok()) << n;
}

TEST(DataFrameTest, RefusesAnEntryLongerThanItsFrame) {
  std::string frame = Frame({{3, "abc"}});
  frame[9] = 4;  // entry length
  EXPECT_FALSE(ReadAll({frame + "more"}).ok());
}

TEST(DataFrameTest, RefusesContentTooShortForAnEntryHeader) {
  std::string frame = Frame({{3, "abc"}}) + "zzzz";
  frame[4] = static_cast<char>(frame[4] + 4);  // content length
  EXPECT_FALSE(ReadAll({frame}).ok());
}

TEST(DataFrameTest, RefusesErrorBits) {
  for (size_t byte : {0, 5, 10}) {  // version, frame flags, entry flags
    std::string frame = Frame({{3, "abc"}});
    frame[byte] = static_cast<char>(frame[byte] | 0x80);
    EXPECT_FALSE(ReadAll({frame}).ok()) << byte;
  }
}

TEST(DataFrameTest, RefusesFramesOutOfOrder) {
  DataFrameReader reader;
  ASSERT_TRUE(reader.Feed(Frame({{3, "a"}}), At(1)).ok());
  EXPECT_FALSE(reader.Feed(Frame({{3, "b"}}), At(1)).ok());
}

}  // namespace
}  // namespace pdr
