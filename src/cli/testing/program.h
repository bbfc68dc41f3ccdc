// Running the real program from tests, with everything it writes below a temporary directory.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tier2/testing/tar_fixture.h"

namespace pdr {

namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string out;
  std::string err;
};

inline std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

class ProgramTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return directory_.path() + "/" + name; }

  Result Run(const std::string& arguments) {
    const std::string command =
        fmt::format("{} {} >'{}' 2>'{}' </dev/null", program_, arguments, At("out"), At("err"));
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Slurp(At("out")), Slurp(At("err"))};
  }
  std::string Fixture(const std::string& name) {
    auto root = ExtractFixture("testdata", name, directory_.path());
    EXPECT_TRUE(root.ok()) << root.status();
    return *root;
  }
  void Put(const std::string& path, const std::string& bytes) {
    fs::create_directories(fs::path(At(path)).parent_path());
    std::ofstream(At(path), std::ios::binary) << bytes;
  }
  std::string program_ = fmt::format("'{}'", PDR_PROGRAM);  // as a shell command

 private:
  TempDir directory_;
};

}  // namespace pdr
