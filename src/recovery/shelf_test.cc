#include "recovery/shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "base/parallel.h"
#include "recovery/recover.h"
#include "recovery/testing/aside.h"
#include "recovery/testing/recovery_world.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

using testing::HasSubstr;

// In slices of four letters.
struct TextCodec {
  static uint64_t Bytes(const std::string& text) { return text.size(); }
  static std::string Cut(std::string& text) {
    std::string slice = text.substr(0, 4);
    text.erase(0, 4);
    return slice;
  }
  static bool IsEmpty(const std::string& text) { return text.empty(); }
  static void Join(std::string& text, const std::string& slice) { text += slice; }
  static std::string Encode(const std::string& text) { return text; }
  static StatusOr<std::string> Decode(std::string_view bytes, size_t container) {
    if (bytes == "bad") return DataLoss("not what was written");
    return fmt::format("{} of {}, ", bytes, container);
  }
};
using TextShelf = Shelf<std::string, TextCodec>;

std::string Text(size_t container) { return std::string(1000 + container, 'x'); }

std::string Look(const TextShelf& shelf, size_t container) {
  std::string seen;
  EXPECT_TRUE(shelf
                  .LookAt(container,
                          [&](const std::string& text) {
                            seen = text;
                            return OkStatus();
                          })
                  .ok());
  return seen;
}

TEST(Shelf, KeepsInMemoryWhatFitsAndWritesTheRestAside) {
  const TempDir dir;
  TextShelf shelf(4, std::make_shared<Scratch>(dir.path(), 20));  // half of it for what waits
  ASSERT_TRUE(shelf.Put(0, "1234").ok());
  ASSERT_TRUE(shelf.Put(1, "12").ok());
  // Room is there again when something is taken, or replaced.
  EXPECT_EQ(shelf.Take(0).value(), "1234");
  ASSERT_TRUE(shelf.Put(1, "abcd").ok());
  ASSERT_TRUE(shelf.Put(0, "efghij").ok());
  EXPECT_EQ(Look(shelf, 0), "efghij");
  EXPECT_EQ(Look(shelf, 1), "abcd");
  // Once not all of it fits, nothing more stays.
  ASSERT_TRUE(shelf.Put(2, "12345678").ok());
  EXPECT_EQ(Look(shelf, 2), "1234 of 2, 5678 of 2, ");
  EXPECT_EQ(Look(shelf, 2), "1234 of 2, 5678 of 2, ");  // it is still there
  EXPECT_EQ(shelf.Take(0).value(), "efghij");
  ASSERT_TRUE(shelf.Put(3, "1").ok());
  EXPECT_EQ(shelf.Take(3).value(), "1 of 3, ");
  EXPECT_EQ(shelf.Take(2).value(), "1234 of 2, 5678 of 2, ");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));  // the file has no name
}

TEST(Shelf, ShelvesShareWhatMayStayInMemoryAndGiveItBack) {
  const auto scratch = std::make_shared<Scratch>(testing::TempDir(), 10);
  TextShelf first(1, scratch);
  ASSERT_TRUE(first.Put(0, "12345").ok());
  first = TextShelf(1, scratch);
  {
    TextShelf second(1, scratch);
    ASSERT_TRUE(second.Put(0, "abc").ok());
    TextShelf third = std::move(second);
    EXPECT_EQ(Look(third, 0), "abc");
  }
  ASSERT_TRUE(first.Put(0, "54321").ok());
  EXPECT_EQ(Look(first, 0), "54321");
  TextShelf late(1, scratch);
  ASSERT_TRUE(late.Put(0, "1").ok());
  EXPECT_EQ(Look(late, 0), "1 of 0, ");
}

TEST(Shelf, SaysHowManyToWorkOnAtATime) {
  TextShelf shelf(3, std::make_shared<Scratch>(testing::TempDir(), 80));
  EXPECT_EQ(shelf.AtOnce(7), 7u);  // there is nothing yet
  ASSERT_TRUE(shelf.Put(0, "1234").ok());
  EXPECT_EQ(shelf.AtOnce(7), 5u);  // each takes as much again while it is worked on
  ASSERT_TRUE(shelf.Put(1, std::string(1000, 'x')).ok());
  EXPECT_EQ(shelf.AtOnce(7), 2u);
  EXPECT_EQ(shelf.AtOnce(1), 1u);
  ASSERT_TRUE(shelf.Take(1).ok());
  EXPECT_EQ(shelf.AtOnce(7), 5u);
}

TEST(Shelf, SaysWhatIsWrong) {
  TextShelf shelf(3, AllAside());
  EXPECT_EQ(shelf.Take(0).status().code(), StatusCode::kInternal);
  ASSERT_TRUE(shelf.Put(1, "bad").ok());
  EXPECT_THAT(std::string(Message(shelf.Take(1).status())),
              HasSubstr("cannot be read back: not what was written"));
  EXPECT_FALSE(shelf.Take(1).ok());  // it is still there, and still bad
  TextShelf nowhere(1, std::make_shared<Scratch>("/nowhere/at/all", 0));
  EXPECT_THAT(std::string(Message(nowhere.Put(0, "x"))), HasSubstr("/nowhere/at/all"));
  EXPECT_FALSE(nowhere.Take(0).ok());
}

// Files of this process end here, as on a disk that is full.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(Shelf, WhatWasWrittenInPartIsNotThere) {
  const FileLimit limit(6);
  TextShelf shelf(1, AllAside());
  const Status put = shelf.Put(0, "12345678");  // two slices
  EXPECT_EQ(put.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(Message(put)), HasSubstr("another --workspace"));
  EXPECT_EQ(shelf.Take(0).status().code(), StatusCode::kInternal);
}

TEST(Shelf, WhatIsWrittenAsideAtTheSameTimeComesBack) {
  TextShelf shelf(64, AllAside());
  ASSERT_TRUE(ParallelFor(64, 8, [&](size_t i) { return shelf.Put(i, Text(i)); }).ok());
  for (size_t i = 0; i < 64; ++i) {
    std::string expected;
    for (std::string text = Text(i); !text.empty();) {
      expected += fmt::format("{} of {}, ", TextCodec::Cut(text), i);
    }
    EXPECT_EQ(Look(shelf, i), expected);
  }
}

template <typename Codec, typename T>
void ExpectSlicesJoin(T value, size_t slices) {
  const std::string whole = Codec::Encode(value);
  std::vector<T> cut;
  do {
    cut.push_back(Codec::Cut(value));
    EXPECT_LT(Codec::Encode(cut.back()).size(), whole.size());
  } while (!Codec::IsEmpty(value));
  EXPECT_EQ(cut.size(), slices);
  T joined;
  for (T& slice : cut) Codec::Join(joined, std::move(slice));
  EXPECT_TRUE(Codec::Encode(joined) == whole);
}

constexpr int kMany = 9000;  // three slices

TEST(ShelfSlices, AContainerIsWholeAgain) {
  GatheredContainer container;
  ContainerView& view = container.view;
  view.container = 3;
  for (int i = 0; i < kMany; ++i) {
    const std::string name = fmt::format("s/x/{}.#epoch.0", i);
    view.records[name].name = name;
    view.stored[name] = {.name = name, .length = 9, .chunks = {{name, 1, 8}}};
    view.system[name] = view.stored[name];
    view.storage_records.Put({i + 1, name, ChunkMetadata{name, 8, "", kStatusActive}});
    view.inactive.insert(name);
    view.removed.insert(name);
    view.anomalies.push_back({"code", 3, name, "message"});
    SegmentFacts& facts = container.evidence.facts[name];
    facts.hole = std::make_shared<const HoleFact>(HoleFact{1, 2, 3, view.stored[name]});
    facts.table = TableFact{.entries = 5};
    container.evidence.salvaged[name] = {5, 4, {name}};
    container.evidence.transactions[name] = {name, 1, 2, 3, false, true};
    container.evidence.positions.push_back({"holder", name, i});
  }
  RequestEvidence& requests = container.evidence.requests;
  requests.segments["r"] = {100, {{RequestType::kScale, 2}}, 3};
  requests.created = {{RequestType::kCreateTable, Uuid{1, 2}}};
  requests.deleted_streams["s/gone"] = {4, 5};
  ExpectSlicesJoin<GatheredCodec>(std::move(container), 3);
}

TEST(ShelfSlices, APlanIsWholeAgain) {
  ContainerPlan plan;
  plan.container = 3;
  for (int i = 0; i < kMany; ++i) {
    const std::string name = fmt::format("s/x/{}.#epoch.0", i);
    SegmentDecision decision;
    decision.info.name = name;
    decision.info.attributes = {{CoreAttribute(9), kNullAttributeValue}, {{1, 2}, i}};
    decision.notes = {{"code", "message"}};
    plan.segments.push_back(decision);
    plan.not_registered.push_back(decision);
    plan.storage_records.Put({i + 1, name, ChunkMetadata{name, 8, "", kStatusActive}});
    plan.set_aside.push_back({name, "code"});
    plan.cuts.push_back({name, 7});
    plan.modes.push_back({name, 1, 2});
    plan.rewritten.push_back({name, 0644, "content"});
    plan.rebuilds.push_back({name, {.name = name}, StoredSegment{.name = name}});
    plan.table_files.push_back({name, 5, name});
  }
  const auto decoded = ContainerPlanCodec::Decode(ContainerPlanCodec::Encode(plan), 3);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(decoded->segments == plan.segments);
  ExpectSlicesJoin<ContainerPlanCodec>(std::move(plan), 3);
}

// Where a plan's parts were meanwhile makes no difference to it.
TEST(PlanWrittenAside, IsTheSame) {
  for (const char* name :
       {"chunked-control", "chunked-flushed", "chunked-killed", "chunked-torn", "rolling-control",
        "rolling-flushed", "rolling-killed", "rolling-torn"}) {
    MemoryDisk disk;
    ASSERT_TRUE(LoadFixture("testdata", name, disk).ok());
    RecoverOptions options;
    const auto kept = PlanRun(disk, "c", options, Progress::Silent());
    options.gather.scratch = AllAside();
    options.gather.mixed_segments = 5;
    const auto aside = PlanRun(disk, "c", options, Progress::Silent());
    ASSERT_TRUE(kept.ok()) << kept.status();
    ASSERT_TRUE(aside.ok()) << aside.status();
    ExpectSamePlan(*aside, *kept, name);
  }
}

TEST(PlanWrittenAside, IsNoneWhereItCannotBeWritten) {
  MemoryDisk disk;
  ASSERT_TRUE(LoadFixture("testdata", "rolling-flushed", disk).ok());
  RecoverOptions options;
  options.gather.scratch = std::make_shared<Scratch>("/nowhere/at/all", 0);
  const auto run = PlanRun(disk, "c", options, Progress::Silent());
  EXPECT_THAT(std::string(Message(run.status())), HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace pdr
