// Damage to what a run reads besides Tier-2: configuration, workspace, embedded Tier-1.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "cli/testing/damages.h"
#include "format/log_metadata.h"
#include "recovery/workspace.h"
#include "tier1/tier1.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;
using P = DamagePlace;

constexpr const char* kConfigured =
    "dr plan {root} --workspace {workspace} --config {scratch}/config";
constexpr const char* kStatus = "dr status --workspace {workspace}";
constexpr const char* kRehearsed = "dr status --rehearse --workspace {workspace}";
constexpr const char* kUndo = "dr undo {root} --rehearse --workspace {workspace}";
constexpr const char* kLog = "log show --container 0 --tier1 embedded:{tier1}";
constexpr const char* kVerify = "dr verify {root} --workspace {workspace} --tier1 embedded:{tier1}";

void Put(const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

Damage Config(const std::string& name, const std::string& text, int code, const std::string& says) {
  return {"configuration: " + name,
          TreeKind::kRolling,
          {},
          [text](const P& p) { Put(p.scratch + "/config", text); },
          kConfigured,
          code,
          says};
}

std::vector<Damage> Configurations() {
  const TreeKind k = TreeKind::kRolling;
  return {
      {"configuration: missing", k, {}, {}, kConfigured, 2, "/config"},
      {"configuration: a directory",
       k,
       {},
       [](const P& p) { fs::create_directory(p.scratch + "/config"); },
       kConfigured,
       2,
       "/config"},
      Config("a damaged \\u escape", "a=\\u12G4\n", 2, "line 1: "),
      Config("a number beyond 2^31", "bookkeeper.ensemble.size=99999999999\n", 2,
             "'99999999999' is no whole number"),
      Config("a negative number", "pravegaservice.container.count=-4\n", 2,
             "'-4' is no whole number"),
      Config("an unknown layout", "pravegaservice.storage.layout=TAPE\n", 2, "TAPE"),
      Config("zero length", "", 0, "Loss         none"),
      Config("binary", std::string(4096, '\xff') + std::string(4096, '\0'), 0, "Loss         none"),
      Config("another container count", "pravegaservice.container.count=2\n", 6, "2"),
  };
}

// A database of a run over the root, changed by SQL.
std::function<void(const P&)> Run(const std::string& sql) {
  return [sql](const P& p) {
    const std::string directory = p.scratch + "/workspace/rehearsal";
    fs::create_directories(directory);
    fs::create_directories(p.root + "/.pravega-dr/r");  // which shows that it is this tree's run
    if (!Workspace::Open(directory).ok()) throw std::runtime_error("no workspace");
    sqlite3* db = nullptr;
    sqlite3_open((directory + "/run.sqlite").c_str(), &db);
    const std::string all =
        "INSERT INTO identity VALUES ('cluster_name','pravega-cluster'),('layout','rolling'),"
        "('container_count','1'),('root','" +
        p.root +
        "'),('rehearsal','1'),('run_id','r'),"
        "('epoch','1'),('config_file','');"
        "INSERT INTO phase (name, at_ms) VALUES ('built', 1);" +
        sql;
    const int done = sqlite3_exec(db, all.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(db);
    if (done != SQLITE_OK) throw std::runtime_error("no such SQL");
  };
}

std::function<void(const P&)> Database(const std::string& bytes) {
  return [bytes](const P& p) { Put(p.scratch + "/workspace/run.sqlite", bytes); };
}

std::vector<Damage> Workspaces() {
  const TreeKind k = TreeKind::kRolling;
  const std::string step =
      "INSERT INTO step (container,kind,path,other,size,old_mode,new_mode) VALUES ";
  return {
      {"workspace: a file in its place",
       k,
       {},
       [](const P& p) { Put(p.scratch + "/workspace", "x"); },
       kPlan,
       10,
       "/workspace"},
      {"workspace: in Tier-2",
       k,
       {},
       {},
       "dr plan {root} --workspace {root}/dr/workspace",
       2,
       "is in Tier-2, below"},
      {"workspace: Tier-2 itself, by way of a link",
       k,
       {},
       [](const P& p) { fs::create_symlink(p.root, p.scratch + "/link"); },
       "dr recover {root} --yes --workspace {scratch}/link",
       2,
       "is in Tier-2, below"},
      {"workspace: an embedded Tier-1 in Tier-2",
       k,
       {},
       {},
       "dr recover {root} --yes --workspace {workspace} --tier1 embedded:{root}/tier1",
       2,
       "--tier1 "},
      {"permission: for a code that does not exist",
       k,
       {},
       {},
       "dr recover {root} --yes --workspace {workspace} --allow torn-tial",
       2,
       "'torn-tial'"},
      {"workspace: the database is no database",
       k,
       {},
       Database(std::string(5000, 'x')),
       kStatus,
       9,
       "file is not a database"},
      {"workspace: the database is cut",
       k,
       {},
       Database(std::string("SQLite format 3\0\x10\0\1\1\0\x40\x20\x20", 24)),
       kStatus,
       9,
       "database"},
      {"workspace: the database is empty", k, {}, Database(""), kStatus, 10, "no such table"},
      {"workspace: written by a newer program",
       k,
       {},
       Run("PRAGMA user_version=99"),
       kUndo,
       9,
       "format 99"},
      {"workspace: a step that leads out of the root",
       k,
       {},
       Run(step + "(0,0,'../outside/secret','.pravega-dr/r/backup/secret',0,0,0)"),
       kUndo,
       9,
       "../outside/secret"},
      {"workspace: a step to a place out of the root",
       k,
       {},
       Run(step + "(0,0,'dr/scaled/0.#epoch.0$header','../outside/secret',0,0,0)"),
       kUndo,
       9,
       "../outside/secret"},
      {"workspace: a step of an unknown kind",
       k,
       {},
       Run(step + "(0,9,'a','b',0,0,0)"),
       kUndo,
       9,
       "a step of unknown kind 9"},
      {"workspace: a negative container count",
       k,
       {},
       Run("UPDATE identity SET value='-1' WHERE key='container_count'"),
       kUndo,
       9,
       "a run of -1 containers"},
      {"workspace: two billion containers",
       k,
       {},
       Run("UPDATE identity SET value='2000000000' WHERE key='container_count'"),
       kUndo,
       9,
       "a run of 2000000000 containers"},
      {"workspace: a step of a container that does not exist",
       k,
       {},
       Run(step + "(7,0,'a','b',0,0,0)"),
       kUndo,
       9,
       "a step of container 7"},
      {"workspace: an unknown phase",
       k,
       {},
       Run("INSERT INTO phase (name, at_ms) VALUES ('bewitched', 2)"),
       kRehearsed,
       9,
       "unknown phase 'bewitched'"},
  };
}

std::function<void(const P&)> Log(const std::string& bytes) {
  return [bytes](const P& p) {
    const Tier1Config config;
    auto tier1 = OpenEmbeddedTier1(p.scratch + "/tier1", config);
    if (!tier1.ok()) throw std::runtime_error("no Tier-1");
    const std::string path = config.LogMetadataRoot() + LogMetadataPath(0, 2);
    if (!tier1->metadata->Create(path, bytes, false).ok()) throw std::runtime_error("no node");
  };
}

std::vector<Damage> Tier1s() {
  const TreeKind k = TreeKind::kRolling;
  return {
      {"Tier-1: a file in its place",
       k,
       {},
       [](const P& p) { Put(p.scratch + "/tier1", "x"); },
       kVerify,
       10,
       "/tier1"},
      {"Tier-1: log metadata of zero length",
       k,
       {},
       Log(""),
       kLog,
       8,
       "at byte 0: needs 1 bytes, 0 left"},
      {"Tier-1: log metadata that does not parse",
       k,
       {},
       Log("\xff\xff\xff"),
       kLog,
       8,
       "serializer format 255, not 0"},
      {"Tier-1: log metadata with two billion ledgers",
       k,
       {},
       Log(std::string("\0\0\1\0\0\0\0\x0a\1\0\0\0\1\0\0\xff\xff\xff\xff\0", 20)),
       kLog,
       8,
       "epoch 0"},
      {"Tier-1: a ledger that does not exist",
       k,
       {},
       Log(std::string("\0\0\1\0\0\0\0\x08\1\1\0\0\1\0\7\1\0", 16)),
       kLog,
       8,
       "accepted=false"},
      {"Tier-1: log metadata in a directory of damaged nodes",
       k,
       {},
       [](const P& p) {
         Log("x")(p);
         for (const auto& entry : fs::recursive_directory_iterator(p.scratch + "/tier1")) {
           if (entry.path().filename() == ".node") Put(entry.path(), "\xff");
         }
       },
       kLog,
       8,
       "needs 4 bytes, 1 left"},
  };
}

}  // namespace

std::vector<Damage> RunDamages() {
  std::vector<Damage> all;
  for (const auto& group : {Configurations(), Workspaces(), Tier1s()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace pdr
