#include "format/bookie_entry.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace pdr {
namespace {

constexpr size_t kHeaderSize = 32;
constexpr size_t kLastConfirmedSize = 16;

}  // namespace

DigestType DigestTypeFromName(std::string_view name) {
  if (name == "CRC32") return DigestType::kCrc32;
  if (name == "MAC") return DigestType::kMac;
  if (name == "DUMMY") return DigestType::kDummy;
  return DigestType::kCrc32c;
}

std::string LedgerMasterKey(std::string_view password) {
  return Sha1(std::string("ledger").append(password));
}

BookieEntryCodec::BookieEntryCodec(int64_t ledger_id, DigestType digest, std::string_view password)
    : ledger_id_(ledger_id), type_(digest), mac_key_(Sha1(std::string("mac").append(password))) {}

size_t BookieEntryCodec::digest_size() const {
  switch (type_) {
    case DigestType::kCrc32:
      return 8;
    case DigestType::kMac:
      return 20;
    case DigestType::kCrc32c:
      return 4;
    case DigestType::kDummy:
      return 0;
  }
  return 0;
}

std::string BookieEntryCodec::Digest(std::string_view header, std::string_view payload) const {
  ByteWriter out;
  switch (type_) {
    case DigestType::kCrc32:
      out.U64(Crc32(payload, Crc32(header)));
      break;
    case DigestType::kMac:
      out.Put(HmacSha1(mac_key_, std::string(header).append(payload)));
      break;
    case DigestType::kCrc32c:
      out.U32(Crc32c(payload, Crc32c(header)));
      break;
    case DigestType::kDummy:
      break;
  }
  return out.Take();
}

std::string BookieEntryCodec::EncodeHead(const BookieEntry& entry) const {
  ByteWriter out;
  out.I64(ledger_id_).I64(entry.entry_id).I64(entry.last_confirmed).I64(entry.length);
  out.Put(Digest(out.bytes(), entry.payload));
  return out.Take();
}

std::string BookieEntryCodec::Encode(const BookieEntry& entry) const {
  return EncodeHead(entry).append(entry.payload);
}

StatusOr<BookieEntry> BookieEntryCodec::Decode(std::string_view body) const {
  ByteReader in(body);
  BookieEntry entry;
  int64_t ledger = in.I64();
  entry.entry_id = in.I64();
  entry.last_confirmed = in.I64();
  entry.length = in.I64();
  std::string_view digest = in.Take(digest_size());
  entry.payload = in.Rest();
  RETURN_IF_ERROR(Annotate(in.status(), fmt::format("entry of ledger {}", ledger_id_)));
  if (ledger != ledger_id_) {
    return DataLoss("an entry of ledger {} is stored as one of ledger {}", ledger, ledger_id_);
  }
  if (digest != Digest(body.substr(0, kHeaderSize), entry.payload)) {
    return DataLoss("ledger {} entry {}: the digest does not match", ledger_id_, entry.entry_id);
  }
  if (entry.entry_id < 0 || entry.last_confirmed < -1 || entry.last_confirmed >= entry.entry_id ||
      entry.length < static_cast<int64_t>(entry.payload.size())) {
    return DataLoss("ledger {} entry {}: impossible header (last confirmed {}, length {})",
                    ledger_id_, entry.entry_id, entry.last_confirmed, entry.length);
  }
  return entry;
}

StatusOr<BookieEntry> BookieEntryCodec::Decode(std::string_view body, int64_t entry_id) const {
  ASSIGN_OR_RETURN(BookieEntry entry, Decode(body));
  if (entry.entry_id != entry_id) {
    return DataLoss("ledger {}: entry {} is stored as entry {}", ledger_id_, entry.entry_id,
                    entry_id);
  }
  return entry;
}

StatusOr<int64_t> BookieEntryCodec::DecodeLastConfirmed(std::string_view body) const {
  ByteReader in(body);
  int64_t ledger = in.I64();
  int64_t last_confirmed = in.I64();
  std::string_view digest = in.Rest();
  RETURN_IF_ERROR(Annotate(in.status(), fmt::format("last confirmed of ledger {}", ledger_id_)));
  if (ledger != ledger_id_ || last_confirmed < -1 ||
      digest != Digest(body.substr(0, kLastConfirmedSize), {})) {
    return DataLoss("ledger {}: the last-confirmed record is damaged", ledger_id_);
  }
  return last_confirmed;
}

}  // namespace pdr
