#include "format/cluster_nodes.h"

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr size_t kMinHostBytes = 16;
constexpr size_t kMinContainerSetBytes = 9;

Host ReadHost(ByteReader& reader) {
  Host host;
  ReadObject(reader, "host", [&](ByteReader& r) {
    host.ip = ReadUtf(r);
    host.port = r.I32();
    host.endpoint_id = ReadUtf(r);
  });
  return host;
}

void WriteHost(ByteWriter& writer, const Host& host) {
  WriteObject(writer, [&](ByteWriter& w) {
    WriteUtf(w, host.ip);
    w.I32(host.port);
    WriteUtf(w, host.endpoint_id);
  });
}

std::vector<int32_t> ReadContainerSet(ByteReader& reader) {
  std::vector<int32_t> containers;
  ReadObject(reader, "container set", [&](ByteReader& r) {
    for (size_t n = ReadCollectionCount(r, 4); n > 0; --n) containers.push_back(r.I32());
  });
  return containers;
}

// The constants of java.io.ObjectStreamConstants that the reader group blob needs.
constexpr uint32_t kStreamMagicAndVersion = 0xaced0005;
constexpr uint8_t kNull = 0x70;
constexpr uint8_t kClassDescription = 0x72;
constexpr uint8_t kObject = 0x73;
constexpr uint8_t kString = 0x74;
constexpr uint8_t kBlockData = 0x77;
constexpr uint8_t kEndBlockData = 0x78;
constexpr uint8_t kEnum = 0x7e;
constexpr uint8_t kSerializable = 0x02;
constexpr uint8_t kWithWriteMethod = 0x01;
constexpr uint8_t kIsEnum = 0x10;

void BeginClass(ByteWriter& w, std::string_view name, uint64_t uid, uint8_t flags, int fields) {
  w.U8(kClassDescription);
  WriteUtf(w, name);
  w.U64(uid).U8(flags).U16(static_cast<uint16_t>(fields));
}

void ObjectField(ByteWriter& w, std::string_view name, std::string_view type) {
  w.U8('L');
  WriteUtf(w, name);
  w.U8(kString);
  WriteUtf(w, type);
}

}  // namespace

StatusOr<Host> DecodeHost(std::string_view bytes) {
  ByteReader r(bytes);
  Host host = ReadHost(r);
  RETURN_IF_ERROR(r.status());
  return host;
}

std::string EncodeHost(const Host& host) {
  ByteWriter w;
  WriteHost(w, host);
  return w.Take();
}

std::string HostNodeName(const Host& host) {
  return fmt::format("{}:{}:{}", host.ip, host.port, host.endpoint_id);
}

StatusOr<HostContainerMap> DecodeHostContainerMap(std::string_view bytes) {
  HostContainerMap map;
  ByteReader reader(bytes);
  ReadObject(reader, "host container map", [&](ByteReader& r) {
    const size_t min_bytes = kMinHostBytes + kMinContainerSetBytes;
    for (size_t n = ReadCollectionCount(r, min_bytes); n > 0 && r.ok(); --n) {
      HostContainers entry;
      entry.host = ReadHost(r);
      entry.containers = ReadContainerSet(r);
      map.push_back(std::move(entry));
    }
  });
  RETURN_IF_ERROR(reader.status());
  return map;
}

std::string EncodeHostContainerMap(const HostContainerMap& map) {
  ByteWriter writer;
  WriteObject(writer, [&](ByteWriter& w) {
    WriteCompactInt(w, static_cast<uint32_t>(map.size()));
    for (const HostContainers& entry : map) {
      WriteHost(w, entry.host);
      WriteObject(w, [&](ByteWriter& set) {
        WriteCompactInt(set, static_cast<uint32_t>(entry.containers.size()));
        for (int32_t container : entry.containers) set.I32(container);
      });
    }
  });
  return writer.Take();
}

StatusOr<TransactionCounter> DecodeTransactionCounter(std::string_view bytes) {
  ByteReader r(bytes);
  TransactionCounter counter;
  counter.high = r.I32();
  counter.low = r.I64();
  RETURN_IF_ERROR(r.status());
  if (r.remaining() > 0) return DataLoss("transaction counter of {} bytes, not 12", bytes.size());
  return counter;
}

std::string EncodeTransactionCounter(const TransactionCounter& counter) {
  ByteWriter w;
  w.I32(counter.high).I64(counter.low);
  return w.Take();
}

std::string EmptyReaderGroupData() {
  constexpr std::string_view kGroup =
      "io.pravega.controller.store.checkpoint.ZKCheckpointStore$ReaderGroupData";
  const std::string state = fmt::format("{}$State", kGroup);
  ByteWriter w;
  w.U32(kStreamMagicAndVersion).U8(kObject);
  BeginClass(w, kGroup, 0x44bd9bd15b1dee9f, kSerializable, 2);
  ObjectField(w, "readerIds", "Ljava/util/List;");
  ObjectField(w, "state",
              "Lio/pravega/controller/store/checkpoint/ZKCheckpointStore$ReaderGroupData$State;");
  w.U8(kEndBlockData).U8(kNull);

  w.U8(kObject);  // readerIds: an empty ArrayList
  BeginClass(w, "java.util.ArrayList", 0x7881d21d99c7619d, kSerializable | kWithWriteMethod, 1);
  w.U8('I');
  WriteUtf(w, "size");
  w.U8(kEndBlockData).U8(kNull);
  w.U32(0);                                         // size
  w.U8(kBlockData).U8(4).U32(0).U8(kEndBlockData);  // capacity

  w.U8(kEnum);  // state: Active
  BeginClass(w, state, 0, kSerializable | kIsEnum, 0);
  w.U8(kEndBlockData);
  BeginClass(w, "java.lang.Enum", 0, kSerializable | kIsEnum, 0);
  w.U8(kEndBlockData).U8(kNull).U8(kString);
  WriteUtf(w, "Active");
  return w.Take();
}

}  // namespace pdr
