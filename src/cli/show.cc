// pravega-dr storage show: everything Tier-2 says about one segment; changes nothing.
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "format/names.h"
#include "recovery/attribute_index.h"
#include "recovery/segment_kind.h"
#include "tier2/table_scan.h"

namespace pdr {
namespace {

constexpr size_t kShownEntries = 3;  // first and last of a table
constexpr size_t kShownKeyBytes = 64;

struct ShowArguments {
  ProgressOptions progress;
  std::string root;
  DiskReading reading;
  std::string segment;
  Format format = Format::kText;
};

std::string AttributeName(const AttributeId& id) {
  static const std::map<int64_t, std::string_view> kNames = {
      {0, "CREATION_TIME"},
      {1, "EVENT_COUNT"},
      {2, "SCALE_POLICY_TYPE"},
      {3, "SCALE_POLICY_RATE"},
      {4, "ROLLOVER_SIZE"},
      {7, "ATTRIBUTE_SEGMENT_ROOT_POINTER"},
      {9, "ATTRIBUTE_SEGMENT_TYPE"},
      {8, "ATTRIBUTE_SEGMENT_PERSIST_SEQ_NO"},
      {10, "SLTS_LATEST_SNAPSHOT_ID"},
      {11, "SLTS_LATEST_SNAPSHOT_EPOCH"},
      {12, "ATTRIBUTE_ID_LENGTH"},
      {15, "CREATION_EPOCH"},
      {0x100000, "INDEX_OFFSET"},
      {0x100001, "ENTRY_COUNT"},
      {0x100002, "BUCKET_COUNT"},
      {0x100003, "TOTAL_ENTRY_COUNT"},
      {0x100004, "COMPACTION_OFFSET"},
      {0x100005, "MIN_UTILIZATION"}};
  auto found = kNames.find(id.low);
  if (id.high == kCoreHigh && found != kNames.end()) return std::string(found->second);
  return fmt::format("{:016x}-{:016x}", static_cast<uint64_t>(id.high),
                     static_cast<uint64_t>(id.low));
}

// Prints facts as JSON lines or as indented text.
class Printer {
 public:
  explicit Printer(Format format) : format_(format) {}

  void Fact(std::string_view type, const Json& fields) const {
    if (format_ == Format::kJson) return PrintJson(type, fields);
    std::string line(type);
    for (const auto& [key, value] : fields.items()) {
      const std::string text = value.is_string()
                                   ? value.get<std::string>()
                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace);
      line += fmt::format("  {}={}", key, Printable(text));
    }
    PrintLine(line);
  }

 private:
  Format format_;
};

class Shower {
 public:
  Shower(const OpenedTier2& tier2, const Tier2View& view, const ShowArguments& options)
      : disk_(*tier2.disk), view_(view), options_(options), print_(options.format) {}

  Status Run() {
    const std::string& name = options_.segment;
    const int owner = ContainerOf(name, static_cast<int>(view_.containers.size()));
    if (owner < 0 || static_cast<size_t>(owner) >= view_.containers.size()) {
      return InvalidArgument("'{}' would belong to container {}, there are {}", name, owner,
                             view_.containers.size());
    }
    container_ = &view_.containers[static_cast<size_t>(owner)];
    const SegmentInfo* record = Record(name);
    const StoredSegment* stored = Stored(name);
    if (record == nullptr && stored == nullptr) {
      return InvalidArgument("no segment '{}' in container {}, where it would belong", name, owner);
    }
    print_.Fact("segment", {{"name", name}, {"container", owner}});
    if (record != nullptr) ShowRecord(*record);
    if (stored != nullptr) ShowStored(*stored);
    for (const Anomaly& a : container_->anomalies) {
      if (a.subject == name) print_.Fact("anomaly", {{"code", a.code}, {"message", a.message}});
    }
    RETURN_IF_ERROR(ShowTable(record, stored));
    return ShowIndex(record);
  }

 private:
  const SegmentInfo* Record(const std::string& name) const {
    auto found = container_->records.find(name);
    return found == container_->records.end() ? nullptr : &found->second;
  }

  const StoredSegment* Stored(const std::string& name) const {
    for (const auto* segments : {&container_->stored, &container_->system}) {
      if (auto found = segments->find(name); found != segments->end()) return &found->second;
    }
    return nullptr;
  }

  void ShowRecord(const SegmentInfo& record) const {
    print_.Fact("record", {{"length", record.length},
                           {"start_offset", record.start_offset},
                           {"sealed", record.sealed},
                           {"segment_id", record.segment_id}});
    for (const auto& [id, value] : record.attributes) {
      print_.Fact("attribute", {{"id", AttributeName(id)}, {"value", value}});
    }
  }

  void ShowStored(const StoredSegment& stored) const {
    Json fields = {{"length", stored.length},
                   {"start_offset", stored.start_offset},
                   {"sealed", stored.sealed},
                   {"chunks", stored.chunks.size()},
                   {"max_chunk_bytes", stored.max_chunk_bytes}};
    if (view_.layout == Layout::kChunked) {
      fields["status"] = stored.record.status;
      fields["owner_epoch"] = stored.record.owner_epoch;
      fields["version"] = stored.record_version;
    }
    print_.Fact("stored", fields);
    for (const StoredChunk& chunk : stored.chunks) {
      print_.Fact("chunk", {{"start_offset", chunk.start_offset},
                            {"length", chunk.length},
                            {"file_size", chunk.file_size},
                            {"mode", fmt::format("{:04o}", chunk.mode)},
                            {"exists", chunk.exists},
                            {"path", chunk.path}});
    }
  }

  Status ShowTable(const SegmentInfo* record, const StoredSegment* stored) const {
    const bool system = container_->system.contains(options_.segment);
    if (stored == nullptr || IsAttributeIndex(options_.segment)) return OkStatus();
    if (!system && (record == nullptr || !IsTable(record->attributes))) return OkStatus();
    uint64_t entries = 0;
    std::vector<Json> edge;  // the first few, then a ring of the last few
    ASSIGN_OR_RETURN(
        TableWalk walk, WalkTable(disk_, *stored, [&](int64_t offset, const TableEntry& entry) {
          Json shown = {{"offset", offset},
                        {"version", entry.Version(offset)},
                        {"key", ShownKey(entry.key)},
                        {"value_bytes", entry.value ? Json(entry.value->size()) : Json("removal")}};
          if (edge.size() == 2 * kShownEntries) edge.erase(edge.begin() + kShownEntries);
          edge.push_back(std::move(shown));
          ++entries;
        }));
    for (const Json& entry : edge) print_.Fact("entry", entry);
    print_.Fact("table", {{"entries", entries},
                          {"end", walk.end},
                          {"tail", walk.tail.ok() ? "whole" : std::string(Message(walk.tail))}});
    return OkStatus();
  }

  static std::string ShownKey(std::string_view key) {
    const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
    });
    if (plain && key.size() <= kShownKeyBytes) return std::string(key);
    if (plain) return fmt::format("{}...", key.substr(0, kShownKeyBytes));
    std::string hex = "0x";
    for (char c : key.substr(0, kShownKeyBytes)) {
      hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return hex + (key.size() > kShownKeyBytes ? "..." : "");
  }

  Status ShowIndex(const SegmentInfo* record) const {
    if (IsAttributeIndex(options_.segment)) return OkStatus();
    const StoredSegment* index = Stored(AttributeIndexName(options_.segment));
    if (index == nullptr) return OkStatus();
    size_t key_length = 16;
    if (record != nullptr) {
      auto recorded = record->attributes.find(kAttributeIdLength);
      if (recorded != record->attributes.end() && recorded->second > 0 && recorded->second <= 256) {
        key_length = static_cast<size_t>(recorded->second);
      }
    }
    ASSIGN_OR_RETURN(FoundIndex found, FindIndex(disk_, *index, key_length));
    Json fields = {{"length", index->length}, {"readable_to", found.fact.valid_end}};
    if (found.fact.valid_end > 0) {
      ASSIGN_OR_RETURN(std::vector<BtreeLeafEntry> entries,
                       ReadIndex(disk_, *index, found.footer, key_length));
      fields["root"] = found.footer.root_offset;
      fields["keys"] = entries.size();
    }
    print_.Fact("attribute-index", fields);
    return OkStatus();
  }

  const Disk& disk_;
  const Tier2View& view_;
  const ShowArguments& options_;
  Printer print_;
  const ContainerView* container_ = nullptr;
};

Status RunShow(const ShowArguments& options) {
  TerminalProgress progress(options.progress);
  ASSIGN_OR_RETURN(OpenedTier2 tier2, OpenTier2(options.root, options.reading, progress));
  ASSIGN_OR_RETURN(Tier2View view, ReadOpened(tier2, progress));
  progress.End();
  return Shower(tier2, view, options).Run();
}

}  // namespace

void AddShow(CLI::App& storage, Action& action) {
  auto options = std::make_shared<ShowArguments>();
  CLI::App* command = storage.add_subcommand("show", "Decode one segment");
  command->add_option("root", options->root, "Tier-2 root directory")->type_name("DIR")->required();
  AddReadingOptions(*command, options->reading);
  command->add_option("segment", options->segment, "segment name, as scope/stream/0.#epoch.0")
      ->required();
  AddFormatOption(*command, options->format);
  AddProgressOptions(*command, options->progress);
  AddExamples(*command, {"pravega-dr storage show /mnt/tier2 'shop/orders/0.#epoch.0'"});
  command->callback([options, &action] {
    action = [options] {
      Status done = RunShow(*options);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace pdr
