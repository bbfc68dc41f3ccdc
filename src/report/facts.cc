// The facts of one segment, put together from the numbers that a plan keeps of their sources.
#include "format/names.h"
#include "report/explain.h"

namespace pdr {
namespace {

class FactList {
 public:
  FactList(const RecordedSegment& segment, const ExplainContext& context)
      : info_(segment.decision.info),
        sources_(segment.decision.sources),
        files_(sources_.files.For(info_.name)),
        container_(segment.container),
        registered_(segment.registered),
        context_(context) {}

  std::vector<Fact> Make() {
    AddRecord();
    AddController();
    Add("registered", registered_, WhyItExists());
    if (registered_) AddDecided();
    AddTail();
    AddIndex();
    return std::move(facts_);
  }

 private:
  void Add(std::string name, nlohmann::ordered_json value, FactSource source) {
    facts_.push_back({std::move(name), std::move(value), std::move(source)});
  }

  void AddRecord() {
    if (sources_.record_at < 0) {
      Add("recorded", false, {"container-metadata", MetadataSegmentName(container_), info_.name});
      return;
    }
    Add("recorded_length", sources_.record_length, Record());
    Add("recorded_sealed", sources_.record_sealed, Record());
  }

  void AddController() {
    if (sources_.standing == SegmentStanding::kNotControlled) return;
    Add("standing", SegmentStandingName(sources_.standing), Controller());
  }

  // What the decision about its existence went by, in the order in which it was asked.
  FactSource WhyItExists() const {
    const bool controlled = sources_.standing != SegmentStanding::kNotControlled &&
                            sources_.standing != SegmentStanding::kUndecided &&
                            sources_.standing != SegmentStanding::kUnknown;
    if (controlled) return Controller();
    if (sources_.record_at >= 0) return Record();
    return Chunks();
  }

  void AddDecided() {
    Add("length", info_.length, Chunks());
    Add("start_offset", info_.start_offset, Start());
    Add("sealed", info_.sealed, Seal());
    Add("attributes", info_.attributes.size(),
        sources_.record_at >= 0 ? Record() : FactSource{"name", "", info_.name});
  }

  void AddTail() {
    if (sources_.tail == TailKind::kNotChecked) return;
    Add("tail", TailKindName(sources_.tail), {"data", "", "", -1, Chunks().files});
  }

  void AddIndex() {
    if (sources_.index == IndexUse::kNone && files_.index.empty()) return;
    FactSource source{"attribute-index", AttributeIndexName(info_.name)};
    if (!files_.index.empty()) source.files = {files_.index};
    Add("index", IndexUseName(sources_.index), std::move(source));
  }

  FactSource Start() const {
    switch (sources_.start) {
      case StartSource::kRecord:
        return Record();
      case StartSource::kController: {
        ControllerSource truncation = sources_.controller;
        truncation.where = ControllerSource::Where::kTruncation;
        const ControllerPlace place = PlaceOf(truncation, info_.name);
        return {"controller-table", place.table, place.key};
      }
      case StartSource::kData:
        return {"data", "", "", -1, {files_.first}};
      case StartSource::kStorage:
        break;
    }
    if (files_.first.empty()) return Chunks();
    if (context_.layout == Layout::kChunked) return StorageRecord();
    return {"chunk-files", "", "", -1, {files_.first}};
  }

  FactSource Seal() const {
    switch (sources_.sealed) {
      case SealSource::kRecord:
        return Record();
      case SealSource::kController:
        return Controller();
      case SealSource::kNothing:
        if (files_.first.empty()) return sources_.record_at >= 0 ? Record() : Controller();
        break;
      case SealSource::kStorage:
        break;
    }
    if (context_.layout == Layout::kChunked) return StorageRecord();
    return {"header-mode", "", "", -1, {HeaderName(info_.name)}};
  }

  FactSource Record() const {
    FactSource source{"container-metadata", MetadataSegmentName(container_), info_.name,
                      sources_.record_at};
    for (const TableFile& f : context_.table_files) {
      if (f.table != source.table) continue;
      if (f.start_offset <= static_cast<uint64_t>(sources_.record_at)) source.files = {f.path};
    }
    return source;
  }

  FactSource StorageRecord() const {
    FactSource source{"storage-metadata", StorageMetadataSegmentName(container_), info_.name};
    for (const TableFile& f : context_.table_files) {
      if (f.table == source.table) source.files.push_back(f.path);
    }
    return source;
  }

  FactSource Controller() const {
    const ControllerPlace place = PlaceOf(sources_.controller, info_.name);
    if (place.table.empty()) return {"nothing"};
    return {"controller-table", place.table, place.key};
  }

  FactSource Chunks() const {
    if (files_.first.empty()) return {"nothing"};
    FactSource source{"chunk-files"};
    source.files = {files_.first};
    if (files_.last != files_.first) source.files.push_back(files_.last);
    return source;
  }

  const SegmentInfo& info_;
  const SegmentSources& sources_;
  const SourceFiles::Names files_;
  const int container_;
  const bool registered_;
  const ExplainContext& context_;
  std::vector<Fact> facts_;
};

}  // namespace

std::vector<Fact> FactsOf(const RecordedSegment& segment, const ExplainContext& context) {
  return FactList(segment, context).Make();
}

}  // namespace pdr
