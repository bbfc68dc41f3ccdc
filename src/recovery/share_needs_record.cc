// ControllerNeeds as a part of an outcome's record.
#include "recovery/share_codec.h"

namespace pdr {
namespace {

using Needs = verify::ControllerNeeds;

void PutUuid(ByteWriter& w, const Uuid& id) { w.U64(id.high).U64(id.low); }

void PutUuids(ByteWriter& w, const std::set<Uuid>& ids) {
  w.U64(ids.size());
  for (const Uuid& id : ids) PutUuid(w, id);
}
std::set<Uuid> TakeUuids(ByteReader& r) {
  const std::vector<Uuid> ids = TakeList(r, ReadUuid);
  return {ids.begin(), ids.end()};
}

void PutStream(ByteWriter& w, const Needs::Stream& stream) {
  PutText(w, stream.scope);
  PutText(w, stream.name);
  w.Bool(stream.retention);
  PutList(w, stream.unfinished,
          [](ByteWriter& out, RequestType type) { out.U8(static_cast<uint8_t>(type)); });
}
Needs::Stream TakeStream(ByteReader& r) {
  Needs::Stream stream;
  stream.scope = TakeText(r);
  stream.name = TakeText(r);
  stream.retention = r.Bool();
  stream.unfinished = TakeList(r, [](ByteReader& in) { return static_cast<RequestType>(in.U8()); });
  return stream;
}

void PutTransaction(ByteWriter& w, const Needs::Transaction& transaction) {
  PutText(w, transaction.scope);
  PutText(w, transaction.stream);
  w.Bool(transaction.committing);
}
Needs::Transaction TakeTransaction(ByteReader& r) {
  Needs::Transaction transaction;
  transaction.scope = TakeText(r);
  transaction.stream = TakeText(r);
  transaction.committing = r.Bool();
  return transaction;
}

template <typename Value, typename PutValue>
void PutById(ByteWriter& w, const std::map<Uuid, Value>& values, const PutValue& put) {
  w.U64(values.size());
  for (const auto& [id, value] : values) {
    PutUuid(w, id);
    put(w, value);
  }
}
template <typename TakeValue>
auto TakeById(ByteReader& r, const TakeValue& take) -> std::map<Uuid, decltype(take(r))> {
  std::map<Uuid, decltype(take(r))> values;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) {
    const Uuid id = ReadUuid(r);
    values.emplace(id, take(r));
  }
  return values;
}

}  // namespace

void PutNeeds(ByteWriter& w, const Needs& needs) {
  PutUuids(w, needs.listed);
  PutById(w, needs.streams, PutStream);
  PutById(w, needs.transactions,
          [](ByteWriter& out, const auto& of_stream) { PutById(out, of_stream, PutTransaction); });
  PutUuids(w, needs.committing);
}

Needs TakeNeeds(ByteReader& r) {
  Needs needs;
  needs.listed = TakeUuids(r);
  needs.streams = TakeById(r, TakeStream);
  needs.transactions = TakeById(r, [](ByteReader& in) { return TakeById(in, TakeTransaction); });
  needs.committing = TakeUuids(r);
  return needs;
}

}  // namespace pdr
