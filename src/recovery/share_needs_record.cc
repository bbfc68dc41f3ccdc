// ControllerNeeds as a part of an outcome's record.
#include "recovery/share_codec.h"

namespace pdr {
namespace {

using Needs = verify::ControllerNeeds;
using verify::MemberNeeds;

void PutStream(ByteWriter& w, const Needs::Stream& stream) {
  PutTexts(w, {&stream.scope, &stream.name});
  w.Bool(stream.retention);
  PutList(w, stream.unfinished, PutEnum<RequestType>);
}
Needs::Stream TakeStream(ByteReader& r) {
  Needs::Stream stream;
  TakeTexts(r, {&stream.scope, &stream.name});
  stream.retention = r.Bool();
  stream.unfinished = TakeList(r, TakeRequestType);
  return stream;
}

void PutNeeded(ByteWriter& w, const Needs::Transaction& transaction) {
  PutTexts(w, {&transaction.scope, &transaction.stream});
  w.Bool(transaction.committing);
  PutEnum(w, transaction.asks);
}
Needs::Transaction TakeNeeded(ByteReader& r) {
  Needs::Transaction transaction;
  TakeTexts(r, {&transaction.scope, &transaction.stream});
  transaction.committing = r.Bool();
  transaction.asks = TakeRequestType(r);
  return transaction;
}

void PutName(ByteWriter& w, const MemberNeeds::Name& name) {
  PutTexts(w, {&name.first, &name.second});
}
MemberNeeds::Name TakeName(ByteReader& r) {
  MemberNeeds::Name name;
  TakeTexts(r, {&name.first, &name.second});
  return name;
}

void PutMember(ByteWriter& w, const MemberNeeds::Member& member) {
  PutEnum(w, member.state);
  w.Bool(member.configured).Bool(member.updating);
}
MemberNeeds::Member TakeMember(ByteReader& r) {
  MemberNeeds::Member member;
  member.state = TakeEnum(r, LifeState::kActive);
  member.configured = r.Bool();
  member.updating = r.Bool();
  return member;
}

void PutRequest(ByteWriter& w, const verify::RequestKey& request) {
  PutEnum(w, std::get<0>(request));
  PutName(w, {std::get<1>(request), std::get<2>(request)});
}
verify::RequestKey TakeRequest(ByteReader& r) {
  const auto type = TakeRequestType(r);
  auto [scope, name] = TakeName(r);
  return {type, std::move(scope), std::move(name)};
}

void PutMembers(ByteWriter& w, const MemberNeeds& members) {
  PutMap(w, members.scopes, PutText, WriteUuid);
  PutMap(w, members.deleting, PutText, WriteUuid);
  PutMap(w, members.tables, WriteUuid, PutName);
  PutMap(w, members.groups, WriteUuid, PutName);
  PutMap(w, members.recorded, WriteUuid, PutMember);
  PutList(w, members.with_segments, PutName);
}
MemberNeeds TakeMembers(ByteReader& r) {
  MemberNeeds members;
  members.scopes = TakeMap(r, TakeText, ReadUuid);
  members.deleting = TakeMap(r, TakeText, ReadUuid);
  members.tables = TakeMap(r, ReadUuid, TakeName);
  members.groups = TakeMap(r, ReadUuid, TakeName);
  members.recorded = TakeMap(r, ReadUuid, TakeMember);
  members.with_segments = TakeSet(r, TakeName);
  return members;
}

}  // namespace

void PutNeeds(ByteWriter& w, const Needs& needs) {
  PutList(w, needs.listed, WriteUuid);
  PutMap(w, needs.streams, WriteUuid, PutStream);
  PutMap(w, needs.transactions, WriteUuid, [](ByteWriter& out, const auto& of_stream) {
    PutMap(out, of_stream, WriteUuid, PutNeeded);
  });
  PutList(w, needs.committing, WriteUuid);
  PutMembers(w, needs.members);
  PutList(w, needs.posted, PutRequest);
  PutList(w, needs.request_streams, PutText);
}

Needs TakeNeeds(ByteReader& r) {
  Needs needs;
  needs.listed = TakeSet(r, ReadUuid);
  needs.streams = TakeMap(r, ReadUuid, TakeStream);
  needs.transactions =
      TakeMap(r, ReadUuid, [](ByteReader& in) { return TakeMap(in, ReadUuid, TakeNeeded); });
  needs.committing = TakeSet(r, ReadUuid);
  needs.members = TakeMembers(r);
  needs.posted = TakeSet(r, TakeRequest);
  needs.request_streams = TakeSet(r, TakeText);
  return needs;
}

}  // namespace pdr
