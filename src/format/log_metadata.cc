#include "format/log_metadata.h"

#include <limits>

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr uint32_t kMaxLedgerSequence = std::numeric_limits<int32_t>::max();

LedgerRecord ReadLedger(ByteReader& r, const LedgerRecord* previous) {
  LedgerRecord ledger;
  ledger.ledger_id = static_cast<int64_t>(ReadCompactLong(r));
  ledger.sequence = ReadCompactInt(r);
  const uint8_t status = r.U8();
  if (!r.ok()) return {};
  if (status > static_cast<uint8_t>(LedgerStatus::kNotEmpty)) {
    r.Fail(fmt::format("ledger {} has status {}", ledger.ledger_id, status));
  }
  ledger.status = static_cast<LedgerStatus>(status);
  // Production finds ledgers by binary search, so anything out of order is a damaged record.
  const bool ascending = previous == nullptr || (ledger.ledger_id > previous->ledger_id &&
                                                 ledger.sequence > previous->sequence);
  if (!ascending || ledger.sequence == 0) {
    r.Fail(
        fmt::format("ledger {}, sequence {}, is out of order", ledger.ledger_id, ledger.sequence));
  }
  return ledger;
}

}  // namespace

StatusOr<LogMetadata> DecodeLogMetadata(std::string_view bytes) {
  LogMetadata metadata;
  ByteReader reader(bytes);
  ReadObject(reader, "log metadata", [&](ByteReader& r) {
    metadata.enabled = r.Bool();
    metadata.epoch = ReadCompactLong(r);
    metadata.truncation.sequence = ReadCompactLong(r);
    metadata.truncation.ledger_id = static_cast<int64_t>(ReadCompactLong(r));
    if (r.ok() && metadata.epoch == 0) r.Fail("epoch 0");
    if (metadata.truncation.ledger_sequence() > kMaxLedgerSequence) r.Fail("truncation address");
    for (size_t n = ReadCollectionCount(r, 3); n > 0 && r.ok(); --n) {
      const LedgerRecord* previous = metadata.ledgers.empty() ? nullptr : &metadata.ledgers.back();
      metadata.ledgers.push_back(ReadLedger(r, previous));
    }
  });
  RETURN_IF_ERROR(reader.status());
  return metadata;
}

std::string EncodeLogMetadata(const LogMetadata& metadata) {
  ByteWriter writer;
  WriteObject(writer, [&](ByteWriter& w) {
    w.Bool(metadata.enabled);
    WriteCompactLong(w, metadata.epoch);
    WriteCompactLong(w, metadata.truncation.sequence);
    WriteCompactLong(w, static_cast<uint64_t>(metadata.truncation.ledger_id));
    WriteCompactInt(w, static_cast<uint32_t>(metadata.ledgers.size()));
    for (const LedgerRecord& ledger : metadata.ledgers) {
      WriteCompactLong(w, static_cast<uint64_t>(ledger.ledger_id));
      WriteCompactInt(w, ledger.sequence);
      w.U8(static_cast<uint8_t>(ledger.status));
    }
  });
  return writer.Take();
}

std::string LogMetadataPath(int container, int depth) {
  std::string path;
  int digits = container;
  for (int i = 0; i < depth; ++i, digits /= 10) path += fmt::format("/{}", digits % 10);
  return path + fmt::format("/{}", container);
}

}  // namespace pdr
