// Codecs of what is in ZooKeeper, in the durable log, and on the wire to bookies.
#include "format/bookie_entry.h"
#include "format/bookie_message.h"
#include "format/bookie_registration.h"
#include "format/checkpoint.h"
#include "format/cluster_nodes.h"
#include "format/data_frame.h"
#include "format/ledger_metadata.h"
#include "format/log_metadata.h"
#include "format/operation.h"
#include "format/testing/codec_checks.h"

namespace pdr {
namespace {

// The records of a frame, packed anew, come out as they were.
Outcome DataFrameCheck(std::string_view bytes) {
  DataFrameReader reader;
  const auto records = reader.Feed(bytes, {1ULL << 32, 7});
  if (!records.ok()) return Outcome::kRejected;
  std::vector<std::string> written;
  for (const auto& record : *records) written.push_back(record.bytes);
  std::vector<std::string> again;
  DataFrameReader second;
  uint64_t sequence = 1ULL << 32;
  for (const std::string& frame : BuildDataFrames(written)) {
    const auto more = second.Feed(frame, {sequence++, 7});
    if (!more.ok()) return Outcome::kBroken;
    for (const auto& record : *more) again.push_back(record.bytes);
  }
  return SurvivedIf(again == written);
}

// The first byte chooses the digest. No fuzzer finds a digest, so the rest is also taken as the
// payload of an entry that must come through.
Outcome BookieEntryCheck(std::string_view bytes) {
  ByteReader r(bytes);
  const auto digest = static_cast<DigestType>(1 + r.U8() % 4);
  const std::string_view rest = r.Rest();
  const BookieEntryCodec codec(7, digest, "password");
  static_cast<void>(codec.Decode(rest));
  static_cast<void>(codec.DecodeLastConfirmed(rest));
  const std::string body = codec.Encode({3, 2, static_cast<int64_t>(rest.size()), rest});
  const auto entry = codec.Decode(body, 3);
  return SurvivedIf(entry.ok() && entry->payload == rest);
}

Outcome BookieResponseCheck(std::string_view bytes) {
  const auto response = DecodeResponse(bytes);
  if (!response.ok()) return Outcome::kRejected;
  static_cast<void>(BookieCodeName(ResponseCode(*response)));
  return Outcome::kSurvived;
}

Outcome BookieRegistrationCheck(std::string_view bytes) {
  const auto address = DecodeBookieRegistration("bookie.example:3181", bytes);
  if (!address.ok()) return Outcome::kRejected;
  const auto again = DecodeBookieRegistration(
      "bookie.example:3181", EncodeBookieRegistration("bookie.example:3181", *address));
  return SurvivedIf(again.ok() && *again == *address);
}

Outcome BookieAddressCheck(std::string_view bytes) {
  const auto address = ParseBookieAddress(bytes);
  if (!address.ok()) return Outcome::kRejected;
  const auto again = ParseBookieAddress(address->ToString());
  return SurvivedIf(again.ok() && *again == *address);
}

Outcome LedgerPathCheck(std::string_view bytes) {
  bool known = false;
  for (const auto layout : {LedgerLayout::kHierarchical, LedgerLayout::kLongHierarchical,
                            LedgerLayout::kLegacyHierarchical, LedgerLayout::kFlat}) {
    const auto id = LedgerIdFromPath(layout, bytes);
    if (!id) continue;
    known = true;
    const auto path = LedgerPath(layout, *id);
    if (!path.ok() || LedgerIdFromPath(layout, *path) != id) return Outcome::kBroken;
  }
  return known ? Outcome::kSurvived : Outcome::kRejected;
}

constexpr CodecCheck kTier1Checks[] = {
    {"operation", RoundTrip<DecodeOperation, EncodeOperation>},
    {"metadata-checkpoint", RoundTrip<DecodeMetadataCheckpoint, EncodeMetadataCheckpoint>},
    {"storage-checkpoint",
     RoundTrip<DecodeStorageMetadataCheckpoint, EncodeStorageMetadataCheckpoint>},
    {"data-frame", DataFrameCheck},
    {"log-metadata", RoundTrip<DecodeLogMetadata, EncodeLogMetadata>},
    {"ledger-metadata", RoundTrip<DecodeLedgerMetadata, EncodeLedgerMetadata>},
    {"ledger-layout", Decodes<DecodeLedgerLayout>},
    {"ledger-path", LedgerPathCheck},
    {"host", RoundTrip<DecodeHost, EncodeHost>},
    {"host-container-map", RoundTrip<DecodeHostContainerMap, EncodeHostContainerMap>},
    {"transaction-counter", RoundTrip<DecodeTransactionCounter, EncodeTransactionCounter>},
    {"bookie-entry", BookieEntryCheck},
    {"bookie-response", BookieResponseCheck},
    {"bookie-frame-length", Decodes<DecodeFrameLength>},
    {"bookie-registration", BookieRegistrationCheck},
    {"bookie-address", BookieAddressCheck},
};

}  // namespace

std::span<const CodecCheck> Tier1CodecChecks() { return kTier1Checks; }

}  // namespace pdr
