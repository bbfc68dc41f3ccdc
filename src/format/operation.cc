#include "format/operation.h"

#include <array>
#include <type_traits>

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr uint8_t kMaxUpdateType = 4;
constexpr size_t kMaxVariableIdBytes = 256;
constexpr size_t kMinVariableUpdateBytes = 11;

struct Kind {
  uint8_t type;
  std::string_view name;
};
// In the order of OperationBody's alternatives.
// clang-format off
constexpr std::array<Kind, std::variant_size_v<OperationBody>> kKinds = {{
    {1, "Append"}, {2, "Seal"}, {3, "Merge"}, {4, "Map"}, {6, "UpdateAttributes"},
    {7, "Truncate"}, {8, "MetadataCheckpoint"}, {9, "StorageMetadataCheckpoint"}, {10, "Delete"}}};
// clang-format on

uint8_t ReadUpdateType(ByteReader& r) {
  const uint8_t type = r.U8();
  if (type > kMaxUpdateType) r.Fail(fmt::format("attribute update type {}", type));
  return type;
}

std::vector<AttributeUpdate> ReadUpdates(ByteReader& r, bool with_comparison) {
  std::vector<AttributeUpdate> updates;
  const size_t bytes = with_comparison ? 33 : 25;
  for (size_t n = ReadCollectionCount(r, bytes); n > 0 && r.ok(); --n) {
    AttributeUpdate u;
    u.id.high = r.I64();
    u.id.low = r.I64();
    u.type = ReadUpdateType(r);
    u.value = r.I64();
    if (with_comparison) u.comparison = r.I64();
    updates.push_back(u);
  }
  return updates;
}

std::vector<VariableAttributeUpdate> ReadVariableUpdates(ByteReader& r) {
  std::vector<VariableAttributeUpdate> updates;
  for (size_t n = ReadCollectionCount(r, kMinVariableUpdateBytes); n > 0 && r.ok(); --n) {
    VariableAttributeUpdate u;
    u.id = ReadBuffer(r);
    if (r.ok() && (u.id.empty() || u.id.size() > kMaxVariableIdBytes)) {
      r.Fail(fmt::format("attribute id of {} bytes", u.id.size()));
    }
    u.type = ReadUpdateType(r);
    u.value = r.I64();
    updates.push_back(std::move(u));
  }
  return updates;
}

void WriteUpdates(ByteWriter& w, const std::vector<AttributeUpdate>& updates) {
  WriteCompactInt(w, static_cast<uint32_t>(updates.size()));
  for (const AttributeUpdate& u : updates) {
    w.I64(u.id.high).I64(u.id.low).U8(u.type).I64(u.value).I64(u.comparison);
  }
}

void WriteVariableUpdates(ByteWriter& w, const std::vector<VariableAttributeUpdate>& updates) {
  WriteCompactInt(w, static_cast<uint32_t>(updates.size()));
  for (const VariableAttributeUpdate& u : updates) {
    WriteBuffer(w, u.id);
    w.U8(u.type).I64(u.value);
  }
}

// The bodies, one pair of Read (after the sequence number) and Write per operation.

void Read(ByteReader& r, AppendOperation& op, uint8_t version) {
  op.segment_id = r.I64();
  op.offset = r.I64();
  op.data = ReadBuffer(r);
  op.updates = ReadUpdates(r, version == 0);
  // Absent in what 0.9 wrote.
  if (r.remaining() > 0) op.variable_updates = ReadVariableUpdates(r);
}
void Write(ByteWriter& w, const AppendOperation& op) {
  w.I64(op.segment_id).I64(op.offset);
  WriteBuffer(w, op.data);
  WriteUpdates(w, op.updates);
  WriteVariableUpdates(w, op.variable_updates);
}

void Read(ByteReader& r, MergeOperation& op, uint8_t) {
  op.target_id = r.I64();
  op.source_id = r.I64();
  op.length = r.I64();
  op.offset = r.I64();
}
void Write(ByteWriter& w, const MergeOperation& op) {
  w.I64(op.target_id).I64(op.source_id).I64(op.length).I64(op.offset);
}

void Read(ByteReader& r, MapOperation& op, uint8_t) {
  op.segment_id = r.I64();
  op.name = ReadUtf(r);
  op.start_offset = r.I64();
  op.length = r.I64();
  op.sealed = r.Bool();
  op.attributes = ReadAttributes(r);
  op.pinned = r.Bool();
}
void Write(ByteWriter& w, const MapOperation& op) {
  w.I64(op.segment_id);
  WriteUtf(w, op.name);
  w.I64(op.start_offset).I64(op.length).Bool(op.sealed);
  WriteAttributes(w, op.attributes);
  w.Bool(op.pinned);
}

void Read(ByteReader& r, UpdateAttributesOperation& op, uint8_t) {
  op.segment_id = r.I64();
  op.updates = ReadUpdates(r, true);
}
void Write(ByteWriter& w, const UpdateAttributesOperation& op) {
  w.I64(op.segment_id);
  WriteUpdates(w, op.updates);
}

template <typename Op>
concept SegmentAndOffset = requires(Op op) {
  op.segment_id;
  op.offset;
} && !std::is_same_v<Op, AppendOperation>;

template <SegmentAndOffset Op>
void Read(ByteReader& r, Op& op, uint8_t) {
  op.segment_id = r.I64();
  op.offset = r.I64();
}
template <SegmentAndOffset Op>
void Write(ByteWriter& w, const Op& op) {
  w.I64(op.segment_id).I64(op.offset);
}

template <typename Op>
concept Checkpoint = requires(Op op) { op.contents; };

template <Checkpoint Op>
void Read(ByteReader& r, Op& op, uint8_t) {
  op.contents = ReadBuffer(r);
}
template <Checkpoint Op>
void Write(ByteWriter& w, const Op& op) {
  WriteBuffer(w, op.contents);
}

// Revision 1, which two operations have.
void ReadLater(ByteReader& r, OperationBody& body) {
  if (auto* merge = std::get_if<MergeOperation>(&body)) {
    if (r.remaining() > 0) merge->updates = ReadUpdates(r, true);
  } else if (auto* update = std::get_if<UpdateAttributesOperation>(&body)) {
    update->variable_updates = ReadVariableUpdates(r);
  }
}

template <size_t I = 0>
bool SelectBody(uint8_t type, OperationBody& body) {
  if constexpr (I < std::variant_size_v<OperationBody>) {
    if (kKinds[I].type != type) return SelectBody<I + 1>(type, body);
    body.emplace<I>();
    return true;
  } else {
    return false;
  }
}

void ReadFirst(const ObjectHeader& header, ByteReader& r, Operation& operation) {
  if (!SelectBody(header.type, operation.body)) {
    r.Fail(fmt::format("unknown type {}", header.type));
    return;
  }
  const bool append = std::holds_alternative<AppendOperation>(operation.body);
  if (header.version > (append ? 1 : 0)) {
    r.Fail(fmt::format("{} version {}", OperationName(operation), header.version));
    return;
  }
  operation.sequence_number = r.I64();
  if (operation.sequence_number < 0) r.Fail("negative sequence number");
  std::visit([&](auto& op) { Read(r, op, header.version); }, operation.body);
}

}  // namespace

StatusOr<Operation> DecodeOperation(std::string_view bytes) {
  Operation operation;
  ByteReader reader(bytes);
  ReadTypedObject(reader, "operation",
                  [&](const ObjectHeader& header, int revision, ByteReader& r) {
                    if (revision == 0) ReadFirst(header, r, operation);
                    if (revision == 1) ReadLater(r, operation.body);
                  });
  RETURN_IF_ERROR(reader.status());
  return operation;
}

std::string EncodeOperation(const Operation& operation) {
  ByteWriter writer;
  const uint8_t type = kKinds[operation.body.index()].type;
  auto first = [&](ByteWriter& w) {
    w.I64(operation.sequence_number);
    std::visit([&](const auto& op) { Write(w, op); }, operation.body);
  };
  if (const auto* merge = std::get_if<MergeOperation>(&operation.body)) {
    WriteTypedObject(writer, type, first, [&](ByteWriter& w) {
      if (!merge->updates.empty()) WriteUpdates(w, merge->updates);
    });
  } else if (const auto* update = std::get_if<UpdateAttributesOperation>(&operation.body)) {
    WriteTypedObject(writer, type, first,
                     [&](ByteWriter& w) { WriteVariableUpdates(w, update->variable_updates); });
  } else {
    WriteTypedObject(writer, type, first);
  }
  return writer.Take();
}

std::string_view OperationName(const Operation& operation) {
  return kKinds[operation.body.index()].name;
}

}  // namespace pdr
