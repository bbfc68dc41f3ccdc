#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tier1/durable_log.h"
#include "tier1/embedded/ledger_file.h"
#include "tier1/tier1.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EmbeddedTier1Test : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "pdr-embedded-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  Tier1 Open() { return *OpenEmbeddedTier1(root_ + "/tier1", {}); }
  std::string EntriesFile(int64_t ledger) {
    return embedded::LedgerDirectory(root_ + "/tier1/ledgers", ledger) + "/entries";
  }
  void CutFile(const std::string& path, uint64_t by) {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - by);
  }
  void FlipByte(const std::string& path, uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 1));
  }

  // Runs `body` in a process that then dies without any clean-up.
  template <typename Body>
  void InDyingProcess(Body&& body) {
    const pid_t child = fork();
    if (child == 0) {
      body();
      _exit(0);
    }
    ASSERT_GT(child, 0);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }

  std::string root_;
};

TEST_F(EmbeddedTier1Test, ReadingCreatesNothing) {
  Tier1 tier1 = Open();
  EXPECT_EQ(tier1.metadata->Get("/a").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(tier1.metadata->Children("/a").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(*tier1.metadata->Children("/"), IsEmpty());
  EXPECT_THAT(*tier1.ledgers->List(), IsEmpty());
  EXPECT_EQ(tier1.ledgers->OpenReadOnly(0).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(root_));
}

TEST_F(EmbeddedTier1Test, RefusesAFileInPlaceOfTheDirectory) {
  std::ofstream(root_ + "/tier1") << "x";
  EXPECT_EQ(OpenEmbeddedTier1(root_ + "/tier1", {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenEmbeddedTier1("", {}).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(EmbeddedTier1Test, NodesPersist) {
  {
    Tier1 tier1 = Open();
    ASSERT_TRUE(tier1.metadata->Create("/a/b/c", "one", false).ok());
    EXPECT_EQ(tier1.metadata->Create("/a/b/c", "two", false).code(), StatusCode::kAlreadyExists);
    EXPECT_EQ(*tier1.metadata->Set("/a/b/c", "two", 0), 1);
    EXPECT_EQ(tier1.metadata->Set("/a/b/c", "three", 0).status().code(), StatusCode::kAborted);
    EXPECT_EQ(tier1.metadata->Set("/a/x", "", 0).status().code(), StatusCode::kNotFound);
  }
  Tier1 tier1 = Open();
  auto node = tier1.metadata->Get("/a/b/c");
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(node->data, "two");
  EXPECT_EQ(node->version, 1);
  EXPECT_FALSE(node->ephemeral);
  EXPECT_EQ(tier1.metadata->Get("/a/b")->data, "");
  EXPECT_THAT(*tier1.metadata->Children("/a"), ElementsAre("b"));
}

TEST_F(EmbeddedTier1Test, DeleteNeedsTheVersionAndNoChildren) {
  Tier1 tier1 = Open();
  ASSERT_TRUE(tier1.metadata->Create("/a/b", "", false).ok());
  EXPECT_EQ(tier1.metadata->Delete("/a", -1).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(tier1.metadata->Delete("/a/b", 1).code(), StatusCode::kAborted);
  EXPECT_TRUE(tier1.metadata->Delete("/a/b", 0).ok());
  EXPECT_EQ(tier1.metadata->Delete("/a/b", -1).code(), StatusCode::kNotFound);
  EXPECT_TRUE(tier1.metadata->Delete("/a", -1).ok());
}

TEST_F(EmbeddedTier1Test, AnyNameIsANode) {
  Tier1 tier1 = Open();
  const std::vector<std::string> names = {
      "..",    ".node", "c2NvcGUvc3RyZWFt=",   "10.1.2.3:12345:",
      "%2e",   "~",     std::string(500, 'x'), "\xc3\xa9",
      ".hide", "a b",   std::string(500, '\\')};
  for (const std::string& name : names) {
    ASSERT_TRUE(tier1.metadata->Create("/n/" + name, name, false).ok()) << name;
  }
  for (const std::string& name : names) EXPECT_EQ(tier1.metadata->Get("/n/" + name)->data, name);
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(*tier1.metadata->Children("/n"), sorted);
  for (const char* path : {"", "/", "a", "/a/", "/a//b"}) {
    EXPECT_EQ(tier1.metadata->Create(path, "", false).code(), StatusCode::kInvalidArgument);
  }
}

TEST_F(EmbeddedTier1Test, EphemeralNodesLiveAsLongAsTheirSession) {
  Tier1 watcher = Open();
  {
    Tier1 owner = Open();
    ASSERT_TRUE(owner.metadata->Create("/cluster/hosts/h", "data", true).ok());
    EXPECT_EQ(owner.metadata->Create("/cluster/hosts/h/x", "", false).code(),
              StatusCode::kFailedPrecondition);
    auto node = watcher.metadata->Get("/cluster/hosts/h");
    ASSERT_TRUE(node.ok()) << node.status();
    EXPECT_TRUE(node->ephemeral);
    EXPECT_THAT(*watcher.metadata->Children("/cluster/hosts"), ElementsAre("h"));
  }
  EXPECT_EQ(watcher.metadata->Get("/cluster/hosts/h").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(*watcher.metadata->Children("/cluster/hosts"), IsEmpty());
}

TEST_F(EmbeddedTier1Test, EphemeralNodesOfADeadProcessVanish) {
  InDyingProcess([&] {
    auto* tier1 = new Tier1(Open());
    if (!tier1->metadata->Create("/lock/l", "", true).ok()) _exit(1);
    if (!tier1->metadata->Get("/lock/l").ok()) _exit(2);
  });
  Tier1 tier1 = Open();
  EXPECT_EQ(tier1.metadata->Get("/lock/l").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(*tier1.metadata->Children("/lock"), IsEmpty());
  ASSERT_TRUE(tier1.metadata->Create("/lock/l", "mine", true).ok());
  EXPECT_EQ(tier1.metadata->Get("/lock/l")->data, "mine");
}

TEST_F(EmbeddedTier1Test, ANodeWithOnlyDeadEphemeralChildrenCanBeDeleted) {
  InDyingProcess([&] {
    auto* tier1 = new Tier1(Open());
    if (!tier1->metadata->Create("/lock/l", "", true).ok()) _exit(1);
  });
  Tier1 tier1 = Open();
  EXPECT_TRUE(tier1.metadata->Delete("/lock", -1).ok());
  EXPECT_TRUE(tier1.metadata->Create("/lock/l", "", false).ok());
}

TEST_F(EmbeddedTier1Test, SequentialNumbersOnlyGrow) {
  {
    Tier1 tier1 = Open();
    EXPECT_EQ(*tier1.metadata->CreateSequential("/ids/ID-"), "/ids/ID-0000000000");
    EXPECT_EQ(*tier1.metadata->CreateSequential("/ids/ID-"), "/ids/ID-0000000001");
    EXPECT_TRUE(tier1.metadata->Delete("/ids/ID-0000000001", -1).ok());
  }
  Tier1 tier1 = Open();
  EXPECT_EQ(*tier1.metadata->CreateSequential("/ids/ID-"), "/ids/ID-0000000002");
}

TEST_F(EmbeddedTier1Test, ADamagedNodeIsNotRead) {
  Tier1 tier1 = Open();
  ASSERT_TRUE(tier1.metadata->Create("/a", "data", false).ok());
  FlipByte(root_ + "/tier1/nodes/a/.node", 8);
  EXPECT_EQ(tier1.metadata->Get("/a").status().code(), StatusCode::kDataLoss);
  EXPECT_FALSE(tier1.metadata->Create("/a", "data", false).ok());
  EXPECT_FALSE(tier1.metadata->Create("/a/b", "data", false).ok());
}

TEST_F(EmbeddedTier1Test, OneOfManyWins) {
  ASSERT_TRUE(Open().metadata->Create("/a", "", false).ok());
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Tier1 tier1 = Open();
      if (tier1.metadata->Set("/a", "x", 0).ok()) ++won;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_F(EmbeddedTier1Test, LedgersPersist) {
  {
    Tier1 tier1 = Open();
    auto writer = tier1.ledgers->Create({{"application", "Pravega"}});
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (const char* entry : {"one", "", "three"}) ASSERT_TRUE((*writer)->Append(entry).ok());
    ASSERT_TRUE((*writer)->Close().ok());
    EXPECT_EQ((*writer)->Append("late").code(), StatusCode::kFailedPrecondition);
  }
  Tier1 tier1 = Open();
  auto reader = tier1.ledgers->OpenReadOnly(0);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->last_confirmed(), 2);
  EXPECT_EQ((*reader)->custom_metadata().at("application"), "Pravega");
  EXPECT_EQ(*(*reader)->Read(0), "one");
  EXPECT_EQ(*(*reader)->Read(1), "");
  EXPECT_EQ(*(*reader)->Read(2), "three");
  EXPECT_EQ((*reader)->Read(3).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ((*reader)->Read(-1).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(EmbeddedTier1Test, LedgerIdsOnlyGrow) {
  Tier1 tier1 = Open();
  for (int64_t id : {0, 1, 2}) EXPECT_EQ((*tier1.ledgers->Create({}))->id(), id);
  EXPECT_TRUE(tier1.ledgers->Delete(2).ok());
  EXPECT_TRUE(tier1.ledgers->Delete(2).ok());
  EXPECT_THAT(*tier1.ledgers->List(), ElementsAre(0, 1));
  Tier1 again = Open();
  EXPECT_EQ((*again.ledgers->Create({}))->id(), 3);
  EXPECT_EQ(again.ledgers->OpenFenced(2).status().code(), StatusCode::kNotFound);
}

TEST_F(EmbeddedTier1Test, FencingShutsOutTheWriter) {
  Tier1 tier1 = Open();
  auto writer = tier1.ledgers->Create({});
  ASSERT_TRUE((*writer)->Append("a").ok());
  Tier1 other = Open();
  auto reader = other.ledgers->OpenFenced(0);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->last_confirmed(), 0);
  EXPECT_EQ((*writer)->Append("b").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ((*writer)->Close().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ((*other.ledgers->OpenReadOnly(0))->last_confirmed(), 0);
}

TEST_F(EmbeddedTier1Test, ReadingOnlyDoesNotFence) {
  Tier1 tier1 = Open();
  auto writer = tier1.ledgers->Create({});
  ASSERT_TRUE((*writer)->Append("a").ok());
  EXPECT_EQ((*tier1.ledgers->OpenReadOnly(0))->last_confirmed(), 0);
  EXPECT_TRUE((*writer)->Append("b").ok());
}

TEST_F(EmbeddedTier1Test, ATornTailIsNotPartOfTheLedger) {
  InDyingProcess([&] {
    auto* tier1 = new Tier1(Open());
    auto writer = tier1->ledgers->Create({});
    if (!(*writer)->Append("whole").ok() || !(*writer)->Append("torn").ok()) _exit(1);
  });
  for (uint64_t cut = 1; cut < 12; ++cut) {
    CutFile(EntriesFile(0), 1);
    auto reader = Open().ledgers->OpenReadOnly(0);
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ((*reader)->last_confirmed(), 0) << cut;
  }
  auto fenced = Open().ledgers->OpenFenced(0);
  EXPECT_EQ((*fenced)->last_confirmed(), 0);
  EXPECT_EQ(*(*fenced)->Read(0), "whole");
}

TEST_F(EmbeddedTier1Test, AClosedLedgerThatWasCutIsDamaged) {
  Tier1 tier1 = Open();
  auto writer = tier1.ledgers->Create({});
  ASSERT_TRUE((*writer)->Append("one").ok());
  ASSERT_TRUE((*writer)->Append("two").ok());
  ASSERT_TRUE((*writer)->Close().ok());
  CutFile(EntriesFile(0), 1);
  auto reader = tier1.ledgers->OpenReadOnly(0);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->last_confirmed(), 1);
  EXPECT_EQ(*(*reader)->Read(0), "one");
  EXPECT_EQ((*reader)->Read(1).status().code(), StatusCode::kDataLoss);
}

TEST_F(EmbeddedTier1Test, AFlippedByteIsNoticed) {
  Tier1 tier1 = Open();
  auto writer = tier1.ledgers->Create({});
  ASSERT_TRUE((*writer)->Append("one").ok());
  ASSERT_TRUE((*writer)->Append("two").ok());
  ASSERT_TRUE((*writer)->Close().ok());
  FlipByte(EntriesFile(0), 9);
  auto reader = tier1.ledgers->OpenReadOnly(0);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->last_confirmed(), 1);
  EXPECT_EQ((*reader)->Read(0).status().code(), StatusCode::kDataLoss);
}

TEST_F(EmbeddedTier1Test, ALengthBeyondTheFileIsNotBelieved) {
  Tier1 tier1 = Open();
  auto writer = tier1.ledgers->Create({});
  ASSERT_TRUE((*writer)->Append("one").ok());
  ASSERT_TRUE((*writer)->Close().ok());
  FlipByte(EntriesFile(0), 0);
  auto reader = tier1.ledgers->OpenReadOnly(0);
  EXPECT_EQ((*reader)->Read(0).status().code(), StatusCode::kDataLoss);
}

TEST_F(EmbeddedTier1Test, ADurableLogOverProcesses) {
  for (const char* frame : {"a", "b", "c"}) {
    InDyingProcess([&] {
      auto* tier1 = new Tier1(Open());
      DurableLog log(*tier1, 3);
      if (!log.Initialize().ok() || !log.Append(frame).ok()) _exit(1);
    });
  }
  Tier1 tier1 = Open();
  DurableLog log(tier1, 3);
  std::vector<std::string> frames;
  ASSERT_TRUE(log.ReadAll([&](std::string_view frame, const LogAddress&) {
                   frames.emplace_back(frame);
                   return OkStatus();
                 })
                  .ok());
  EXPECT_THAT(frames, ElementsAre("a", "b", "c"));
  EXPECT_EQ((*log.Load())->metadata.epoch, 3u);
}

}  // namespace
}  // namespace pdr
