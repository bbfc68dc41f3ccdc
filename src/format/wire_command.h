// The commands between a client and a segment store that ask for a segment's state, and the answers
// to them. docs/formats/segment-store-wire.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.h"

namespace pdr {

inline constexpr size_t kWireHeaderBytes = 8;          // type and length
inline constexpr size_t kMaxWireCommand = 0x00ffffff;  // both sides' limit, header not counted

// Versions of the protocol: the newest this program knows, and the oldest that stores from 0.9 on
// still speak. The commands below are the same in all of them.
inline constexpr int32_t kWireVersion = 16;
inline constexpr int32_t kOldestWireVersion = 5;

enum class WireType : int32_t {
  kHello = -127,
  kGetStreamSegmentInfo = 11,
  kStreamSegmentInfo = 12,
  kWrongHost = 50,
  kNoSuchSegment = 53,
  kOperationUnsupported = 57,
  kAuthTokenCheckFailed = 60,
  kErrorMessage = 61,
  kGetTableSegmentInfo = 68,
  kTableSegmentInfo = 69,
  kKeepAlive = 100,
};

struct WireHello {
  int32_t high_version = kWireVersion;
  int32_t low_version = kOldestWireVersion;
  bool operator==(const WireHello&) const = default;
};

struct WireKeepAlive {
  bool operator==(const WireKeepAlive&) const = default;
};

struct WireSegmentInfo {
  bool exists = false;
  bool sealed = false;
  bool deleted = false;
  int64_t length = 0;
  int64_t start_offset = 0;
  bool operator==(const WireSegmentInfo&) const = default;
};

struct WireTableInfo {
  int64_t start_offset = 0;
  int64_t length = 0;
  int64_t entries = 0;
  int32_t key_length = 0;  // 0: keys of any length
  bool operator==(const WireTableInfo&) const = default;
};

// An answer that is a refusal. `text` is for people and may be empty.
struct WireRefusal {
  WireType type = WireType::kErrorMessage;
  std::string text;
  bool operator==(const WireRefusal&) const = default;
};

struct WireReply {
  int64_t request_id = 0;  // 0 for hello and keep-alive
  std::string segment;     // where the answer names one
  std::variant<WireHello, WireKeepAlive, WireSegmentInfo, WireTableInfo, WireRefusal> body;
};

std::string EncodeHello(const WireHello& hello);
// `type` is kGetStreamSegmentInfo or kGetTableSegmentInfo. Without a delegation token: a store that
// wants one answers kAuthTokenCheckFailed.
std::string EncodeInfoRequest(WireType type, int64_t request_id, std::string_view segment);

struct WireHeader {
  int32_t type = 0;
  size_t length = 0;  // of what follows
};
// `bytes` are kWireHeaderBytes. DataLoss for a length that no store would send.
StatusOr<WireHeader> DecodeWireHeader(std::string_view bytes);
// What follows a header. DataLoss when it does not parse, Unimplemented for a type that is no
// answer to the requests above.
StatusOr<WireReply> DecodeWireReply(int32_t type, std::string_view body);

std::string_view WireTypeName(WireType type);

}  // namespace pdr
