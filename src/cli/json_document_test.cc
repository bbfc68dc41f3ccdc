// docs/json.md against the real program: every record a command prints has an example with the same
// fields of the same types, and every example stands for a record that is really printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output.h"
#include "cli/testing/program.h"

namespace pdr {
namespace {

// A record's shape: its type, and each field with the JSON type of its value.
std::string Shape(const Json& record) {
  std::string shape = record.value("type", "no type");
  for (const auto& [key, value] : record.items()) {
    shape += fmt::format(" {}:{}", key, value.type_name());
  }
  return shape;
}

// Shapes of the examples, by command: under "### `dr plan`", the lines of ```json.
std::map<std::string, std::set<std::string>> Examples() {
  std::map<std::string, std::set<std::string>> out;
  std::string command;
  for (const std::string& line : Lines(Slurp("docs/json.md"))) {
    if (line.starts_with("### `")) command = line.substr(5, line.find('`', 5) - 5);
    if (!line.starts_with("{")) continue;
    const Json example = Json::parse(line, nullptr, false);
    EXPECT_TRUE(example.is_object()) << line;
    if (example.is_object()) out[command].insert(Shape(example));
  }
  return out;
}

// The example of a type that has one only.
std::string LineOf(const std::string& type) {
  for (const std::string& line : Lines(Slurp("docs/json.md"))) {
    if (line.starts_with("{\"type\":\"" + type + "\"")) return line;
  }
  return "{}";
}

class JsonDocument : public ProgramTest {
 protected:
  // Runs a command and checks what it prints.
  void Check(const std::string& command, const std::string& arguments) {
    const Result r = Run(fmt::format("{} {} --format json", command, arguments));
    EXPECT_FALSE(r.out.empty()) << command << " " << arguments << ": " << r.err;
    for (const std::string& line : Lines(r.out)) {
      const Json record = Json::parse(line, nullptr, false);
      ASSERT_TRUE(record.is_object()) << line;
      const std::string shape = Shape(record);
      if (!seen_[command].insert(shape).second) continue;
      EXPECT_THAT(examples_[command], testing::Contains(shape)) << command << ": " << line;
    }
  }
  std::string Workspace() { return fmt::format("--workspace '{}'", At("workspace")); }

  void LookAtTree(const std::string& root) {
    Check("storage list-segments", root);
    Check("storage list-segments", fmt::format("{} --out '{}/lists'", root, At("")));
    fs::remove_all(At("lists"));
    Check("storage check", root);
    for (const char* segment : {"dr/single/0.#epoch.0", "_system/containers/metadata_1"}) {
      Check("storage show", fmt::format("{} '{}'", root, segment));
    }
    Check("dr plan", fmt::format("{} {}", root, Workspace()));
  }
  void Rehearse(const std::string& root) {
    const std::string rehearsal = "--rehearse " + Workspace();
    Check("dr recover", fmt::format("{} {}", root, rehearsal));
    Check("dr recover", fmt::format("{} {}", root, rehearsal));
    Check("dr verify", fmt::format("{} {}", root, rehearsal));
    Check("dr status", rehearsal);
    Check("dr report", rehearsal);
    Check("dr explain", "'dr/single/0.#epoch.0' " + rehearsal);
    Check("log show", "--container 1 " + Workspace());
    Check("dr undo", rehearsal);
    Check("dr verify", fmt::format("{} {}", root, rehearsal));
    Check("log show", "--container 1 " + Workspace());
    Check("dr recover", fmt::format("{} {}", root, rehearsal));
    for (const auto& file : fs::recursive_directory_iterator(At("workspace/rehearsal/tier1"))) {
      if (file.path().filename() == "meta") std::ofstream(file.path()).flush();  // emptied
    }
    Check("log show", "--container 1 " + Workspace());
  }
  void LookAtASegmentWithoutItsIndex(const std::string& root) {
    for (const auto& file : fs::directory_iterator(root + "/dr/single")) {
      const std::string name = file.path().filename().string();
      if (name.starts_with("0.#epoch.0$attributes.index.E-")) fs::remove(file.path());
    }
    Check("storage show", root + " 'dr/single/0.#epoch.0'");
  }

  std::map<std::string, std::set<std::string>> examples_ = Examples();
  std::map<std::string, std::set<std::string>> seen_;
};

TEST_F(JsonDocument, HasAnExampleOfEveryRecordAndNoOther) {
  for (const char* name : {"rolling-torn", "chunked-killed"}) {
    const std::string root = Fixture(name);
    fs::create_directories(root + "/odd");
    std::ofstream(root + "/odd/README") << "not Pravega's";
    LookAtTree(root);
    Rehearse(root);
    LookAtASegmentWithoutItsIndex(root);
    fs::remove_all(root);
    fs::remove_all(At("workspace"));
  }
  // Only a running cluster brings this one about; the tests of dr verify --live look at it.
  seen_["dr verify"].insert(Shape(Json::parse(LineOf("live"))));
  // Root can read everything, and tests may be run by root.
  seen_["storage check"].insert("unreadable type:string path:string reason:string");
  for (const auto& [command, shapes] : examples_) {
    for (const std::string& shape : shapes) {
      EXPECT_THAT(seen_[command], testing::Contains(shape)) << "never printed by " << command;
    }
  }
}

}  // namespace
}  // namespace pdr
