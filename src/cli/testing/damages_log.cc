// Damage to a log in an embedded Tier-1: its ledger, the entries, and what the entries hold.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "cli/testing/damages.h"
#include "format/checkpoint.h"
#include "format/data_frame.h"
#include "format/log_metadata.h"
#include "format/operation.h"
#include "tier1/tier1.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;
using P = DamagePlace;

using Frames = std::vector<std::string>;
using Change = std::function<void(std::string&)>;

std::string Checkpoint(int container) {
  return EncodeOperation(
      {1, MetadataCheckpointOperation{EncodeMetadataCheckpoint({container, {}})}});
}
Frames GoodFrames() { return BuildDataFrames({Checkpoint(0)}); }

// A log of container 0 with one closed ledger that holds these frames.
void MakeLog(const P& p, const Frames& frames) {
  const Tier1Config config;
  auto tier1 = OpenEmbeddedTier1(p.scratch + "/tier1", config);
  if (!tier1.ok()) throw std::runtime_error("no Tier-1");
  auto ledger = tier1->ledgers->Create({});
  if (!ledger.ok()) throw std::runtime_error("no ledger");
  bool written = true;
  for (const std::string& frame : frames) written = written && (*ledger)->Append(frame).ok();
  written = written && (*ledger)->Close().ok();
  LogMetadata log;
  log.enabled = true;
  log.ledgers = {{(*ledger)->id(), 1, LedgerStatus::kNotEmpty}};
  log.truncation = {0, (*ledger)->id()};
  const std::string path = config.LogMetadataRoot() + LogMetadataPath(0, 2);
  written = written && tier1->metadata->Create(path, EncodeLogMetadata(log), false).ok();
  if (!written) throw std::runtime_error("no log");
}

// The ledger's file of that name, changed.
void ChangeFile(const P& p, const std::string& name, const Change& change) {
  for (const auto& entry : fs::recursive_directory_iterator(p.scratch + "/tier1")) {
    if (entry.path().filename() != name) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    std::string changed = bytes.str();
    change(changed);
    std::ofstream(entry.path(), std::ios::binary) << changed;
    return;
  }
  throw std::runtime_error("no file " + name);
}

Damage Case(const std::string& name, const std::function<void(const P&)>& on_disk,
            const std::string& says) {
  return {
      name, TreeKind::kRolling, {}, on_disk, "log show --container 0 --tier1 embedded:{tier1}", 8,
      says};
}

Damage Ledger(const std::string& name, const std::string& file, const Change& change,
              const std::string& says) {
  return Case(
      "ledger: " + name,
      [=](const P& p) {
        MakeLog(p, GoodFrames());
        ChangeFile(p, file, change);
      },
      says);
}

Damage Entry(const std::string& name, const Frames& frames, const std::string& says) {
  return Case("log entry: " + name, [=](const P& p) { MakeLog(p, frames); }, says);
}

}  // namespace

std::vector<Damage> LogDamages() {
  const std::string frame = GoodFrames()[0];
  return {
      Ledger(
          "no entries", "entries", [](std::string& b) { b.clear(); },
          "ledger 0, entry 0 is damaged"),
      Ledger(
          "cut inside an entry", "entries", [](std::string& b) { b.pop_back(); },
          "ledger 0, entry 0 is damaged"),
      Ledger(
          "a bit flipped in an entry", "entries", [](std::string& b) { b.back() ^= 1; },
          "ledger 0, entry 0 is damaged"),
      Ledger(
          "an entry of 4 GiB", "entries", [](std::string& b) { b.replace(0, 4, 4, '\xff'); },
          "ledger 0, entry 0 is damaged"),
      Ledger(
          "its description is empty", "meta", [](std::string& b) { b.clear(); },
          "needs 4 bytes, 0 left"),
      Ledger(
          "its description is garbage", "meta", [](std::string& b) { b.assign(64, '\xff'); },
          "count 4294967295 exceeds the 46 bytes left"),
      Ledger(
          "its description is changed", "meta",
          [](std::string& b) { std::fill(b.begin() + 6, b.begin() + 9, '\1'); },
          "ledger metadata: checksum"),
      Entry("zero length", {""}, "at byte 0: needs 1 bytes, 0 left"),
      Entry("no data frame", {std::string(100, '\xff')},
            "at byte 6: needs 4294967295 bytes, 94 left"),
      Entry("cut", {frame.substr(0, frame.size() / 2)}, "at byte 6: needs 33 bytes, 13 left"),
      Entry("an operation of an unknown type", BuildDataFrames({"\x7f\x7f\x7f\x7f"}),
            "operation: serializer format 127, not 0"),
      Entry("an operation of zero length", BuildDataFrames({""}),
            "data frame 0x100000000: at byte 0: needs 1 bytes, 0 left"),
      Entry("a checkpoint that does not parse",
            BuildDataFrames({EncodeOperation({1, MetadataCheckpointOperation{"\xff\xff"}})}),
            "operation 1 (MetadataCheckpoint): at byte 2: needs 1 bytes, 0 left"),
      Entry("a checkpoint of another container", BuildDataFrames({Checkpoint(3)}),
            "checkpoint of container 3, not 0"),
  };
}

}  // namespace pdr
