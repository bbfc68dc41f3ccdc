#include "recovery/segment_sources.h"

#include "base/bytes.h"
#include "format/names.h"

namespace pdr {
namespace {

constexpr std::array<std::string_view, 4> kSealNames = {"nothing", "storage", "record",
                                                        "controller"};
constexpr std::array<std::string_view, 4> kStartNames = {"storage", "record", "controller", "data"};
constexpr std::array<std::string_view, 5> kIndexNames = {"none", "whole", "cut", "set-aside",
                                                         "rebuilt"};
constexpr std::array<std::string_view, 5> kTailNames = {"not-checked", "whole", "torn", "unframed",
                                                        "damaged"};

// How a name is packed: the low bits of its length tell.
enum How : uint16_t {
  kAll,      // the whole name
  kEnd,      // what follows the segment's name
  kEndUuid,  // the same, and its last 36 bytes, a UUID, in 16 bytes
};
constexpr unsigned kHowBits = 2;
constexpr size_t kUuidText = 36;
constexpr size_t kUuidBytes = 16;

void Pack(std::string_view segment, std::string_view path, ByteWriter& out) {
  How how = kAll;
  std::string packed(path);
  if (path.starts_with(segment)) {
    how = kEnd;
    path.remove_prefix(segment.size());
    packed = path;
    const auto uuid = path.size() < kUuidText ? std::nullopt
                                              : ParseUuidText(path.substr(path.size() - kUuidText));
    if (uuid) {
      how = kEndUuid;
      ByteWriter w;
      w.Put(path.substr(0, path.size() - kUuidText)).U64(uuid->high).U64(uuid->low);
      packed = w.Take();
    }
  }
  out.U16(packed.size() << kHowBits | how).Put(packed);
}

std::string Unpack(std::string_view segment, ByteReader& in) {
  const uint16_t head = in.U16();
  const std::string_view packed = in.Take(head >> kHowBits);
  if (packed.empty()) return "";
  const auto how = static_cast<How>(head & ((1U << kHowBits) - 1));
  if (how == kAll) return std::string(packed);
  std::string path(segment);
  if (how != kEndUuid || packed.size() < kUuidBytes) return path.append(packed);
  const size_t uuid_at = packed.size() - kUuidBytes;
  ByteReader r(packed.substr(uuid_at));
  return path.append(packed.substr(0, uuid_at)).append(ReadUuid(r).Text());
}

}  // namespace

std::string_view SealSourceName(SealSource s) { return kSealNames[static_cast<size_t>(s)]; }
std::string_view StartSourceName(StartSource s) { return kStartNames[static_cast<size_t>(s)]; }
std::string_view IndexUseName(IndexUse u) { return kIndexNames[static_cast<size_t>(u)]; }
std::string_view CertaintyName(bool proven) { return proven ? "proven" : "inferred"; }
std::string_view TailKindName(TailKind k) { return kTailNames[static_cast<size_t>(k)]; }

SourceFiles::SourceFiles(std::string_view segment, const StoredSegment* data,
                         const StoredSegment* index) {
  const auto path = [](const StoredSegment* from, bool last) -> std::string_view {
    if (from == nullptr || from->chunks.empty()) return "";
    return last ? from->chunks.back().path : from->chunks.front().path;
  };
  if (path(data, false).empty() && path(index, true).empty()) return;
  ByteWriter w;
  Pack(segment, path(data, false), w);
  Pack(segment, data != nullptr && data->chunks.size() > 1 ? path(data, true) : "", w);
  Pack(AttributeIndexName(segment), path(index, true), w);
  packed_ = w.Take();
  packed_.shrink_to_fit();
}

SourceFiles SourceFiles::FromPacked(std::string packed) {
  SourceFiles files;
  files.packed_ = std::move(packed);
  return files;
}

SourceFiles::Names SourceFiles::For(std::string_view segment) const {
  if (packed_.empty()) return {};
  ByteReader r(packed_);
  Names names;
  names.first = Unpack(segment, r);
  names.last = Unpack(segment, r);
  names.index = Unpack(AttributeIndexName(segment), r);
  if (!r.ok()) return {};
  if (names.last.empty()) names.last = names.first;
  return names;
}

std::vector<TableFile> TableFilesOf(const ContainerView& view) {
  std::vector<TableFile> files;
  for (const auto& [name, table] : view.system) {
    if (IsAttributeIndex(name)) continue;
    for (const StoredChunk& chunk : table.chunks) {
      files.push_back({name, chunk.start_offset, chunk.path});
    }
  }
  return files;
}

}  // namespace pdr
