// What the records of a shared run are made of: texts, lists, and the frame around each file.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "verify/controller_needs.h"

namespace pdr {

enum class ShareRecord : uint8_t {
  kRun = 1,
  kPlan = 2,
  kManifest = 3,
  kOutcome = 4,
  kGatherStart = 5,
  kGathered = 6,
  kTables = 7,
  kStorageRecords = 8
};

// magic, version, kind, body, checksum
ByteWriter BeginRecord(ShareRecord kind);
std::string EndRecord(ByteWriter record);
// The body; DataLoss when it is not such a record, Unimplemented for a version of the future.
StatusOr<std::string_view> OpenRecord(ShareRecord kind, std::string_view bytes);

inline void PutText(ByteWriter& w, std::string_view text) { w.U64(text.size()).Put(text); }
inline std::string TakeText(ByteReader& r) { return std::string(r.Take(r.Count(r.U64(), 1))); }

// Several texts in a row, which are read back into the same places.
inline void PutTexts(ByteWriter& w, std::initializer_list<const std::string*> texts) {
  for (const std::string* text : texts) PutText(w, *text);
}
inline void TakeTexts(ByteReader& r, std::initializer_list<std::string*> texts) {
  for (std::string* text : texts) *text = TakeText(r);
}

// Of a vector or a set.
template <typename Items, typename PutItem>
void PutList(ByteWriter& w, const Items& items, const PutItem& put) {
  w.U64(items.size());
  for (const auto& item : items) put(w, item);
}

// `take` returns one item; what is wrong is left in the reader.
template <typename TakeItem>
auto TakeList(ByteReader& r, const TakeItem& take) -> std::vector<decltype(take(r))> {
  std::vector<decltype(take(r))> items;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) items.push_back(take(r));
  return items;
}

template <typename TakeItem>
auto TakeSet(ByteReader& r, const TakeItem& take) -> std::set<decltype(take(r))> {
  std::set<decltype(take(r))> items;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) items.insert(items.end(), take(r));
  return items;
}

template <typename Map, typename PutKey, typename PutValue>
void PutMap(ByteWriter& w, const Map& values, const PutKey& put_key, const PutValue& put_value) {
  w.U64(values.size());
  for (const auto& [key, value] : values) {
    put_key(w, key);
    put_value(w, value);
  }
}
template <typename TakeKey, typename TakeValue>
auto TakeMap(ByteReader& r, const TakeKey& take_key, const TakeValue& take_value)
    -> std::map<decltype(take_key(r)), decltype(take_value(r))> {
  std::map<decltype(take_key(r)), decltype(take_value(r))> values;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) {
    auto key = take_key(r);
    values.insert_or_assign(values.end(), std::move(key), take_value(r));
  }
  return values;
}

// One of the values up to `most`.
template <typename Enum>
void PutEnum(ByteWriter& w, Enum value) {
  w.U8(static_cast<uint8_t>(value));
}
template <typename Enum>
Enum TakeEnum(ByteReader& r, Enum most) {
  const uint8_t value = r.U8();
  if (value <= static_cast<uint8_t>(most)) return static_cast<Enum>(value);
  r.Fail("a value of an unknown kind");
  return most;
}

inline RequestType TakeRequestType(ByteReader& r) { return TakeEnum(r, RequestType::kDeleteScope); }

// What the controller's tables need in ZooKeeper, as one container has it.
void PutNeeds(ByteWriter& w, const verify::ControllerNeeds& needs);
verify::ControllerNeeds TakeNeeds(ByteReader& r);

// OK when everything was read and nothing is left over.
Status CheckAtEnd(ByteReader& r);

}  // namespace pdr
