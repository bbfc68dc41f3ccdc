#include "bench/codec_samples.h"

#include "base/hash.h"
#include "format/bookie_entry.h"
#include "format/btree.h"
#include "format/data_frame.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "format/segment_info.h"
#include "format/storage_metadata.h"
#include "format/table_entry.h"

namespace pdr::bench {
namespace {

constexpr char kSegment[] = "tenant-00042/orders-and-payments-017/7.#epoch.1";
constexpr size_t kLeafEntries = 1000;
constexpr size_t kFrameBytes = 100000;

SegmentInfo Info() {
  SegmentInfo info;
  info.name = kSegment;
  info.length = 123456;
  info.attributes = {{kCreationTime, 1700000000000},
                     {kSegmentType, 0},
                     {kScalePolicyType, 2},
                     {kScalePolicyRate, 1000},
                     {kRolloverSize, 0}};
  return info;
}

TransactionData StorageRecord() {
  SegmentMetadata record;
  record.name = kSegment;
  record.length = 123456;
  record.chunk_count = 1;
  record.first_chunk = record.last_chunk = ChunkName(kSegment, 6, 0, NameUuid(kSegment));
  record.owner_epoch = 6;
  return {17, kSegment, record};
}

std::vector<BtreeLeafEntry> Leaves() {
  std::vector<BtreeLeafEntry> out;
  for (size_t i = 0; i < kLeafEntries; ++i) {
    out.push_back({BtreeKey({1, static_cast<int64_t>(i)}), static_cast<int64_t>(i * 100)});
  }
  return out;
}

void AddTableSamples(std::vector<CodecSample>& out) {
  out.push_back(
      {"segment-info-encode", [info = Info()] { return EncodeSegmentInfo(info).size(); }});
  out.push_back({"segment-info-decode", [bytes = EncodeSegmentInfo(Info())] {
                   return DecodeSegmentInfo(bytes)->name.size();
                 }});
  out.push_back({"storage-record-encode",
                 [data = StorageRecord()] { return EncodeTransactionData(data).size(); }});
  out.push_back({"storage-record-decode", [bytes = EncodeTransactionData(StorageRecord())] {
                   return DecodeTransactionData(bytes)->key.size();
                 }});
  out.push_back({"table-entry-encode", [value = EncodeSegmentInfo(Info())] {
                   std::string bytes;
                   AppendTableEntry(bytes, kSegment, value);
                   return bytes.size();
                 }});
  std::string entry;
  AppendTableEntry(entry, kSegment, EncodeSegmentInfo(Info()));
  out.push_back({"table-entry-decode", [entry] { return DecodeTableEntry(entry)->key.size(); }});
  out.push_back({"table-key-hash", [] { return static_cast<size_t>(TableKeyHash(kSegment).low); }});
}

void AddIndexSamples(std::vector<CodecSample>& out) {
  out.push_back(
      {"btree-bulk-load-1000", [leaves = Leaves()] { return BulkLoadBtree(leaves, {}).size(); }});
  const std::string index = BulkLoadBtree(Leaves(), {});
  const BtreeFooter footer =
      *DecodeBtreeFooter(std::string_view(index).substr(index.size() - kBtreeFooterBytes));
  const std::string page = index.substr(static_cast<size_t>(footer.root_offset),
                                        static_cast<size_t>(footer.root_length));
  out.push_back({"btree-page-view", [page] { return BtreePageView::Parse(page, 16)->count(); }});
}

void AddNameSamples(std::vector<CodecSample>& out) {
  const std::string chunk = ChunkName(kSegment, 6, 4096, NameUuid(kSegment));
  out.push_back({"chunk-name-parse", [chunk] { return ParseChunkName(chunk)->segment.size(); }});
  out.push_back({"rolling-name-parse", [name = RollingChunkName(kSegment, 4096)] {
                   return ParseRollingChunkName(name)->segment.size();
                 }});
  out.push_back({"container-of", [] { return static_cast<size_t>(ContainerOf(kSegment, 16)); }});
  RollingHeader header{1 << 24, {}, false};
  for (uint64_t i = 0; i < 2; ++i) {
    header.chunks.push_back({i << 24, RollingChunkName(kSegment, i << 24)});
  }
  out.push_back({"rolling-header-decode", [text = EncodeRollingHeader(header)] {
                   return DecodeRollingHeader(text)->chunks.size();
                 }});
}

void AddLogSamples(std::vector<CodecSample>& out) {
  out.push_back({"data-frame-build-100k", [record = std::string(kFrameBytes, 'x')] {
                   return BuildDataFrames({record}).size();
                 }});
  out.push_back({"bookie-entry-encode-100k", [codec = BookieEntryCodec(7, DigestType::kCrc32c, ""),
                                              payload = std::string(kFrameBytes, 'x')] {
                   return codec.Encode({3, 2, 400000, payload}).size();
                 }});
}

}  // namespace

std::vector<CodecSample> CodecSamples() {
  std::vector<CodecSample> out;
  AddTableSamples(out);
  AddIndexSamples(out);
  AddNameSamples(out);
  AddLogSamples(out);
  return out;
}

}  // namespace pdr::bench
