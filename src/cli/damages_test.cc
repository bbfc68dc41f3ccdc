// The catalogue of damaged input (cli/testing/damages.h) against the real program: the answer, the
// exit code, and that nothing changes below the root or beside it. docs/damages.md is its table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/printable.h"
#include "cli/testing/damages.h"
#include "cli/testing/program.h"
#include "recovery/anomaly_codes.h"

namespace pdr {
namespace {

constexpr const char* kSecret = "maxsize=10&0=this must never be read or changed&";

std::vector<Damage> Catalogue() {
  std::vector<Damage> all;
  for (const auto& group : {PlaceDamages(), HeaderDamages(), TableDamages(), JournalDamages(),
                            ChunkedDamages(), TransactionDamages(), RunDamages(), LogDamages()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

DamagedTree Tree(TreeKind kind) {
  static const FileTree chunked = SmallChunkedTree("testdata", 2);
  static const FileTree rolling = SmallRollingTree("testdata").value();
  return DamagedTree(kind == TreeKind::kChunked ? chunked : rolling);
}

class DamageCatalogue : public ProgramTest {
 protected:
  // Every case syncs databases and logs; in memory that costs nothing.
  static void SetUpTestSuite() {
    if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  }
  void TryAll(const std::vector<Damage>& damages) {
    for (const Damage& damage : damages) {
      SCOPED_TRACE(damage.name);
      Prepare(damage);
      Try(damage);
      TearDown();
    }
  }
  void TearDown() override {  // forbidden and very deep directories too
    const std::string command = fmt::format("chmod -R u+rwX '{0}' 2>/dev/null; rm -rf '{0}' '{1}'",
                                            place_.top, place_.scratch);
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

 private:
  void Prepare(const Damage& damage) {
    place_ = {At("top"), At("top/tier2"), At("scratch")};
    program_ = Quoted(PDR_PROGRAM);
    fs::create_directories(place_.scratch);
    Put("top/outside/secret", kSecret);
    DamagedTree tree = Tree(damage.kind);
    if (damage.tree) damage.tree(tree);
    tree.WriteTo(place_.root);
    if (damage.on_disk) damage.on_disk(place_);
    if (damage.plain_user && geteuid() == 0) BecomePlainUser();
    before_ = State();
  }
  void Try(const Damage& damage) {
    const Result r = RunCommand(damage.command);
    EXPECT_EQ(r.code, damage.code) << r.err << r.out;
    EXPECT_THAT(r.err + r.out, testing::HasSubstr(damage.says));
    EXPECT_EQ(State(), before_) << damage.command;
    // Whatever else is asked of the same input: an answer with a meaning, and no change. With all
    // that needs it allowed, a plan that can be made can be carried out: the judge finds no fault.
    for (const std::string& command :
         {std::string(kCheck), std::string(kList), std::string(kPlan), kRecover + AllowAll()}) {
      if (command == damage.command) continue;
      const Result other = RunCommand(command);
      EXPECT_THAT(other.code, testing::AnyOf(0, 2, 3, 4, 6, 9, 10))
          << command << other.err << other.out;
      EXPECT_THAT(other.out + other.err, testing::Not(testing::HasSubstr("must never be")))
          << command;
    }
    EXPECT_EQ(State(), before_);
  }
  static std::string AllowAll() {
    std::string flags;
    for (const AnomalyCode& code : AnomalyCodes()) {
      if (code.weight == Weight::kAllow) flags += fmt::format(" --allow {}", code.code);
    }
    return flags;
  }
  Result RunCommand(const std::string& command) {
    return Run(fmt::format(fmt::runtime(command), fmt::arg("root", Quoted(place_.root)),
                           fmt::arg("workspace", Quoted(place_.scratch + "/workspace")),
                           fmt::arg("tier1", Quoted(place_.scratch + "/tier1")),
                           fmt::arg("scratch", place_.scratch)));
  }
  // Names, kinds, sizes, modes, times and contents of everything below `top`.
  std::string State() {
    const std::string command = fmt::format(
        "cd '{}' && find . -printf '%P %y %s %m %T@ %l\n' | sort && "
        "find . -type f -size -4096k -print0 | sort -z | xargs -0 cksum > '{}' 2>&1",
        place_.top, At("state"));
    const std::string list = fmt::format("({}) > '{}' 2>&1", command, At("list"));
    std::system(list.c_str());
    return Slurp(At("list")) + Slurp(At("state"));
  }
  // From a directory that anybody can reach, which the build's need not be.
  void BecomePlainUser() {
    static const TempDir everybodys;
    const std::string program = everybodys.path() + "/pravega-dr";
    if (!fs::exists(program)) fs::copy_file(PDR_PROGRAM, program);
    for (const std::string& path : {everybodys.path(), At("")}) chmod(path.c_str(), 0755);
    chmod(place_.scratch.c_str(), 0777);
    program_ = "setpriv --reuid=65534 --regid=65534 --clear-groups " + Quoted(program);
  }
  static std::string Quoted(const std::string& path) { return "'" + path + "'"; }

  DamagePlace place_;
  std::string before_;
};

TEST_F(DamageCatalogue, Places) { TryAll(PlaceDamages()); }
TEST_F(DamageCatalogue, Headers) { TryAll(HeaderDamages()); }
TEST_F(DamageCatalogue, Tables) { TryAll(TableDamages()); }
TEST_F(DamageCatalogue, Journals) { TryAll(JournalDamages()); }
TEST_F(DamageCatalogue, Chunks) { TryAll(ChunkedDamages()); }
TEST_F(DamageCatalogue, Transactions) { TryAll(TransactionDamages()); }
TEST_F(DamageCatalogue, Logs) { TryAll(LogDamages()); }
TEST_F(DamageCatalogue, Runs) { TryAll(RunDamages()); }

std::string TreeName(TreeKind kind) { return kind == TreeKind::kChunked ? "chunked" : "rolling"; }

// With the root and the other directories by name, and what a table cannot hold made visible.
std::string Cell(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '{' || c == '}') continue;
    if (static_cast<unsigned char>(c) >= 0x80) {  // the document is text
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      continue;
    }
    out += c == '|' ? std::string("\\|") : Printable(std::string_view(&c, 1));
  }
  return out;
}

std::string Row(const Damage& d) {
  return fmt::format("| {} | {} | `{}` | {} | {} |", Cell(d.name), TreeName(d.kind),
                     Cell(d.command), d.code, Cell(d.says));
}

// PDR_WRITE_DOCS=1 writes the table anew.
TEST(DamageDocument, HasTheSameTable) {
  const char* path = "docs/damages.md";
  std::vector<std::string> rows;
  for (const Damage& damage : Catalogue()) rows.push_back(Row(damage));
  EXPECT_GE(rows.size(), 60u);
  std::string text;
  std::vector<std::string> written;
  for (const std::string& line : Lines(Slurp(path))) {
    const bool is_row = line.starts_with("| ") && !line.starts_with("| damage ");
    if (is_row) written.push_back(line);
    if (!is_row) text += line + "\n";
  }
  if (std::getenv("PDR_WRITE_DOCS") != nullptr) {
    for (const std::string& row : rows) text += row + "\n";
    std::ofstream(path) << text;
    return;
  }
  EXPECT_THAT(written, testing::ElementsAreArray(rows));
}

}  // namespace
}  // namespace pdr
