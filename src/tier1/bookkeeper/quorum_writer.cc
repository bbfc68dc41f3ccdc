#include "tier1/bookkeeper/quorum_writer.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "tier1/bookkeeper/quorum.h"

namespace pdr {
namespace {

// Bounds of what is under way: entries that wait for their acknowledgement, and bytes of requests
// that wait for an answer (a slow bookie may still owe answers for acknowledged entries).
constexpr size_t kMaxEntries = 512;
constexpr size_t kMaxBytes = 128 << 20;
constexpr size_t kRequestOverhead = 128;  // header, ids and key around an entry's body

}  // namespace

struct QuorumWriter::Entry {
  int64_t id;
  int64_t length;  // of everything up to it
  std::shared_ptr<const std::string> request;
  std::vector<bool> acknowledged;  // by ensemble index
};

struct QuorumWriter::State {
  struct Slot {
    std::string bookie;
    int generation = 0;  // answers to what was sent to a replaced bookie do not count
    std::optional<Status> failure;
  };

  void OnAnswer(int64_t id, size_t index, int generation, size_t size,
                const StatusOr<proto::Response>& response);
  void Judge(int64_t id, size_t index, const StatusOr<proto::Response>& response);
  void Confirm();  // acknowledges from the front

  mutable std::mutex mutex;
  std::condition_variable changed;
  int64_t ledger_id = -1;
  size_t ack_quorum = 0;
  std::vector<Slot> slots;
  std::deque<Entry> pending;
  int64_t last_confirmed = -1;
  int64_t confirmed_length = 0;
  size_t bytes = 0;
  bool changing = false;  // the ensemble; the last confirmed entry must not move meanwhile
  Status fatal;

  bool failed() const {
    for (const Slot& slot : slots) {
      if (slot.failure) return true;
    }
    return false;
  }
};

void QuorumWriter::State::Confirm() {
  while (!changing && !pending.empty()) {
    size_t count = 0;
    for (bool by : pending.front().acknowledged) count += by ? 1 : 0;
    if (count < ack_quorum) break;
    last_confirmed = pending.front().id;
    confirmed_length = pending.front().length;
    pending.pop_front();
  }
}

void QuorumWriter::State::Judge(int64_t id, size_t index,
                                const StatusOr<proto::Response>& response) {
  Slot& slot = slots[index];
  if (!response.ok()) {
    slot.failure = response.status();
    return;
  }
  int32_t code = ResponseCode(*response);
  if (code == static_cast<int32_t>(BookieCode::kFenced)) {
    fatal = FailedPrecondition("ledger {} was fenced: another client has taken it over", ledger_id);
  } else if (code == static_cast<int32_t>(BookieCode::kUnauthorized)) {
    fatal = PermissionDenied(
        "bookie {} refuses entries of ledger {} (wrong password, or it demands an authentication "
        "that this program does not have)",
        slot.bookie, ledger_id);
  } else if (code != static_cast<int32_t>(BookieCode::kOk)) {
    slot.failure = Unavailable("bookie {}: {}", slot.bookie, BookieCodeName(code));
  } else if (!response->has_add() || response->add().ledger_id() != ledger_id ||
             response->add().entry_id() != id) {
    slot.failure = DataLoss("bookie {} acknowledged something else", slot.bookie);
  } else if (!pending.empty() && id >= pending.front().id) {
    pending[static_cast<size_t>(id - pending.front().id)].acknowledged[index] = true;
    Confirm();
  }
}

void QuorumWriter::State::OnAnswer(int64_t id, size_t index, int generation, size_t size,
                                   const StatusOr<proto::Response>& response) {
  std::lock_guard lock(mutex);
  bytes -= size;
  if (generation == slots[index].generation) Judge(id, index, response);
  changed.notify_all();
}

QuorumWriter::QuorumWriter(LedgerAccess ledger, const Start& start, EnsembleChange change)
    : ledger_(std::move(ledger)),
      recovery_(start.recovery),
      change_(std::move(change)),
      next_entry_(start.last_confirmed + 1),
      length_(start.length),
      state_(std::make_shared<State>()) {
  state_->ledger_id = ledger_.id;
  state_->ack_quorum = ledger_.ack_quorum;
  state_->last_confirmed = start.last_confirmed;
  state_->confirmed_length = start.length;
  for (const std::string& bookie : start.bookies) state_->slots.push_back({bookie, 0, {}});
}

int64_t QuorumWriter::last_confirmed() const {
  std::lock_guard lock(state_->mutex);
  return state_->last_confirmed;
}

int64_t QuorumWriter::confirmed_length() const {
  std::lock_guard lock(state_->mutex);
  return state_->confirmed_length;
}

Status QuorumWriter::Drive(const std::function<bool(const State&)>& enough) {
  for (;;) {
    {
      std::unique_lock lock(state_->mutex);
      state_->changed.wait(
          lock, [&] { return !state_->fatal.ok() || state_->failed() || enough(*state_); });
      if (!state_->fatal.ok()) return state_->fatal;
      if (!state_->failed()) return OkStatus();
      if (state_->pending.empty() && enough(*state_)) return OkStatus();
    }
    RETURN_IF_ERROR(ReplaceFailed());
  }
}

Status QuorumWriter::Append(std::string_view payload) {
  if (payload.size() > kMaxBookieFrame - kRequestOverhead) {
    return InvalidArgument("an entry of {} bytes; bookies take frames of up to {}", payload.size(),
                           kMaxBookieFrame);
  }
  RETURN_IF_ERROR(Drive([](const State& state) {
    return state.pending.size() < kMaxEntries && state.bytes < kMaxBytes;
  }));
  RETURN_IF_ERROR(ReplaceFailed());  // one that failed after its entries were acknowledged
  std::unique_lock lock(state_->mutex);
  length_ += static_cast<int64_t>(payload.size());
  proto::AddRequest add;
  add.set_ledger_id(ledger_.id);
  add.set_entry_id(next_entry_);
  add.set_master_key(ledger_.master_key);
  if (recovery_) add.set_flag(kRecoveryAddFlag);
  const std::string head =
      ledger_.codec.EncodeHead({next_entry_, state_->last_confirmed, length_, payload});
  state_->pending.push_back({next_entry_, length_,
                             std::make_shared<const std::string>(EncodeAddBody(add, head, payload)),
                             std::vector<bool>(state_->slots.size(), false)});
  const Entry entry = state_->pending.back();
  lock.unlock();
  for (size_t copy = 0; copy < ledger_.write_quorum; ++copy) {
    Send(entry, ReplicaIndex(entry.id, copy, entry.acknowledged.size()));
  }
  ++next_entry_;
  return OkStatus();
}

Status QuorumWriter::Flush() {
  return Drive([](const State& state) { return state.pending.empty(); });
}

void QuorumWriter::Send(const Entry& entry, size_t index) {
  BookieCall call;
  call.operation = BookieOperation::kAddEntry;
  call.priority = recovery_ ? kHighPriority : kNormalPriority;
  call.body = entry.request;
  call.timeout_ms = ledger_.cluster->config.write_timeout_ms;
  size_t bytes = entry.request->size();
  std::string bookie;
  int generation = 0;
  {
    std::lock_guard lock(state_->mutex);
    state_->bytes += bytes;
    bookie = state_->slots[index].bookie;
    generation = state_->slots[index].generation;
  }
  // The state outlives this object, which may be dropped with requests under way.
  ledger_.Send(bookie, std::move(call),
               [state = state_, id = entry.id, index, generation,
                bytes](const StatusOr<proto::Response>& response) {
                 state->OnAnswer(id, index, generation, bytes, response);
               });
}

Status QuorumWriter::ReplaceFailed() {
  std::vector<std::string> bookies;
  std::vector<size_t> failed;
  int64_t first_entry = 0;
  std::string reasons;
  {
    std::lock_guard lock(state_->mutex);
    for (const State::Slot& slot : state_->slots) {
      if (slot.failure) {
        failed.push_back(bookies.size());
        bad_.insert(slot.bookie);
        reasons.append(reasons.empty() ? "" : "; ").append(Message(*slot.failure));
      }
      bookies.push_back(slot.bookie);
    }
    if (failed.empty()) return OkStatus();
    state_->changing = true;
    first_entry = state_->last_confirmed + 1;
  }
  Status changed = ChangeEnsemble(first_entry, failed, bookies);
  std::vector<Entry> again;
  {
    std::lock_guard lock(state_->mutex);
    state_->changing = false;
    if (!changed.ok()) {
      state_->fatal = Annotate(changed, fmt::format("ledger {}: {}", ledger_.id, reasons));
      return state_->fatal;
    }
    for (size_t index : failed) {
      State::Slot& slot = state_->slots[index];
      slot = {bookies[index], slot.generation + 1, std::nullopt};
      for (Entry& entry : state_->pending) entry.acknowledged[index] = false;
    }
    again.assign(state_->pending.begin(), state_->pending.end());
    state_->Confirm();
  }
  SendAgain(again, failed);
  return OkStatus();
}

Status QuorumWriter::ChangeEnsemble(int64_t first_entry, const std::vector<size_t>& failed,
                                    std::vector<std::string>& bookies) {
  std::set<std::string> taken(bookies.begin(), bookies.end());
  taken.insert(bad_.begin(), bad_.end());
  ASSIGN_OR_RETURN(std::vector<std::string> fresh,
                   ledger_.cluster->directory.Pick(failed.size(), taken));
  for (size_t i = 0; i < failed.size(); ++i) bookies[failed[i]] = fresh[i];
  return change_(first_entry, bookies);
}

void QuorumWriter::SendAgain(const std::vector<Entry>& entries,
                             const std::vector<size_t>& indexes) {
  for (const Entry& entry : entries) {
    for (size_t index : indexes) {
      if (HoldsEntry(entry.id, index, ledger_.write_quorum, entry.acknowledged.size())) {
        Send(entry, index);
      }
    }
  }
}

}  // namespace pdr
