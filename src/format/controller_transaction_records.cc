#include "format/controller_transaction_records.h"

#include <array>
#include <limits>

namespace pdr {
namespace {

constexpr std::array<std::string_view, 6> kStatusNames = {"UNKNOWN",   "OPEN",     "COMMITTING",
                                                          "COMMITTED", "ABORTING", "ABORTED"};
constexpr int32_t kNoEpoch = std::numeric_limits<int32_t>::min();
constexpr int64_t kNoLong = std::numeric_limits<int64_t>::min();

TransactionStatus ReadStatus(ByteReader& r) {
  const uint32_t status = ReadCompactInt(r);
  if (status < kStatusNames.size()) return static_cast<TransactionStatus>(status);
  r.Fail(fmt::format("unknown transaction status {}", status));
  return TransactionStatus::kUnknown;
}

std::optional<int64_t> ReadOptionalLong(ByteReader& r) {
  const int64_t value = r.I64();
  if (value == kNoLong) return std::nullopt;
  return value;
}

}  // namespace

std::string_view TransactionStatusName(TransactionStatus status) {
  return kStatusNames[static_cast<size_t>(status)];
}

StatusOr<ActiveTransactionRecord> DecodeActiveTransaction(std::string_view bytes) {
  constexpr std::string_view kWhat = "active transaction";
  const auto read = [&](ByteReader& r, ActiveTransactionRecord& record) {
    ReadObjectRevisions(r, kWhat, [&](int revision, ByteReader& body) {
      if (revision == 0) {
        record.creation_time = body.I64();
        record.lease_expiry = body.I64();
        record.max_expiry = body.I64();
        record.status = ReadStatus(body);
      } else if (revision == 1) {
        record.writer = ReadUtf(body);
        record.commit_time = ReadOptionalLong(body);
        record.commit_order = ReadOptionalLong(body);
      }
    });
  };
  return DecodeWhole<ActiveTransactionRecord>(bytes, kWhat, read);
}

std::string EncodeActiveTransaction(const ActiveTransactionRecord& record) {
  ByteWriter w;
  WriteObject(
      w,
      [&](ByteWriter& body) {
        body.I64(record.creation_time).I64(record.lease_expiry).I64(record.max_expiry);
        WriteCompactInt(body, static_cast<uint32_t>(record.status));
      },
      [&](ByteWriter& body) {
        WriteUtf(body, record.writer);
        body.I64(record.commit_time.value_or(kNoLong)).I64(record.commit_order.value_or(kNoLong));
      },
      [](ByteWriter& body) { WriteCompactInt(body, 0); });  // offsets: known when it is committed
  return w.Take();
}

StatusOr<CompletedTransactionRecord> DecodeCompletedTransaction(std::string_view bytes) {
  constexpr std::string_view kWhat = "completed transaction";
  const auto read = [&](ByteReader& r, CompletedTransactionRecord& record) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      record.time = body.I64();
      record.status = ReadStatus(body);
    });
  };
  return DecodeWhole<CompletedTransactionRecord>(bytes, kWhat, read);
}

StatusOr<CommittingTransactionsRecord> DecodeCommittingTransactions(std::string_view bytes) {
  constexpr std::string_view kWhat = "committing transactions";
  const auto read = [&](ByteReader& r, CommittingTransactionsRecord& record) {
    ReadObject(r, kWhat, [&](ByteReader& body) {
      record.epoch = body.I32();
      for (size_t n = ReadCollectionCount(body, 16); n > 0; --n) {
        record.transactions.push_back(ReadUuid(body));
      }
      const int32_t active_epoch = body.I32();
      if (active_epoch != kNoEpoch) record.active_epoch = active_epoch;
    });
  };
  return DecodeWhole<CommittingTransactionsRecord>(bytes, kWhat, read);
}

}  // namespace pdr
