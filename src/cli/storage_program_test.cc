// The real program: `storage ...` on real trees and on everything that is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/output.h"
#include "cli/testing/program.h"
#include "tier2/testing/sample_tree.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class StorageProgram : public ProgramTest {
 protected:
  // A one-container rolling tree with these segments.
  std::string Tree(const std::vector<std::string>& segments) {
    MemoryDisk disk;
    std::vector<SegmentInfo> records;
    for (const std::string& name : segments) {
      records.push_back(MakeRecord(name));
      PutRolling(disk, name, {{0, "0123456789"}, {10, "abc"}});
    }
    PutRollingMetadata(disk, 0, records);
    for (const auto& [path, file] : disk.Files()) {
      Put("tree/" + path, file.bytes);
      chmod(At("tree/" + path).c_str(), file.mode);
    }
    return At("tree");
  }
  // Every command that reads a root, with what must come after the root.
  static std::vector<std::pair<std::string, std::string>> Commands() {
    return {{"list-segments", ""}, {"check", ""}, {"show", "'a/b/0.#epoch.0'"}};
  }
  void ExpectRefused(const std::string& root, int code, const std::string& says) {
    for (const auto& [command, more] : Commands()) {
      const Result r = Run(fmt::format("storage {} '{}' {}", command, root, more));
      EXPECT_EQ(r.code, code) << command << ": " << r.err;
      EXPECT_THAT(r.out, IsEmpty()) << command;
      EXPECT_THAT(r.err, StartsWith("pravega-dr: ")) << command;
      EXPECT_THAT(r.err, HasSubstr(says)) << command;
    }
  }
};

TEST_F(StorageProgram, ListsTheSegmentsOfEveryFixture) {
  for (const char* name : {"chunked-flushed", "chunked-killed", "chunked-torn", "rolling-flushed",
                           "rolling-killed", "rolling-torn"}) {
    TempDir place;
    auto root = ExtractFixture("testdata", name, place.path());
    ASSERT_TRUE(root.ok());
    const Result r = Run("storage list-segments " + *root);
    EXPECT_EQ(r.code, 0) << name << r.err;
    const std::vector<std::string> lines = Lines(r.out);
    ASSERT_EQ(lines.size(), 337u) << name;
    EXPECT_EQ(lines[0], "container,name,sealed,length,start_offset");
    EXPECT_THAT(lines, testing::Not(testing::Contains(HasSubstr("$attributes.index"))));
  }
}

TEST_F(StorageProgram, RowsOfASmallTree) {
  const std::string root = Tree({"s/t/0.#epoch.0", "s/a,\"b\"/0.#epoch.0"});
  EXPECT_EQ(Run("storage list-segments " + root).out,
            "container,name,sealed,length,start_offset\n"
            "0,\"s/a,\"\"b\"\"/0.#epoch.0\",false,13,0\n"
            "0,s/t/0.#epoch.0,false,13,0\n");
  EXPECT_EQ(Run("storage list-segments --format json " + root).out,
            "{\"type\":\"segment\",\"container\":0,\"name\":\"s/a,\\\"b\\\"/0.#epoch.0\","
            "\"sealed\":false,\"length\":13,\"start_offset\":0}\n"
            "{\"type\":\"segment\",\"container\":0,\"name\":\"s/t/0.#epoch.0\","
            "\"sealed\":false,\"length\":13,\"start_offset\":0}\n");
  EXPECT_THAT(Run("storage list-segments --format text " + root).out,
              HasSubstr("0 -                    13                0 s/t/0.#epoch.0\n"));
}

TEST_F(StorageProgram, OutWritesOneFilePerContainerAndNeverOverwrites) {
  const std::string root = Fixture("rolling-flushed");
  const Result r = Run(fmt::format("storage list-segments {} --out {}", root, At("lists/new")));
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, IsEmpty());
  size_t rows = 0;
  for (int i = 0; i < 4; ++i) {
    const auto lines = Lines(Slurp(At(fmt::format("lists/new/segToContainer_{}", i))));
    ASSERT_FALSE(lines.empty()) << i;
    EXPECT_EQ(lines[0], "name,sealed,length,start_offset");
    rows += lines.size() - 1;
  }
  EXPECT_EQ(rows, 336u);
  Put("lists/new/segToContainer_2", "mine");
  fs::remove(At("lists/new/segToContainer_0"));
  const Result again = Run(fmt::format("storage list-segments {} --out {}", root, At("lists/new")));
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("already exists"));
  EXPECT_EQ(Slurp(At("lists/new/segToContainer_2")), "mine");
  EXPECT_FALSE(fs::exists(At("lists/new/segToContainer_0")));
}

TEST_F(StorageProgram, OutInsideTheRootIsRefused) {
  const std::string root = Tree({});
  for (const std::string& out : {root, root + "/lists", At("tree/../tree/x")}) {
    const Result r = Run(fmt::format("storage list-segments {} --out {}", root, out));
    EXPECT_EQ(r.code, 2) << out;
    EXPECT_THAT(r.err, HasSubstr("inside the Tier-2 root"));
  }
  EXPECT_FALSE(fs::exists(root + "/lists"));
}

TEST_F(StorageProgram, ContainerCountThatDisagrees) {
  const std::string root = Tree({});
  EXPECT_EQ(Run("storage list-segments --containers 1 " + root).code, 0);
  const Result r = Run("storage list-segments --containers 4 " + root);
  EXPECT_EQ(r.code, 6);
  EXPECT_THAT(r.err, HasSubstr("4 containers are configured, Tier-2 holds 1"));
}

TEST_F(StorageProgram, WrongUse) {
  EXPECT_EQ(Run("").code, 2);
  EXPECT_EQ(Run("storage").code, 2);
  EXPECT_EQ(Run("storage list-segments").code, 2);
  EXPECT_EQ(Run("storage list-segments --format xml " + At("x")).code, 2);
  EXPECT_EQ(Run("storage list-segments --containers 0 " + At("x")).code, 2);
  EXPECT_EQ(Run("storage nonsense").code, 2);
  EXPECT_EQ(Run("--help").code, 0);
  EXPECT_EQ(Run("storage check --help").code, 0);
}

TEST_F(StorageProgram, MissingRoot) { ExpectRefused(At("none"), 9, "No such file or directory"); }

TEST_F(StorageProgram, EmptyRoot) {
  fs::create_directory(At("empty"));
  ExpectRefused(At("empty"), 9, "no Pravega container metadata");
}

TEST_F(StorageProgram, FileAsRoot) {
  Put("file", "x");
  ExpectRefused(At("file"), 9, "is not a directory");
}

TEST_F(StorageProgram, MetadataOfBothLayouts) {
  const std::string root = Tree({});
  Put("tree/_system/containers/_sysjournal.epoch1.container0.file1", "");
  ExpectRefused(root, 9, "both layouts");
}

TEST_F(StorageProgram, MissingContainer) {
  const std::string root = Fixture("rolling-flushed");
  fs::remove(root + "/_system/containers/metadata_2$header");
  fs::remove(root + "/_system/containers/metadata_2$offset.0");
  fs::remove(root + "/_system/containers/metadata_2$attributes.index$header");
  fs::remove(root + "/_system/containers/metadata_2$attributes.index$offset.0");
  ExpectRefused(root, 9, "metadata of container 2 is missing");
}

TEST_F(StorageProgram, UnreadableMetadata) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const std::string root = Tree({});
  chmod((root + "/_system/containers").c_str(), 0);
  ExpectRefused(root, 9, "Permission denied");
  chmod((root + "/_system/containers").c_str(), 0755);
}

TEST_F(StorageProgram, RootThatIsALink) {
  const std::string root = Tree({"s/t/0.#epoch.0"});
  fs::create_directory_symlink(root, At("link"));
  EXPECT_EQ(Run("storage list-segments " + At("link")).out,
            Run("storage list-segments " + root).out);
}

TEST_F(StorageProgram, CheckOfACleanTree) {
  const Result r = Run("storage check " + Fixture("rolling-flushed"));
  EXPECT_EQ(r.code, 0) << r.out;
  EXPECT_THAT(r.out, StartsWith("layout rolling, 4 containers, highest epoch 0\n"));
  EXPECT_THAT(r.out, HasSubstr("0 unreferenced chunk files, 0 unreadable, 0 anomalies\n"));
}

TEST_F(StorageProgram, CheckNamesEveryInconsistency) {
  const std::string root = Tree({"s/t/0.#epoch.0"});
  fs::remove(root + "/s/t/0.#epoch.0$offset.0");
  fs::create_symlink("/etc/passwd", root + "/s/link");
  Put("tree/lost+found/thing", "");
  Put("tree/s/u/0.#epoch.0$offset.0", "");
  Put("tree/s/v/0.#epoch.0$header", "garbage");
  const Result text = Run("storage check " + root);
  EXPECT_EQ(text.code, 4);
  for (const char* line : {"special: s/link\n", "foreign: lost+found/thing\n",
                           "unreferenced: s/u/0.#epoch.0$offset.0\n",
                           "header-damaged: container 0 s/v/0.#epoch.0: "}) {
    EXPECT_THAT(text.out, HasSubstr(line));
  }
  const Result json = Run("storage check --format json " + root);
  EXPECT_EQ(json.code, 4);
  std::map<std::string, int> types;
  nlohmann::json summary;
  for (const std::string& line : Lines(json.out)) {
    summary = nlohmann::json::parse(line);
    ++types[summary["type"].get<std::string>()];
  }
  EXPECT_EQ(types["anomaly"], 1);
  EXPECT_EQ(types["file"], 2);
  EXPECT_EQ(types["unreferenced"], 1);
  EXPECT_EQ(summary["type"], "summary");
  EXPECT_EQ(summary["anomalies"], 1);
}

TEST_F(StorageProgram, CheckAndListChangeNothing) {
  const std::string root = Fixture("chunked-torn");
  auto state = [&] {
    const std::string command = fmt::format(
        "cd '{}' && find . -printf '%p %s %m %T@ %C@\\n' | sort >'{}'", root, At("state"));
    EXPECT_EQ(std::system(command.c_str()), 0);
    return Slurp(At("state"));
  };
  const std::string before = state();
  EXPECT_EQ(Run("storage check " + root).code, 4);
  EXPECT_EQ(Run("storage list-segments " + root).code, 0);
  EXPECT_EQ(Run("storage show " + root + " 'dr/plain/0.#epoch.0'").code, 0);
  EXPECT_EQ(state(), before);
}

TEST_F(StorageProgram, ShowDecodesStreamsTablesAndSystemSegments) {
  const std::string root = Fixture("chunked-flushed");
  const Result stream = Run("storage show " + root + " 'dr/plain/0.#epoch.0'");
  EXPECT_EQ(stream.code, 0) << stream.err;
  for (const char* part :
       {"segment  name=dr/plain/0.#epoch.0", "record  length=", "attribute  id=CREATION_TIME",
        "stored  length=", "chunk  start_offset=0", "attribute-index  length="}) {
    EXPECT_THAT(stream.out, HasSubstr(part));
  }
  const Result table = Run("storage show " + root + " 'dr/table_kvtable/0.#epoch.0' --format json");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("{\"type\":\"table\",\"entries\":"));
  EXPECT_THAT(table.out, HasSubstr("\"tail\":\"whole\""));
  const Result system = Run("storage show " + root + " _system/containers/storage_metadata_1");
  EXPECT_EQ(system.code, 0) << system.err;
  EXPECT_THAT(system.out, HasSubstr("table  entries="));
}

TEST_F(StorageProgram, ShowOfWhatIsNotThere) {
  const std::string root = Tree({});
  const Result r = Run("storage show " + root + " 'no/such/0.#epoch.0'");
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("no segment 'no/such/0.#epoch.0'"));
  EXPECT_EQ(Run("storage show " + root + " _system/containers/metadata_77").code, 2);
}

TEST_F(StorageProgram, FullOutputIsAnError) {
  const std::string root = Fixture("rolling-flushed");
  const std::string command =
      fmt::format("'{}' storage list-segments {} >/dev/full 2>/dev/null", PDR_PROGRAM, root);
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 10);
}

TEST(OutputTest, CsvAndTerminalQuoting) {
  const auto field = [](std::string_view text) {
    std::string out;
    AppendCsvField(out, text);
    return out;
  };
  EXPECT_EQ(field("plain"), "plain");
  EXPECT_EQ(field("a,b"), "\"a,b\"");
  EXPECT_EQ(field("a\"b\nc"), "\"a\"\"b\nc\"");
  EXPECT_EQ(Printable("a\x1b[31m\\\xc3\xbc"), "a\\x1b[31m\\x5c\xc3\xbc");
  EXPECT_EQ(PrintableLines("a:\nb\r\n"), "a:\nb\\x0d\n");
}

TEST(ExitCodeTest, EveryStatusHasItsCode) {
  EXPECT_EQ(ExitCodeFor(OkStatus()), ExitCode::kDone);
  EXPECT_EQ(ExitCodeFor(Internal("x")), ExitCode::kInternal);
  EXPECT_EQ(ExitCodeFor(InvalidArgument("x")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeFor(Aborted("x")), ExitCode::kPlanOutdated);
  EXPECT_EQ(ExitCodeFor(FailedPrecondition("x")), ExitCode::kLive);
  EXPECT_EQ(ExitCodeFor(NotFound("x")), ExitCode::kTier2Unreadable);
  EXPECT_EQ(ExitCodeFor(PermissionDenied("x")), ExitCode::kTier2Unreadable);
  EXPECT_EQ(ExitCodeFor(DataLoss("x")), ExitCode::kTier2Unreadable);
  EXPECT_EQ(ExitCodeFor(Unavailable("x")), ExitCode::kNotAvailable);
  EXPECT_EQ(ExitCodeFor(ResourceExhausted("x")), ExitCode::kNotAvailable);
}

}  // namespace
}  // namespace pdr
