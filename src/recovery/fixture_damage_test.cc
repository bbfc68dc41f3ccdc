// Damage done by hand to trees that real clusters wrote and flushed, one kind per test: what is
// decided about the segment, and what is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "recovery/anomaly_codes.h"
#include "recovery/recover.h"
#include "recovery/testing/aside.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr char kSingle[] = "dr/single/0.#epoch.0";  // 6822 bytes in one chunk
constexpr int64_t kLength = 6822;
constexpr char kOther[] = "dr/many-0/0.#epoch.0";
constexpr char kSealedSegment[] = "dr/sealed/0.#epoch.0";

class DamagedTree : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(LoadFixture("testdata", GetParam() + "-flushed", disk_).ok());
  }
  bool Rolling() const { return GetParam() == "rolling"; }

  // The one data file of a segment.
  std::string ChunkOf(const std::string& segment) {
    const std::string prefix = segment + (Rolling() ? "$offset." : ".E-");
    for (const auto& [path, file] : disk_.Files()) {
      if (path.starts_with(prefix)) return path;
    }
    ADD_FAILURE() << "no chunk of " << segment;
    return "";
  }
  std::string Bytes(const std::string& path) { return disk_.Files().at(path).bytes; }
  void Chmod(const std::string& path, uint32_t mode) { disk_.Put(path, Bytes(path), mode); }
  void Move(const std::string& from, const std::string& to) {
    disk_.Put(to, Bytes(from));
    disk_.Drop(from);
  }

  void Plan() {
    auto run = PlanRun(disk_, "c", RecoverOptions(), Progress::Silent());
    ASSERT_TRUE(run.ok()) << Message(run.status());
    containers_ = PlansOf(run->plan);
    plan_ = run->plan;
  }
  const SegmentInfo& Decided(const std::string& segment) {
    for (const ContainerPlan& c : containers_) {
      for (const SegmentDecision& s : c.segments) {
        if (s.info.name == segment) return s.info;
      }
    }
    ADD_FAILURE() << segment << " is not registered";
    static const SegmentInfo kNone;
    return kNone;
  }
  std::vector<std::string> Said(const std::string& subject) {
    std::vector<std::string> said;
    for (const Anomaly& a : plan_.anomalies) {
      if (a.subject == subject) said.push_back(a.code + ": " + a.message);
    }
    return said;
  }
  uint64_t Lost(const std::string& segment) {
    uint64_t bytes = 0;
    for (const Loss& l : plan_.losses)
      bytes += l.subject == segment && l.what == "bytes" ? l.amount : 0;
    return bytes;
  }
  bool NeedsPermission(const std::string& code) { return NotAllowed(plan_, {}).contains(code); }
  bool IsAside(const std::string& path) {
    for (const ContainerPlan& c : containers_) {
      for (const SetAside& s : c.set_aside) {
        if (s.path == path) return true;
      }
    }
    return false;
  }

  bool ModeChanges(const std::string& path) {
    for (const ContainerPlan& c : containers_) {
      for (const ModeChange& m : c.modes) {
        if (m.path == path) return true;
      }
    }
    return false;
  }

  MemoryDisk disk_;
  WholePlan plan_;
  std::vector<ContainerPlan> containers_;
};

// Of a segment whose one file is not there.
MATCHER_P2(SaysItIsGone, rolling, chunk, "") {
  const std::vector<std::string> expected =
      rolling ? std::vector<std::string>{"data-missing: its record says 6822 bytes, Tier-2 holds "
                                         "none; registered empty",
                                         "header-without-chunks: none of the 1 listed chunk files "
                                         "is there"}
              : std::vector<std::string>{
                    fmt::format("chunk-missing: chunk '{}' at offset 0 (6822 bytes) is missing",
                                chunk),
                    "data-hole: chunk bytes are missing at 0; the 6822 bytes from there on are "
                    "left out"};
  return testing::ExplainMatchResult(testing::ElementsAreArray(expected), arg, result_listener);
}

TEST_P(DamagedTree, Removed) {
  const std::string chunk = ChunkOf(kSingle);
  disk_.Drop(chunk);
  Plan();
  EXPECT_EQ(Decided(kSingle).length, 0);
  EXPECT_EQ(Lost(kSingle), uint64_t{kLength});
  EXPECT_THAT(Said(kSingle), SaysItIsGone(Rolling(), chunk));
  EXPECT_TRUE(NeedsPermission(Rolling() ? "data-missing" : "chunk-missing"));
}

TEST_P(DamagedTree, Shortened) {
  const std::string chunk = ChunkOf(kSingle);
  disk_.Put(chunk, Bytes(chunk).substr(0, 5000));
  Plan();
  EXPECT_EQ(Decided(kSingle).length, 4997);
  const std::string torn =
      "torn-tail: 3 bytes after the last whole event at 4997 cut (proven from the start)";
  if (Rolling()) {
    EXPECT_THAT(Said(kSingle), ElementsAre(torn));
  } else {
    EXPECT_THAT(
        Said(kSingle),
        ElementsAre(
            fmt::format("chunk-short: chunk '{}' at offset 0 has 5000 of 6822 bytes", chunk),
            "data-hole: chunk bytes are missing at 5000; the 1822 bytes from there on are left out",
            torn));
  }
  EXPECT_EQ(NeedsPermission("chunk-short"), !Rolling());
  EXPECT_EQ(Lost(kSingle), 1825u);
}

TEST_P(DamagedTree, Lengthened) {
  const std::string chunk = ChunkOf(kSingle);
  disk_.Put(chunk, Bytes(chunk) + std::string("\0\0\0\0\0\0\1\0half an event", 21));
  Plan();
  EXPECT_EQ(Decided(kSingle).length, kLength);
  EXPECT_THAT(
      Said(kSingle),
      Contains("torn-tail: 21 bytes after the last whole event at 6822 cut (inferred from a "
               "later boundary)"));
  if (!Rolling()) {
    EXPECT_THAT(Said(kSingle), Contains("salvaged: 21 bytes beyond the recorded length 6822 "
                                        "adopted, 0 from chunk files no record listed"));
  }
  EXPECT_THAT(NotAllowed(plan_, {}), IsEmpty());
  EXPECT_EQ(Lost(kSingle), 0u);
}

TEST_P(DamagedTree, Duplicated) {
  const std::string chunk = ChunkOf(kSingle);
  const std::string copy =
      Rolling() ? std::string(kSingle) + "$offset.6823"
                : std::string(kSingle) + ".E-1-O-0.00000000-0000-0000-0000-000000000007";
  disk_.Put(copy, Bytes(chunk));
  Plan();
  EXPECT_EQ(Decided(kSingle).length, kLength);
  EXPECT_THAT(Said(kSingle), IsEmpty());
  EXPECT_THAT(Said(copy), ElementsAre("unreferenced: no segment lists this chunk file; set aside"));
  EXPECT_TRUE(IsAside(copy));
  EXPECT_THAT(NotAllowed(plan_, {}), IsEmpty());
  EXPECT_EQ(Lost(kSingle), 0u);
}

// Nothing in a file says whose it is: the events of both are whole, in the wrong segment.
TEST_P(DamagedTree, Swapped) {
  const std::string one = ChunkOf(kSingle);
  const std::string two = ChunkOf(kOther);
  const std::string bytes = Bytes(one);
  disk_.Put(one, Bytes(two));
  disk_.Put(two, bytes);
  Plan();
  EXPECT_EQ(Decided(kSingle).length, 2348);
  EXPECT_EQ(Decided(kOther).length, kLength);
  EXPECT_EQ(Lost(kSingle), uint64_t{kLength - 2348});
  EXPECT_EQ(Lost(kOther), 0u);
  if (Rolling()) {
    EXPECT_THAT(Said(kSingle), IsEmpty());
    EXPECT_THAT(Said(kOther), IsEmpty());
    return;
  }
  EXPECT_THAT(
      Said(kSingle),
      ElementsAre(fmt::format("chunk-short: chunk '{}' at offset 0 has 2348 of 6822 bytes", one),
                  "data-hole: chunk bytes are missing at 2348; the 4474 bytes from there on are "
                  "left out"));
  EXPECT_THAT(Said(kOther), ElementsAre("salvaged: 4474 bytes beyond the recorded length 2348 "
                                        "adopted, 0 from chunk files no record listed"));
  EXPECT_TRUE(NeedsPermission("chunk-short"));
}

TEST_P(DamagedTree, Renamed) {
  const std::string chunk = ChunkOf(kSingle);
  const std::string to = chunk + ".moved";
  Move(chunk, to);
  Plan();
  EXPECT_EQ(Decided(kSingle).length, 0);
  EXPECT_EQ(Lost(kSingle), uint64_t{kLength});
  EXPECT_THAT(Said(kSingle), SaysItIsGone(Rolling(), chunk));
  EXPECT_TRUE(NeedsPermission(Rolling() ? "data-missing" : "chunk-missing"));
  EXPECT_FALSE(IsAside(to));  // nobody knows what it is
  EXPECT_THAT(Said(to), IsEmpty());
}

TEST_P(DamagedTree, ALinkInPlaceOfAFile) {
  const std::string chunk = ChunkOf(kSingle);
  disk_.Drop(chunk);
  disk_.PutSpecial(chunk, FileKind::kSymlink);
  Plan();
  EXPECT_EQ(Decided(kSingle).length, 0);
  EXPECT_THAT(Said(chunk),
              ElementsAre("special-file: by its name a chunk file, but it is a link, fifo, socket "
                          "or device, which is neither followed nor read"));
  EXPECT_THAT(Said(kSingle), SaysItIsGone(Rolling(), chunk));
  EXPECT_TRUE(NeedsPermission("special-file"));
  EXPECT_TRUE(NeedsPermission(Rolling() ? "data-missing" : "chunk-missing"));
  EXPECT_FALSE(IsAside(chunk));
}

TEST_P(DamagedTree, Unreadable) {
  const std::string chunk = ChunkOf(kSingle);
  disk_.FailReads(chunk, PermissionDenied("'{}' may not be read", chunk));
  Plan();
  EXPECT_THAT(Said(chunk),
              ElementsAre(AllOf(StartsWith("unreadable: "), HasSubstr("may not be read"))));
  EXPECT_TRUE(NeedsPermission("unreadable"));
  // Allowed, its bytes count as missing; the file stays where it is.
  EXPECT_EQ(Decided(kSingle).length, 0);
  EXPECT_EQ(Lost(kSingle), uint64_t{kLength});
  EXPECT_THAT(Said(kSingle), SaysItIsGone(Rolling(), chunk));
  EXPECT_FALSE(IsAside(chunk));
}

INSTANTIATE_TEST_SUITE_P(Flushed, DamagedTree, testing::Values("chunked", "rolling"),
                         [](const auto& layout) { return layout.param; });

class DamagedRollingTree : public DamagedTree {};

TEST_P(DamagedRollingTree, ReOwned) {
  const std::string header = std::string(kOther) + "$header";
  const std::string shared = ChunkOf(kSingle);
  const std::string own = ChunkOf(kOther);
  disk_.Put(header, "maxsize=134217728&0=" + shared + "&");
  Plan();
  EXPECT_THAT(Said(shared), ElementsAre("chunk-shared: more than one segment lists this file"));
  EXPECT_TRUE(NeedsPermission("chunk-shared"));
  // Allowed, both keep it: nothing says whose it is. The file that is left over is kept aside.
  EXPECT_EQ(Decided(kSingle).length, kLength);
  EXPECT_EQ(Decided(kOther).length, kLength);
  EXPECT_FALSE(IsAside(shared));
  EXPECT_THAT(Said(own), ElementsAre("unreferenced: no segment lists this chunk file; set aside"));
  EXPECT_TRUE(IsAside(own));
}

TEST_P(DamagedRollingTree, Unsealed) {
  Chmod(std::string(kSealedSegment) + "$header", 0644);
  Plan();
  EXPECT_TRUE(Decided(kSealedSegment).sealed);
  EXPECT_EQ(Lost(kSealedSegment), 0u);
  EXPECT_THAT(Said(kSealedSegment), IsEmpty());  // its record knows; the mode is restored
  EXPECT_THAT(NotAllowed(plan_, {}), IsEmpty());
  EXPECT_TRUE(ModeChanges(std::string(kSealedSegment) + "$header"));
}

TEST_P(DamagedRollingTree, Sealed) {
  Chmod(std::string(kSingle) + "$header", 0444);
  Plan();
  EXPECT_FALSE(Decided(kSingle).sealed);
  EXPECT_THAT(Said(kSingle),
              ElementsAre("seal-ahead: sealed in Tier-2, but active for the controller; unsealed"));
  EXPECT_TRUE(ModeChanges(std::string(kSingle) + "$header"));
}

INSTANTIATE_TEST_SUITE_P(Flushed, DamagedRollingTree, testing::Values("rolling"),
                         [](const auto& layout) { return layout.param; });

class DamagedChunkedTree : public DamagedTree {};

// A chunk of a later owner that continues the segment: adopted, and its epoch counts.
TEST_P(DamagedChunkedTree, ReOwned) {
  const std::string name =
      fmt::format("{}.E-7-O-{}.00000000-0000-0000-0000-000000000007", kSingle, kLength);
  disk_.Put(name, Bytes(ChunkOf(kOther)));
  Plan();
  EXPECT_EQ(Decided(kSingle).length, kLength + 2348);
  EXPECT_THAT(Said(kSingle), ElementsAre("salvaged: 2348 bytes beyond the recorded length 6822 "
                                         "adopted, 1 from chunk files no record listed"));
  EXPECT_THAT(Said(name), IsEmpty());
  EXPECT_FALSE(IsAside(name));
  EXPECT_THAT(NotAllowed(plan_, {}), IsEmpty());
  EXPECT_EQ(plan_.epoch, 8u);
}

INSTANTIATE_TEST_SUITE_P(Flushed, DamagedChunkedTree, testing::Values("chunked"),
                         [](const auto& layout) { return layout.param; });

TEST_P(DamagedTree, SamePlanOnAnyNumberOfThreads) {
  disk_.Drop(ChunkOf(kSingle));
  disk_.Put(ChunkOf(kOther), "torn");
  std::set<std::string> digests;
  for (const size_t threads : {size_t{1}, size_t{3}, size_t{16}}) {
    RecoverOptions options;
    options.threads = options.gather.threads = threads;
    auto run = PlanRun(disk_, "c", options, Progress::Silent());
    ASSERT_TRUE(run.ok()) << Message(run.status());
    EXPECT_FALSE(run->plan.losses.empty());
    digests.insert(run->identity.plan_digest);
  }
  EXPECT_EQ(digests.size(), 1u);
}

}  // namespace
}  // namespace pdr
