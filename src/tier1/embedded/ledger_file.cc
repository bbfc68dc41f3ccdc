#include "tier1/embedded/ledger_file.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace pdr::embedded {
namespace {

constexpr uint32_t kLedgerMagic = 0x5044524c;  // "PDRL"
constexpr uint8_t kLedgerVersion = 1;
constexpr size_t kEntryHeaderBytes = 8;
constexpr const char* kMetaFile = "meta";

uint32_t EntryChecksum(int64_t ledger, int64_t entry, std::string_view payload) {
  ByteWriter w;
  w.I64(ledger).I64(entry);
  return Crc32c(payload, Crc32c(w.bytes()));
}

}  // namespace

StatusOr<LedgerMeta> DecodeLedgerMeta(std::string_view bytes) {
  ByteReader r(bytes);
  const uint32_t magic = r.U32();
  const uint8_t format = r.U8();
  LedgerMeta meta;
  meta.closed = r.Bool();
  meta.last_entry = r.I64();
  for (size_t n = r.Count(r.U32(), 8); n > 0 && r.ok(); --n) {
    std::string key(r.Take(r.U32()));
    meta.custom_metadata[key] = r.Take(r.U32());
  }
  const size_t covered = r.position();
  const uint32_t checksum = r.U32();
  RETURN_IF_ERROR(r.status());
  if (magic != kLedgerMagic || format != kLedgerVersion) {
    return Unimplemented("ledger metadata {:08x}, format {}", magic, format);
  }
  if (checksum != Crc32c(bytes.substr(0, covered))) return DataLoss("ledger metadata: checksum");
  return meta;
}

std::string EncodeLedgerMeta(const LedgerMeta& meta) {
  ByteWriter w;
  w.U32(kLedgerMagic).U8(kLedgerVersion).Bool(meta.closed).I64(meta.last_entry);
  w.U32(meta.custom_metadata.size());
  for (const auto& [key, value] : meta.custom_metadata) {
    w.U32(key.size()).Put(key).U32(value.size()).Put(value);
  }
  w.U32(Crc32c(w.bytes()));
  return w.Take();
}

std::string LedgerDirectory(const std::string& root, int64_t id) {
  return fmt::format("{}/{:010}", root, id);
}

StatusOr<LedgerMeta> LoadLedgerMeta(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(directory + "/" + kMetaFile));
  auto meta = DecodeLedgerMeta(bytes);
  if (!meta.ok()) return Annotate(meta.status(), directory);
  return meta;
}

Status SaveLedgerMeta(const std::string& directory, const LedgerMeta& meta) {
  return ReplaceFile(directory, kMetaFile, EncodeLedgerMeta(meta));
}

std::string EncodeLedgerEntry(int64_t ledger, int64_t entry, std::string_view payload) {
  ByteWriter w;
  w.U32(payload.size()).U32(EntryChecksum(ledger, entry, payload)).Put(payload);
  return w.Take();
}

StatusOr<std::vector<uint64_t>> ScanLedgerEntries(const File& entries, int64_t ledger) {
  ASSIGN_OR_RETURN(const uint64_t size, Size(entries));
  std::vector<uint64_t> offsets;
  for (uint64_t at = 0; at + kEntryHeaderBytes <= size;) {
    ASSIGN_OR_RETURN(const std::string header, ReadAt(entries, at, kEntryHeaderBytes));
    const uint64_t end = at + kEntryHeaderBytes + ByteReader(header).U32();
    if (end > size) break;
    const auto entry = static_cast<int64_t>(offsets.size());
    if (!ReadLedgerEntry(entries, ledger, entry, at).ok()) break;
    offsets.push_back(at);
    at = end;
  }
  return offsets;
}

StatusOr<std::string> ReadLedgerEntry(const File& entries, int64_t ledger, int64_t entry,
                                      uint64_t offset) {
  ASSIGN_OR_RETURN(const std::string header, ReadAt(entries, offset, kEntryHeaderBytes));
  ByteReader r(header);
  const uint32_t length = r.U32();
  const uint32_t checksum = r.U32();
  ASSIGN_OR_RETURN(const uint64_t size, Size(entries));
  if (length > size - offset - kEntryHeaderBytes) {
    return DataLoss("ledger {}, entry {}: {} bytes, beyond the file", ledger, entry, length);
  }
  ASSIGN_OR_RETURN(std::string payload, ReadAt(entries, offset + kEntryHeaderBytes, length));
  if (checksum != EntryChecksum(ledger, entry, payload)) {
    return DataLoss("ledger {}, entry {}: checksum", ledger, entry);
  }
  return payload;
}

}  // namespace pdr::embedded
