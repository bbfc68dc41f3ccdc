// Frames between a client and a bookie. docs/formats/bookkeeper-wire.md sections 1, 2 and 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "proto/bookie.pb.h"

namespace pdr {

constexpr size_t kMaxBookieFrame = 5 << 20;  // both sides' default; the 4-byte length not counted
constexpr size_t kBookieFramePrefix = 4;

enum class BookieOperation : int32_t { kReadEntry = 1, kAddEntry = 2, kReadLac = 7, kInfo = 8 };

enum class BookieCode : int32_t {
  kOk = 0,
  kNoLedger = 402,
  kNoEntry = 403,
  kBadRequest = 404,
  kIo = 501,
  kUnauthorized = 502,
  kBadVersion = 503,
  kFenced = 504,
  kReadOnly = 505,
  kTooManyRequests = 506,
  kUnknownLedgerState = 507,
};
std::string BookieCodeName(int32_t code);

constexpr int32_t kRecoveryAddFlag = 1;
constexpr int32_t kFenceLedgerFlag = 1;
constexpr int64_t kFreeDiskFlag = 2;  // of an information request
constexpr uint32_t kNormalPriority = 0;
constexpr uint32_t kHighPriority = 100;  // of recovery reads and adds

// A request without its header: the same bytes go to every bookie of a write set.
std::string EncodeRequestBody(const proto::Request& request);
// The same of an add request without its body, which is `head` and `payload`: the payload is copied
// once, straight to its place.
std::string EncodeAddBody(proto::AddRequest add, std::string_view head, std::string_view payload);
// The length prefix and the header that, put before a request body, make it a frame.
std::string EncodeRequestHead(BookieOperation operation, uint64_t txn_id, uint32_t priority,
                              size_t body_size);
// The length in a frame's prefix; DataLoss if no bookie would send it.
StatusOr<size_t> DecodeFrameLength(std::string_view prefix);
// A frame without its prefix. DataLoss if it is not a response in protocol version 3.
StatusOr<proto::Response> DecodeResponse(std::string_view frame);
// The first failure of the response and of the answer to the operation inside it, or 0.
int32_t ResponseCode(const proto::Response& response);

}  // namespace pdr
