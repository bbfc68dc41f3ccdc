#include "tier1/bookkeeper/replica_reads.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "tier1/bookkeeper/quorum.h"

namespace pdr {
namespace {

// A replica that takes longer than this gets competition.
constexpr std::chrono::milliseconds kSlow(2000);

struct Answer {
  size_t index = 0;
  StatusOr<proto::Response> response;
};

// Answers from several bookies, in the order in which they come. Every request is answered in the
// end, as it has a time limit, so waiting for one that is under way is bounded.
class Answers : public std::enable_shared_from_this<Answers> {
 public:
  void Ask(const LedgerAccess& ledger, const std::string& bookie, size_t index, BookieCall call) {
    ++under_way_;
    ledger.Send(bookie, std::move(call),
                [self = shared_from_this(), index](StatusOr<proto::Response> response) {
                  std::lock_guard lock(self->mutex_);
                  self->answers_.push_back({index, std::move(response)});
                  self->changed_.notify_one();
                });
  }
  size_t under_way() const { return under_way_; }

  Answer Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !answers_.empty(); });
    return Pop();
  }
  std::optional<Answer> NextWithin(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return !answers_.empty(); })) return std::nullopt;
    return Pop();
  }

 private:
  Answer Pop() {
    Answer answer = std::move(answers_.front());
    answers_.pop_front();
    --under_way_;
    return answer;
  }

  size_t under_way_ = 0;  // of the asking thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Answer> answers_;
};

BookieCall ReadCall(const LedgerAccess& ledger, int64_t entry, bool fence) {
  proto::Request request;
  auto* read = request.mutable_read();
  read->set_ledger_id(ledger.id);
  read->set_entry_id(entry);
  if (fence) {
    read->set_master_key(ledger.master_key);
    read->set_flag(kFenceLedgerFlag);
  }
  BookieCall call;
  call.operation = BookieOperation::kReadEntry;
  call.body = std::make_shared<const std::string>(EncodeRequestBody(request));
  call.timeout_ms = ledger.cluster->config.read_timeout_ms;
  return call;
}

BookieCall ReadLacCall(const LedgerAccess& ledger) {
  proto::Request request;
  request.mutable_read_lac()->set_ledger_id(ledger.id);
  BookieCall call;
  call.operation = BookieOperation::kReadLac;
  call.body = std::make_shared<const std::string>(EncodeRequestBody(request));
  call.timeout_ms = ledger.cluster->config.read_timeout_ms;
  return call;
}

// NotFound: the bookie does not have it. Everything else that is not OK leaves the question open.
Status CodeToStatus(int32_t code, std::string_view what) {
  switch (static_cast<BookieCode>(code)) {
    case BookieCode::kOk:
      return OkStatus();
    case BookieCode::kNoEntry:
    case BookieCode::kNoLedger:
      return NotFound("{}: {}", what, BookieCodeName(code));
    case BookieCode::kUnauthorized:
      return PermissionDenied(
          "{}: the bookie refuses access (wrong password, or it demands an authentication that "
          "this program does not have)",
          what);
    default:
      return Unavailable("{}: {}", what, BookieCodeName(code));
  }
}

std::string What(const LedgerAccess& ledger, const std::string& bookie, int64_t entry) {
  return fmt::format("ledger {} entry {} on bookie {}", ledger.id, entry, bookie);
}

StatusOr<StoredEntry> DecodeRead(const LedgerAccess& ledger, const std::string& bookie,
                                 int64_t entry, const StatusOr<proto::Response>& response) {
  RETURN_IF_ERROR(response.status());
  std::string what = What(ledger, bookie, entry);
  RETURN_IF_ERROR(CodeToStatus(ResponseCode(*response), what));
  if (!response->has_read()) return DataLoss("{}: an answer without an entry", what);
  StatusOr<BookieEntry> decoded = ledger.codec.Decode(response->read().body(), entry);
  if (!decoded.ok()) return Annotate(decoded.status(), what);
  return StoredEntry{decoded->last_confirmed, decoded->length, std::string(decoded->payload)};
}

// What a bookie knows to be confirmed; -1 if it has nothing of the ledger.
StatusOr<int64_t> DecodeLastConfirmed(const LedgerAccess& ledger, const std::string& bookie,
                                      const StatusOr<proto::Response>& response) {
  RETURN_IF_ERROR(response.status());
  std::string what = fmt::format("ledger {} on bookie {}", ledger.id, bookie);
  Status code = CodeToStatus(ResponseCode(*response), what);
  if (code.code() == StatusCode::kNotFound) return -1;
  RETURN_IF_ERROR(code);
  int64_t last_confirmed = -1;
  const std::string* body = nullptr;
  if (response->has_read()) {
    body = &response->read().body();
  } else if (response->has_read_lac()) {
    const auto& lac = response->read_lac();
    if (lac.has_last_entry_body()) body = &lac.last_entry_body();
    if (lac.has_lac_body()) {
      ASSIGN_OR_RETURN(last_confirmed, ledger.codec.DecodeLastConfirmed(lac.lac_body()));
    }
  } else {
    return DataLoss("{}: an answer without an entry", what);
  }
  if (body == nullptr) return last_confirmed;
  StatusOr<BookieEntry> entry = ledger.codec.Decode(*body);
  if (!entry.ok()) return Annotate(entry.status(), what);
  return std::max(last_confirmed, entry->last_confirmed);
}

class Failures {
 public:
  void Add(const Status& status) {
    unavailable_ |=
        status.code() != StatusCode::kNotFound && status.code() != StatusCode::kDataLoss;
    messages_.emplace_back(Message(status));
  }
  // DataLoss if every bookie has spoken and none has it intact.
  Status Summary(std::string_view what) const {
    std::string all = fmt::format("{}", fmt::join(messages_, "; "));
    if (unavailable_) return Unavailable("{}: {}", what, all);
    return DataLoss("{}: {}", what, all);
  }

 private:
  bool unavailable_ = false;
  std::vector<std::string> messages_;
};

}  // namespace

StatusOr<StoredEntry> ReadEntry(const LedgerAccess& ledger, const std::vector<std::string>& bookies,
                                int64_t entry, std::set<std::string>& avoid) {
  std::vector<size_t> order;
  order.reserve(ledger.write_quorum);
  for (size_t copy = 0; copy < ledger.write_quorum; ++copy) {
    order.push_back(ReplicaIndex(entry, copy, bookies.size()));
  }
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t index) { return !avoid.contains(bookies[index]); });
  auto answers = std::make_shared<Answers>();
  Failures failures;
  for (size_t asked = 0; asked < order.size() || answers->under_way() > 0;) {
    std::optional<Answer> answer;
    if (asked < order.size()) {
      const std::string& bookie = bookies[order[asked]];
      answers->Ask(ledger, bookie, order[asked++], ReadCall(ledger, entry, /*fence=*/false));
      answer = answers->NextWithin(kSlow);
      if (!answer) {
        avoid.insert(bookie);
        continue;
      }
    } else {
      answer = answers->Next();
    }
    const std::string& bookie = bookies[answer->index];
    StatusOr<StoredEntry> stored = DecodeRead(ledger, bookie, entry, answer->response);
    if (stored.ok()) return stored;
    avoid.insert(bookie);
    failures.Add(stored.status());
  }
  return failures.Summary(fmt::format("ledger {} entry {} cannot be read", ledger.id, entry));
}

StatusOr<std::optional<StoredEntry>> ReadEntryForRecovery(const LedgerAccess& ledger,
                                                          const std::vector<std::string>& bookies,
                                                          int64_t entry) {
  auto answers = std::make_shared<Answers>();
  BookieCall call = ReadCall(ledger, entry, /*fence=*/true);
  call.priority = kHighPriority;
  for (size_t copy = 0; copy < ledger.write_quorum; ++copy) {
    size_t index = ReplicaIndex(entry, copy, bookies.size());
    answers->Ask(ledger, bookies[index], index, call);
  }
  size_t missing = 0;
  Failures failures;
  while (answers->under_way() > 0) {
    Answer answer = answers->Next();
    StatusOr<StoredEntry> stored =
        DecodeRead(ledger, bookies[answer.index], entry, answer.response);
    if (stored.ok()) return std::optional(std::move(*stored));
    if (stored.status().code() == StatusCode::kPermissionDenied) return stored.status();
    failures.Add(stored.status());
    if (stored.status().code() != StatusCode::kNotFound) continue;
    if (++missing > ledger.write_quorum - ledger.ack_quorum) return std::optional<StoredEntry>();
  }
  return Annotate(failures.Summary(fmt::format("ledger {} entry {}", ledger.id, entry)),
                  "cannot tell whether the entry was acknowledged; start the bookies and retry");
}

StatusOr<int64_t> ReadLastConfirmed(const LedgerAccess& ledger,
                                    const std::vector<std::string>& bookies, bool fence) {
  auto answers = std::make_shared<Answers>();
  BookieCall call = fence ? ReadCall(ledger, -1, true) : ReadLacCall(ledger);
  for (size_t i = 0; i < bookies.size(); ++i) answers->Ask(ledger, bookies[i], i, call);
  std::vector<bool> answered(bookies.size(), false);
  int64_t last_confirmed = -1;
  Failures failures;
  while (answers->under_way() > 0) {
    Answer answer = answers->Next();
    StatusOr<int64_t> known = DecodeLastConfirmed(ledger, bookies[answer.index], answer.response);
    if (known.status().code() == StatusCode::kPermissionDenied) return known.status();
    if (!known.ok()) {
      failures.Add(known.status());
      continue;
    }
    answered[answer.index] = true;
    last_confirmed = std::max(last_confirmed, *known);
    if (Covered(answered, ledger.write_quorum, ledger.ack_quorum)) return last_confirmed;
  }
  return failures.Summary(fmt::format(
      "ledger {}: not enough bookies of its ensemble answered; start them and retry", ledger.id));
}

}  // namespace pdr
