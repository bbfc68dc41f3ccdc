#include "tier1/embedded/node_record.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace pdr::embedded {
namespace {

constexpr uint32_t kNodeMagic = 0x5044524e;  // "PDRN"
constexpr uint8_t kNodeVersion = 1;
constexpr size_t kMaxDirectoryName = 200;

bool IsSafe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == ':';
}

}  // namespace

StatusOr<NodeRecord> DecodeNodeRecord(std::string_view bytes) {
  ByteReader r(bytes);
  const uint32_t magic = r.U32();
  const uint8_t format = r.U8();
  NodeRecord record;
  record.version = r.I32();
  record.session = r.U64();
  record.next_child = r.U64();
  record.name = r.Take(r.U32());
  record.data = r.Take(r.U32());
  const size_t covered = r.position();
  const uint32_t checksum = r.U32();
  RETURN_IF_ERROR(r.status());
  if (magic != kNodeMagic || format != kNodeVersion) {
    return Unimplemented("node record {:08x}, format {}", magic, format);
  }
  if (checksum != Crc32c(bytes.substr(0, covered))) return DataLoss("node record: checksum");
  return record;
}

std::string EncodeNodeRecord(const NodeRecord& record) {
  ByteWriter w;
  w.U32(kNodeMagic).U8(kNodeVersion).I32(record.version).U64(record.session).U64(record.next_child);
  w.U32(record.name.size()).Put(record.name);
  w.U32(record.data.size()).Put(record.data);
  w.U32(Crc32c(w.bytes()));
  return w.Take();
}

std::string DirectoryName(std::string_view element) {
  std::string name;
  for (char c : element) {
    name += IsSafe(c) ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  if (name.size() <= kMaxDirectoryName) return name;
  return "~" + ToHex(Sha256(element));
}

}  // namespace pdr::embedded
