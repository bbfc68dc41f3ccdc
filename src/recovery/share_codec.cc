#include "recovery/share_codec.h"

#include <utility>

#include "base/hash.h"

namespace pdr {
namespace {

constexpr uint32_t kMagic = 0x50445253;  // "PDRS"
constexpr uint8_t kVersion = 3;
constexpr size_t kHeaderBytes = 6;
constexpr size_t kChecksumBytes = 4;

}  // namespace

ByteWriter BeginRecord(ShareRecord kind) {
  ByteWriter w;
  w.U32(kMagic).U8(kVersion).U8(static_cast<uint8_t>(kind));
  return w;
}

std::string EndRecord(ByteWriter record) {
  record.U32(Crc32c(record.bytes()));
  return record.Take();
}

StatusOr<std::string_view> OpenRecord(ShareRecord kind, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return DataLoss("{} bytes only", bytes.size());
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader r(covered);
  if (r.U32() != kMagic) return DataLoss("not a file of a shared run");
  const uint8_t version = r.U8();
  if (version != kVersion) {
    return Unimplemented("version {}, this program knows {}; run the same program on all hosts",
                         version, kVersion);
  }
  if (r.U8() != static_cast<uint8_t>(kind)) return DataLoss("another kind of file was expected");
  if (ByteReader(bytes.substr(covered.size())).U32() != Crc32c(covered)) {
    return DataLoss("checksum");
  }
  return r.Rest();
}

Status CheckAtEnd(ByteReader& r) {
  RETURN_IF_ERROR(r.status());
  return r.remaining() == 0 ? OkStatus() : DataLoss("{} bytes too many", r.remaining());
}

}  // namespace pdr
