// ControllerNeeds as a part of an outcome's record.
#include "recovery/share_codec.h"

namespace pdr {
namespace {

using Needs = verify::ControllerNeeds;
using Members = verify::MemberNeeds;

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
  w.U8(static_cast<uint8_t>(transaction.asks));
}
Needs::Transaction TakeTransaction(ByteReader& r) {
  Needs::Transaction transaction;
  transaction.scope = TakeText(r);
  transaction.stream = TakeText(r);
  transaction.committing = r.Bool();
  transaction.asks = static_cast<RequestType>(r.U8());
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

void PutName(ByteWriter& w, const Members::Name& name) {
  PutText(w, name.first);
  PutText(w, name.second);
}
Members::Name TakeName(ByteReader& r) {
  std::string scope = TakeText(r);
  return {std::move(scope), TakeText(r)};
}

void PutMember(ByteWriter& w, const Members::Member& member) {
  w.U8(static_cast<uint8_t>(member.state)).Bool(member.configured).Bool(member.updating);
}
Members::Member TakeMember(ByteReader& r) {
  Members::Member member;
  member.state = static_cast<LifeState>(r.U8());
  member.configured = r.Bool();
  member.updating = r.Bool();
  return member;
}

void PutRequest(ByteWriter& w, const verify::RequestKey& request) {
  w.U8(static_cast<uint8_t>(std::get<0>(request)));
  PutName(w, {std::get<1>(request), std::get<2>(request)});
}
verify::RequestKey TakeRequest(ByteReader& r) {
  const auto type = static_cast<RequestType>(r.U8());
  auto [scope, name] = TakeName(r);
  return {type, std::move(scope), std::move(name)};
}

template <typename Item, typename PutItem>
void PutSet(ByteWriter& w, const std::set<Item>& items, const PutItem& put) {
  w.U64(items.size());
  for (const Item& item : items) put(w, item);
}
template <typename TakeItem>
auto TakeSet(ByteReader& r, const TakeItem& take) -> std::set<decltype(take(r))> {
  std::set<decltype(take(r))> items;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) items.insert(take(r));
  return items;
}

void PutIds(ByteWriter& w, const std::map<std::string, Uuid>& ids) {
  w.U64(ids.size());
  for (const auto& [name, id] : ids) {
    PutText(w, name);
    PutUuid(w, id);
  }
}
std::map<std::string, Uuid> TakeIds(ByteReader& r) {
  std::map<std::string, Uuid> ids;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) {
    std::string name = TakeText(r);
    ids.emplace(std::move(name), ReadUuid(r));
  }
  return ids;
}

void PutMembers(ByteWriter& w, const Members& members) {
  PutIds(w, members.scopes);
  PutIds(w, members.deleting);
  PutById(w, members.tables, PutName);
  PutById(w, members.groups, PutName);
  PutById(w, members.recorded, PutMember);
  PutSet(w, members.with_segments, PutName);
}
Members TakeMembers(ByteReader& r) {
  Members members;
  members.scopes = TakeIds(r);
  members.deleting = TakeIds(r);
  members.tables = TakeById(r, TakeName);
  members.groups = TakeById(r, TakeName);
  members.recorded = TakeById(r, TakeMember);
  members.with_segments = TakeSet(r, TakeName);
  return members;
}

}  // namespace

void PutNeeds(ByteWriter& w, const Needs& needs) {
  PutUuids(w, needs.listed);
  PutById(w, needs.streams, PutStream);
  PutById(w, needs.transactions,
          [](ByteWriter& out, const auto& of_stream) { PutById(out, of_stream, PutTransaction); });
  PutUuids(w, needs.committing);
  PutMembers(w, needs.members);
  PutSet(w, needs.posted, PutRequest);
  PutSet(w, needs.request_streams, PutText);
}

Needs TakeNeeds(ByteReader& r) {
  Needs needs;
  needs.listed = TakeUuids(r);
  needs.streams = TakeById(r, TakeStream);
  needs.transactions = TakeById(r, [](ByteReader& in) { return TakeById(in, TakeTransaction); });
  needs.committing = TakeUuids(r);
  needs.members = TakeMembers(r);
  needs.posted = TakeSet(r, TakeRequest);
  needs.request_streams = TakeSet(r, TakeText);
  return needs;
}

}  // namespace pdr
