#include "tier1/testing/fake_bookie.h"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <set>
#include <utility>

#include "base/bytes.h"

namespace pdr {
namespace {

using asio::ip::tcp;

int32_t Number(BookieCode code) { return static_cast<int32_t>(code); }

}  // namespace

struct FakeBookie::Server {
  asio::io_context io;
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::set<std::shared_ptr<Session>> sessions;  // of the thread
  std::thread thread;

  void Accept(FakeBookie* bookie);
};

struct FakeBookie::Session : std::enable_shared_from_this<FakeBookie::Session> {
  Session(FakeBookie* b, tcp::socket s) : bookie(b), socket(std::move(s)) {}

  FakeBookie* bookie;
  tcp::socket socket;
  std::string input;
  std::string output;

  void Close() {
    asio::error_code ignored;
    socket.close(ignored);
  }
  void Read() {
    input.resize(kBookieFramePrefix);
    asio::async_read(socket, asio::buffer(input),
                     [this, self = shared_from_this()](const asio::error_code& error, size_t) {
                       if (!error) ReadBody();
                     });
  }
  void ReadBody() {
    input.resize(DecodeFrameLength(input).value());
    asio::async_read(socket, asio::buffer(input),
                     [this, self = shared_from_this()](const asio::error_code& error, size_t) {
                       if (!error) Serve();
                     });
  }
  void Serve() {
    proto::Request request;
    request.ParseFromString(input);
    bool hang_up = false;
    std::optional<std::string> answer = bookie->Answer(request, hang_up);
    if (hang_up) return Close();
    if (!answer) return Read();
    output = std::move(*answer);
    asio::async_write(socket, asio::buffer(output),
                      [this, self = shared_from_this()](const asio::error_code& error, size_t) {
                        if (!error) Read();
                      });
  }
};

void FakeBookie::Server::Accept(FakeBookie* bookie) {
  acceptor.async_accept([this, bookie](const asio::error_code& error, tcp::socket socket) {
    if (error) return;
    auto session = std::make_shared<Session>(bookie, std::move(socket));
    sessions.insert(session);
    session->Read();
    Accept(bookie);
  });
}

FakeBookie::FakeBookie() : server_(std::make_unique<Server>()) {
  address_ = {"127.0.0.1", server_->acceptor.local_endpoint().port()};
  server_->Accept(this);
  server_->thread = std::thread([this] { server_->io.run(); });
}

FakeBookie::~FakeBookie() { Die(); }

void FakeBookie::Die() {
  if (!server_->thread.joinable()) return;
  asio::post(server_->io, [this] {
    asio::error_code ignored;
    server_->acceptor.close(ignored);
    for (const auto& session : server_->sessions) session->Close();
    server_->sessions.clear();
  });
  server_->thread.join();
}

void FakeBookie::Obey(Script script) {
  std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

std::vector<int64_t> FakeBookie::Entries(int64_t ledger) {
  std::lock_guard lock(mutex_);
  std::vector<int64_t> ids;
  for (const auto& [entry, body] : ledgers_[ledger].entries) ids.push_back(entry);
  return ids;
}

std::optional<std::string> FakeBookie::Stored(int64_t ledger, int64_t entry) {
  std::lock_guard lock(mutex_);
  const auto& entries = ledgers_[ledger].entries;
  auto found = entries.find(entry);
  return found == entries.end() ? std::nullopt : std::optional(found->second);
}

void FakeBookie::Store(int64_t ledger, int64_t entry, std::optional<std::string> body) {
  std::lock_guard lock(mutex_);
  ledgers_[ledger].entries.erase(entry);
  if (body) ledgers_[ledger].entries[entry] = *body;
}

void FakeBookie::Fence(int64_t ledger) {
  std::lock_guard lock(mutex_);
  ledgers_[ledger].fenced = true;
}

bool FakeBookie::fenced(int64_t ledger) {
  std::lock_guard lock(mutex_);
  return ledgers_[ledger].fenced;
}

int FakeBookie::requests(BookieOperation operation) {
  std::lock_guard lock(mutex_);
  return requests_[static_cast<int32_t>(operation)];
}

int32_t FakeBookie::Add(const proto::AddRequest& add) {
  Ledger& ledger = ledgers_[add.ledger_id()];
  if (ledger.master_key.empty()) ledger.master_key = add.master_key();
  if (ledger.master_key != add.master_key()) return Number(BookieCode::kUnauthorized);
  if (ledger.fenced && add.flag() != kRecoveryAddFlag) return Number(BookieCode::kFenced);
  ledger.entries[add.entry_id()] = add.body();
  return 0;
}

int32_t FakeBookie::Read(const proto::ReadRequest& read, std::string& body) {
  auto found = ledgers_.find(read.ledger_id());
  if (read.flag() == kFenceLedgerFlag) {
    ledgers_[read.ledger_id()].fenced = true;
    found = ledgers_.find(read.ledger_id());
  } else if (found == ledgers_.end()) {
    return Number(BookieCode::kNoLedger);
  }
  const auto& entries = found->second.entries;
  auto entry = read.entry_id() < 0 && !entries.empty() ? std::prev(entries.end())
                                                       : entries.find(read.entry_id());
  if (entry == entries.end()) return Number(BookieCode::kNoEntry);
  body = entry->second;
  return 0;
}

int32_t FakeBookie::ReadLac(int64_t ledger, std::string& body) {
  auto found = ledgers_.find(ledger);
  if (found == ledgers_.end()) return Number(BookieCode::kNoLedger);
  if (found->second.entries.empty()) return Number(BookieCode::kNoEntry);
  body = found->second.entries.rbegin()->second;
  return 0;
}

std::optional<std::string> FakeBookie::Answer(const proto::Request& request, bool& hang_up) {
  std::lock_guard lock(mutex_);
  ++requests_[request.header().operation()];
  FakeReply reply = script_ ? script_(request) : FakeReply{};
  hang_up = reply.kind == FakeReply::kHangUp;
  if (hang_up || reply.kind == FakeReply::kIgnore) return std::nullopt;
  if (reply.kind == FakeReply::kRaw) return reply.raw;

  proto::Response response;
  *response.mutable_header() = request.header();
  int32_t code = Number(reply.code);
  bool serve = reply.kind == FakeReply::kServe;
  std::string body;
  if (request.has_add()) {
    if (serve) code = Add(request.add());
    response.mutable_add()->set_status(code);
    response.mutable_add()->set_ledger_id(request.add().ledger_id());
    response.mutable_add()->set_entry_id(request.add().entry_id());
  } else if (request.has_read()) {
    if (serve) code = Read(request.read(), body);
    response.mutable_read()->set_status(code);
    response.mutable_read()->set_ledger_id(request.read().ledger_id());
    response.mutable_read()->set_entry_id(request.read().entry_id());
    if (code == 0) response.mutable_read()->set_body(body);
  } else if (request.has_info()) {
    response.mutable_info()->set_status(code);
    if (serve) response.mutable_info()->set_free_disk(free_bytes);
  } else {
    if (serve) code = ReadLac(request.read_lac().ledger_id(), body);
    response.mutable_read_lac()->set_status(code);
    response.mutable_read_lac()->set_ledger_id(request.read_lac().ledger_id());
    if (code == 0) response.mutable_read_lac()->set_last_entry_body(body);
  }
  response.set_status(code);
  std::string frame = response.SerializeAsString();
  return ByteWriter().U32(frame.size()).Put(frame).Take();
}

}  // namespace pdr
