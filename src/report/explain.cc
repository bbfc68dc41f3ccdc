#include "report/explain.h"

#include "base/printable.h"
#include "format/names.h"
#include "report/quantities.h"

namespace pdr {
namespace {

using Json = nlohmann::ordered_json;

std::string FilesText(const FactSource& s, uint64_t chunks) {
  if (s.files.empty()) return "";
  const bool data = s.kind == "chunk-files" || s.kind == "data";
  const std::string noun = data ? "chunk file" : "file";
  if (s.files.size() == 1) return noun + " " + s.files[0];
  return fmt::format("{} {} .. {}", Count(data ? chunks : s.files.size(), noun), s.files.front(),
                     s.files.back());
}

std::string SourceText(const FactSource& s, const RecordedSegment& segment) {
  std::string files = FilesText(s, segment.decision.sources.chunks);
  const std::string in = files.empty() ? "" : ", " + files;
  if (s.kind == "container-metadata") {
    if (s.entry_at < 0) return fmt::format("the lack of it in metadata table {}", s.table);
    return fmt::format("container metadata table {}, entry at {}{}", s.table, s.entry_at, in);
  }
  if (s.kind == "storage-metadata") return fmt::format("storage metadata table {}{}", s.table, in);
  if (s.kind == "controller-table") {
    return fmt::format("controller table {}{}{}", s.table, s.key.empty() ? "" : ", key ", s.key);
  }
  if (s.kind == "attribute-index") return fmt::format("attribute index {}{}", s.table, in);
  if (s.kind == "header-mode") return "mode of " + files;
  if (s.kind == "data") return "the bytes in " + files;
  if (s.kind == "name") return "its name, as it has no record";
  if (s.kind == "nothing") return "nothing in Tier-2 says more";
  return files;
}

std::string ValueText(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string_view Certainty(const SegmentSources& s) { return CertaintyName(s.tail_proven); }

// What is behind some numbers, and does not stand in their sources.
std::string Remark(const std::string& fact, const RecordedSegment& segment) {
  const SegmentSources& s = segment.decision.sources;
  const auto length = static_cast<uint64_t>(segment.decision.info.length);
  if (fact == "length" && s.chunks > 0 && length != s.data_end) {
    return fmt::format(", which end at {}", s.data_end);
  }
  if (fact != "tail") return "";
  return fmt::format(", {}: looked at from {} on, {} left over", Certainty(s), s.tail_from,
                     Count(s.torn_bytes, "byte"));
}

// What else the plan says about it: about its index, or the stream or table it belongs to.
std::vector<Anomaly> OtherAnomalies(const RecordedSegment& segment, const ExplainContext& context) {
  const std::string& name = segment.decision.info.name;
  const std::string_view primary = PrimaryName(name);
  const std::string_view owner = primary.substr(0, primary.rfind('/'));
  std::vector<Anomaly> out;
  for (const Anomaly& a : context.anomalies) {
    const bool own = a.subject == name || a.subject == AttributeIndexName(name);
    if (!own && (a.container >= 0 || a.subject != owner)) continue;
    const auto& notes = segment.decision.notes;
    if (std::find(notes.begin(), notes.end(), Note{a.code, a.message}) == notes.end()) {
      out.push_back(a);
    }
  }
  return out;
}

}  // namespace

std::string ExplainText(const RecordedSegment& s, const ExplainContext& context) {
  const SegmentInfo& info = s.decision.info;
  std::string out = fmt::format("{}\n  container {}, ", Printable(info.name), s.container);
  out += s.registered ? fmt::format("length {}, start offset {}, {}\n", info.length,
                                    info.start_offset, info.sealed ? "sealed" : "not sealed")
                      : "not registered; its files are set aside\n";
  for (const Fact& f : FactsOf(s, context)) {
    out += fmt::format("  {}: {}, from {}{}\n", f.name, ValueText(f.value),
                       Printable(SourceText(f.source, s)), Remark(f.name, s));
  }
  for (const auto& [id, value] : info.attributes) {
    if (s.registered)
      out += fmt::format("  attribute {:x} = {}\n", static_cast<uint64_t>(id.low), value);
  }
  if (s.decision.notes.empty()) out += "  taken over as it was found\n";
  for (const Note& n : s.decision.notes) {
    out += fmt::format("  {}: {}\n", n.code, Printable(n.message));
  }
  for (const Anomaly& a : OtherAnomalies(s, context)) {
    out += fmt::format("  {} ({}): {}\n", a.code, Printable(a.subject), Printable(a.message));
  }
  return out;
}

namespace {

Json SourceJson(const FactSource& s) {
  Json out = {{"kind", s.kind}};
  if (!s.table.empty()) out["table"] = s.table;
  if (!s.key.empty()) out["key"] = s.key;
  if (s.entry_at >= 0) out["entry_at"] = s.entry_at;
  if (!s.files.empty()) out["files"] = s.files;
  return out;
}

}  // namespace

JsonRecord ExplainJson(const RecordedSegment& s, const ExplainContext& context) {
  const SegmentInfo& info = s.decision.info;
  const SegmentSources& sources = s.decision.sources;
  Json notes = Json::array();
  for (const Note& n : s.decision.notes) {
    notes.push_back({{"code", n.code}, {"message", n.message}});
  }
  Json attributes = Json::object();
  for (const auto& [id, value] : info.attributes) {
    attributes[fmt::format("{:x}", static_cast<uint64_t>(id.low))] = value;
  }
  Json facts = Json::array();
  for (const Fact& f : FactsOf(s, context)) {
    facts.push_back({{"fact", f.name}, {"value", f.value}, {"source", SourceJson(f.source)}});
  }
  Json anomalies = Json::array();
  for (const Anomaly& a : OtherAnomalies(s, context)) {
    anomalies.push_back({{"code", a.code}, {"subject", a.subject}, {"message", a.message}});
  }
  JsonRecord record = {"segment",
                       {{"container", s.container},
                        {"name", info.name},
                        {"length", info.length},
                        {"start_offset", info.start_offset},
                        {"sealed", info.sealed},
                        {"attributes", attributes},
                        {"notes", notes},
                        {"registered", s.registered},
                        {"facts", facts},
                        {"anomalies", anomalies}}};
  if (sources.tail != TailKind::kNotChecked) {
    record.fields["tail"] = {{"kind", TailKindName(sources.tail)},
                             {"certainty", Certainty(sources)},
                             {"walked_from", sources.tail_from},
                             {"torn_bytes", sources.torn_bytes}};
  }
  return record;
}

}  // namespace pdr
