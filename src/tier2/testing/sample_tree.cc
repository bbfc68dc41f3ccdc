#include "tier2/testing/sample_tree.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "format/names.h"
#include "format/rolling_header.h"
#include "format/table_entry.h"

namespace pdr {
namespace {

std::string FromHex(const std::string& hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return out;
}

}  // namespace

void LoadChunkedSample(const std::string& testdata, int epoch, MemoryDisk& disk) {
  std::ifstream in(fmt::format("{}/vectors/lts_sample_epoch{}.json", testdata, epoch));
  const auto sample = nlohmann::json::parse(in);
  for (const auto& [path, file] : sample["files"].items()) {
    disk.Put(path, FromHex(file["hex"].get<std::string>()));
  }
}

std::string MetadataTable(const std::vector<SegmentInfo>& records) {
  std::string out;
  for (const SegmentInfo& record : records) {
    AppendTableEntry(out, record.name, EncodeSegmentInfo(record));
  }
  return out;
}

SegmentInfo MakeRecord(const std::string& name, int64_t length, int64_t start_offset) {
  SegmentInfo record;
  record.name = name;
  record.length = length;
  record.start_offset = start_offset;
  return record;
}

void PutRolling(MemoryDisk& disk, const std::string& segment,
                const std::vector<RollingChunkSpec>& chunks, bool sealed) {
  RollingHeader header;
  header.max_length = 1000;
  for (size_t i = 0; i < chunks.size(); ++i) {
    const std::string name = RollingChunkName(segment, chunks[i].offset);
    header.chunks.push_back({chunks[i].offset, name});
    disk.Put(name, chunks[i].bytes, sealed || i + 1 < chunks.size() ? 0444 : 0644);
  }
  disk.Put(HeaderName(segment), EncodeRollingHeader(header), sealed ? 0444 : 0644);
}

void PutRollingMetadata(MemoryDisk& disk, int container, std::vector<SegmentInfo> records) {
  const std::string name = MetadataSegmentName(container);
  records.push_back(MakeRecord(name));
  PutRolling(disk, name, {{0, MetadataTable(records)}});
}

}  // namespace pdr
