// Ledgers on a real BookKeeper through our client: one side of e2e/ledger_interop.sh, whose other
// side is e2e/cluster's LedgerPeer.java, with the same commands and the same entries.
//
//   ledger_peer ZK ROOT DIGEST PASSWORD ENSEMBLE WRITE ACK COMMAND...
//     write SEED COUNT close|open    a new ledger; prints its id
//     pause SEED COUNT FILE          writes half, waits for FILE, writes the rest and closes
//     hold SEED COUNT FILE           writes, waits for FILE, writes one more: prints the outcome
//     read ID SEED                   without fencing; prints the last confirmed entry
//     fence ID SEED                  fencing and recovering; prints the last entry
//     delete ID | list | check
//     speed COUNT BYTES              a new ledger of COUNT entries; prints entries per second
//     nodes PATH                     puts the metadata store through its paces below PATH
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "tier1/tier1.h"

namespace pdr {
namespace {

using Args = std::vector<std::string>;

void Say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

std::string Payload(int64_t seed, int64_t entry) {
  std::string payload = fmt::format("entry {} of {} ", entry, seed);
  return payload.append(static_cast<size_t>((entry * 37 + seed) % 2000), 'x');
}

Status AppendRange(LedgerWriter& writer, int64_t seed, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; ++i) RETURN_IF_ERROR(writer.Append(Payload(seed, i)));
  return writer.Flush();
}

Status AwaitFile(const std::string& file) {
  for (int i = 0; i < 1200; ++i) {
    if (std::filesystem::exists(file)) return OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return DeadlineExceeded("{} did not appear", file);
}

StatusOr<std::unique_ptr<LedgerWriter>> NewLedger(Tier1& tier1) {
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerWriter> writer,
                   tier1.ledgers->Create({{"application", "Pravega"}, {"BookKeeperLogId", "1"}}));
  Say(fmt::format("{}", writer->id()));
  return writer;
}

Status Write(Tier1& tier1, const Args& args) {
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerWriter> writer, NewLedger(tier1));
  RETURN_IF_ERROR(AppendRange(*writer, std::stoll(args[1]), 0, std::stoll(args[2])));
  return args[3] == "close" ? writer->Close() : OkStatus();
}

Status Pause(Tier1& tier1, const Args& args) {
  int64_t seed = std::stoll(args[1]);
  int64_t count = std::stoll(args[2]);
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerWriter> writer, NewLedger(tier1));
  RETURN_IF_ERROR(AppendRange(*writer, seed, 0, count / 2));
  Say("half");
  RETURN_IF_ERROR(AwaitFile(args[3]));
  RETURN_IF_ERROR(AppendRange(*writer, seed, count / 2, count));
  RETURN_IF_ERROR(writer->Close());
  Say("closed");
  return OkStatus();
}

Status Hold(Tier1& tier1, const Args& args) {
  int64_t seed = std::stoll(args[1]);
  int64_t count = std::stoll(args[2]);
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerWriter> writer, NewLedger(tier1));
  RETURN_IF_ERROR(AppendRange(*writer, seed, 0, count));
  Say("held");
  RETURN_IF_ERROR(AwaitFile(args[3]));
  Status status = AppendRange(*writer, seed, count, count + 1);
  Say(status.code() == StatusCode::kFailedPrecondition ? "fenced" : "not fenced");
  return OkStatus();
}

// From the first entry to the last acknowledgement, as much under way as the client allows.
Status Speed(Tier1& tier1, const Args& args) {
  const int64_t count = std::stoll(args[1]);
  const std::string payload(std::stoull(args[2]), 'x');
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerWriter> writer,
                   tier1.ledgers->Create({{"application", "Pravega"}, {"BookKeeperLogId", "1"}}));
  const auto begin = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < count; ++i) RETURN_IF_ERROR(writer->Append(payload));
  RETURN_IF_ERROR(writer->Flush());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  RETURN_IF_ERROR(writer->Close());
  Say(fmt::format("{:.0f}", static_cast<double>(count) / took.count()));
  return tier1.ledgers->Delete(writer->id());
}

Status ReadAll(LedgerReader& reader, int64_t seed) {
  for (int64_t i = 0; i <= reader.last_confirmed(); ++i) {
    ASSIGN_OR_RETURN(std::string payload, reader.Read(i));
    if (payload != Payload(seed, i)) return DataLoss("entry {} differs", i);
  }
  if (reader.Read(reader.last_confirmed() + 1).ok()) return Internal("read past the end");
  auto owner = reader.custom_metadata().find("application");
  if (owner == reader.custom_metadata().end() || owner->second != "Pravega") {
    return DataLoss("the custom metadata is lost");
  }
  Say(fmt::format("{}", reader.last_confirmed()));
  return OkStatus();
}

Status Read(Tier1& tier1, const Args& args) {
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerReader> reader,
                   tier1.ledgers->OpenReadOnly(std::stoll(args[1])));
  return ReadAll(*reader, std::stoll(args[2]));
}

Status Fence(Tier1& tier1, const Args& args) {
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerReader> reader,
                   tier1.ledgers->OpenFenced(std::stoll(args[1])));
  return ReadAll(*reader, std::stoll(args[2]));
}

Status Delete(Tier1& tier1, const Args& args) { return tier1.ledgers->Delete(std::stoll(args[1])); }

Status List(Tier1& tier1, const Args&) {
  ASSIGN_OR_RETURN(std::vector<int64_t> ids, tier1.ledgers->List());
  for (int64_t id : ids) Say(fmt::format("{}", id));
  return OkStatus();
}

Status Check(Tier1& tier1, const Args&) { return tier1.ledgers->CheckWritable(); }

Status Expect(bool holds, std::string_view what) {
  return holds ? OkStatus() : Internal("not as it must be: {}", what);
}

Status Nodes(Tier1& tier1, const Args& args) {
  MetadataStore& store = *tier1.metadata;
  const std::string path = args[1] + "/a/b";
  auto code = [](const Status& status) { return status.code(); };
  RETURN_IF_ERROR(Expect(code(store.Get(path).status()) == StatusCode::kNotFound, "absent"));
  RETURN_IF_ERROR(store.Create(path, std::string_view("x\0y", 3), false));
  RETURN_IF_ERROR(Expect(code(store.Create(path, "", false)) == StatusCode::kAlreadyExists, "one"));
  ASSIGN_OR_RETURN(Node node, store.Get(path));
  RETURN_IF_ERROR(Expect(
      node.data == std::string_view("x\0y", 3) && node.version == 0 && !node.ephemeral, "content"));
  ASSIGN_OR_RETURN(int32_t version, store.Set(path, "z", 0));
  RETURN_IF_ERROR(Expect(version == 1, "version"));
  RETURN_IF_ERROR(Expect(code(store.Set(path, "w", 0).status()) == StatusCode::kAborted, "cas"));
  RETURN_IF_ERROR(store.Create(args[1] + "/a/c", "", true));
  ASSIGN_OR_RETURN(node, store.Get(args[1] + "/a/c"));
  RETURN_IF_ERROR(Expect(node.ephemeral, "ephemeral"));
  ASSIGN_OR_RETURN(std::string first, store.CreateSequential(args[1] + "/s/n-"));
  ASSIGN_OR_RETURN(std::string second, store.CreateSequential(args[1] + "/s/n-"));
  RETURN_IF_ERROR(Expect(first == args[1] + "/s/n-0000000000" && first < second, "sequence"));
  ASSIGN_OR_RETURN(std::vector<std::string> names, store.Children(args[1] + "/a"));
  RETURN_IF_ERROR(Expect(names == std::vector<std::string>{"b", "c"}, "children"));
  RETURN_IF_ERROR(Expect(code(store.Delete(args[1] + "/a", -1)) == StatusCode::kFailedPrecondition,
                         "has children"));
  RETURN_IF_ERROR(Expect(code(store.Delete(path, 0)) == StatusCode::kAborted, "delete cas"));
  RETURN_IF_ERROR(store.Delete(path, 1));
  RETURN_IF_ERROR(Expect(code(store.Delete(path, -1)) == StatusCode::kNotFound, "gone"));
  return Expect(code(store.Get("no slash").status()) == StatusCode::kInvalidArgument, "bad path");
}

Status Run(const Args& all) {
  if (all.size() < 8) return InvalidArgument("too few arguments");
  Tier1Config config;
  config.pravega_zk_uri = all[0];
  config.bookkeeper_zk_uri = all[0];
  config.ledger_path = all[1];
  config.digest_type = all[2];
  config.password = all[3];
  config.ensemble_size = std::stoi(all[4]);
  config.write_quorum = std::stoi(all[5]);
  config.ack_quorum = std::stoi(all[6]);
  config.write_timeout_ms = 15000;
  config.read_timeout_ms = 10000;
  Args args(all.begin() + 7, all.end());
  args.resize(std::max<size_t>(args.size(), 4));
  const std::map<std::string, std::function<Status(Tier1&, const Args&)>> commands = {
      {"write", Write}, {"pause", Pause},   {"hold", Hold},   {"read", Read},   {"fence", Fence},
      {"list", List},   {"delete", Delete}, {"check", Check}, {"nodes", Nodes}, {"speed", Speed}};
  auto command = commands.find(args[0]);
  if (command == commands.end()) return InvalidArgument("unknown command {}", args[0]);
  ASSIGN_OR_RETURN(Tier1 tier1, OpenBookKeeperTier1(config));
  return command->second(tier1, args);
}

}  // namespace
}  // namespace pdr

int main(int argc, char** argv) {
  pdr::Status status = pdr::Run({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fputs(fmt::format("{}\n", pdr::Message(status)).c_str(), stderr);
  return 1;
}
