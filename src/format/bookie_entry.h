// An entry as a bookie stores it: header, digest, payload. docs/formats/bookkeeper-wire.md
// section 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

enum class DigestType : uint8_t { kCrc32 = 1, kMac = 2, kCrc32c = 3, kDummy = 4 };

// Pravega's bookkeeper.digest.type.name; anything it does not know means CRC32C.
DigestType DigestTypeFromName(std::string_view name);

// Proves knowledge of a ledger's password to a bookie. 20 bytes.
std::string LedgerMasterKey(std::string_view password);

struct BookieEntry {
  int64_t entry_id = 0;
  int64_t last_confirmed = -1;  // what the writer knew to be acknowledged when it sent the entry
  int64_t length = 0;           // payload bytes of all entries up to and including this one
  std::string_view payload;     // into the decoded bytes
};

// Entries of one ledger. Immutable, so any thread may use it.
class BookieEntryCodec {
 public:
  BookieEntryCodec(int64_t ledger_id, DigestType digest, std::string_view password);

  std::string Encode(const BookieEntry& entry) const;
  // What precedes the payload: header and digest.
  std::string EncodeHead(const BookieEntry& entry) const;
  // DataLoss unless ledger, digest and header hold together.
  StatusOr<BookieEntry> Decode(std::string_view body) const;
  // As Decode, and it must be that entry.
  StatusOr<BookieEntry> Decode(std::string_view body, int64_t entry_id) const;
  // An explicit last-confirmed record (READ_LAC).
  StatusOr<int64_t> DecodeLastConfirmed(std::string_view body) const;

 private:
  std::string Digest(std::string_view header, std::string_view payload) const;
  size_t digest_size() const;

  int64_t ledger_id_;
  DigestType type_;
  std::string mac_key_;
};

}  // namespace pdr
