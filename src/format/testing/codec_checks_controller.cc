// Codecs of the controller's tables and of the streams it keeps for itself; it only reads them.
#include "format/controller_names.h"
#include "format/controller_records.h"
#include "format/controller_scope_records.h"
#include "format/controller_stream_records.h"
#include "format/controller_transaction_records.h"
#include "format/reader_group_state.h"
#include "format/testing/codec_checks.h"
#include "format/uuid.h"
#include "format/watermark.h"

namespace pdr {
namespace {

Outcome ReaderGroupEventCheck(std::string_view bytes) {
  ReaderGroupState state;
  state.initialized = true;
  const Status applied = ApplyReaderGroupEvent(bytes, state);
  static_cast<void>(state.FarthestPositions());
  return applied.ok() ? Outcome::kSurvived : Outcome::kRejected;
}

Outcome ReaderGroupCheck(std::string_view bytes) {
  const ReaderGroupReplay replay = ReplayReaderGroup(bytes);
  if (replay.end > bytes.size()) return Outcome::kBroken;
  return replay.damage.ok() && replay.end > 0 ? Outcome::kSurvived : Outcome::kRejected;
}

Outcome UuidCheck(std::string_view bytes) {
  const auto text = ParseUuidText(bytes);
  const auto hex = ParseUuidHex(bytes);
  if (text) return SurvivedIf(text->Text() == bytes);
  if (hex) return SurvivedIf(hex->Hex() == bytes);
  return Outcome::kRejected;
}

Outcome ControllerNamesCheck(std::string_view bytes) {
  const auto key = ParseCompletedTransactionKey(bytes);
  const auto segment = ParseStreamSegmentName(bytes);
  if (segment) {
    const auto name = segment->kv_table ? KvTableSegmentName : StreamSegmentName;
    const auto again = ParseStreamSegmentName(name(segment->scope, segment->name, segment->id));
    return SurvivedIf(again && again->scope == segment->scope && again->name == segment->name &&
                      again->id == segment->id && again->kv_table == segment->kv_table);
  }
  return key ? Outcome::kSurvived : Outcome::kRejected;
}

Outcome StateCheck(std::string_view bytes) {
  const auto state = DecodeStreamState(bytes);
  if (!state.ok()) return Outcome::kRejected;
  return SurvivedIf(!StreamStateName(*state).empty());
}

Outcome LifeStateCheck(std::string_view bytes) {
  const auto state = DecodeLifeState(bytes);
  if (!state.ok()) return Outcome::kRejected;
  return SurvivedIf(!LifeStateName(*state).empty());
}

constexpr CodecCheck kChecks[] = {
    {"int", Decodes<DecodeInt>},
    {"long", Decodes<DecodeLong>},
    {"uuid", Decodes<DecodeUuid>},
    {"uuid-text", UuidCheck},
    {"controller-names", ControllerNamesCheck},
    {"stream-state", StateCheck},
    {"life-state", LifeStateCheck},
    {"epoch-record", Decodes<DecodeEpochRecord>},
    {"truncation-record", Decodes<DecodeTruncationRecord>},
    {"sealed-sizes", Decodes<DecodeSealedSizes>},
    {"retention-cut", Decodes<DecodeRetentionCut>},
    {"stream-configuration", Decodes<DecodeStreamConfiguration>},
    {"epoch-transition", Decodes<DecodeEpochTransition>},
    {"kv-table-epoch", Decodes<DecodeKvTableEpochRecord>},
    {"kv-table-configuration", Decodes<DecodeKvTableConfiguration>},
    {"reader-group-configuration", Decodes<DecodeReaderGroupConfiguration>},
    {"active-transaction", Decodes<DecodeActiveTransaction>},
    {"completed-transaction", Decodes<DecodeCompletedTransaction>},
    {"committing-transactions", Decodes<DecodeCommittingTransactions>},
    {"watermark", Decodes<DecodeWatermark>},
    {"reader-group-event", ReaderGroupEventCheck},
    {"reader-group", ReaderGroupCheck},
};

}  // namespace

std::span<const CodecCheck> ControllerCodecChecks() { return kChecks; }

}  // namespace pdr
