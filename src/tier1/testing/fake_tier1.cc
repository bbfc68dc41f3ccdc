#include "tier1/testing/fake_tier1.h"

namespace pdr {
namespace {

using HookPointer = std::shared_ptr<FaultHook>;

// Runs `effect` as the hook wants it.
template <typename Effect>
auto Apply(FakeCluster& cluster, const HookPointer& hook, const std::string& name, Effect&& effect)
    -> decltype(effect()) {
  const std::lock_guard lock(cluster.mutex);
  const Fault fault = *hook ? (*hook)(name) : Fault{};
  if (!fault.before.ok()) return fault.before;
  auto result = effect();
  if (!fault.after.ok()) return fault.after;
  return result;
}

std::string Parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

int NewSession(FakeCluster& cluster) {
  const std::lock_guard lock(cluster.mutex);
  return cluster.next_session++;
}

class FakeMetadataStore : public MetadataStore {
 public:
  FakeMetadataStore(FakeCluster& cluster, HookPointer hook)
      : cluster_(cluster), hook_(std::move(hook)), session_(NewSession(cluster)) {}
  ~FakeMetadataStore() override {
    const std::lock_guard lock(cluster_.mutex);
    std::erase_if(cluster_.nodes, [&](const auto& n) {
      return n.second.node.ephemeral && n.second.session == session_;
    });
  }

  StatusOr<Node> Get(const std::string& path) override {
    const std::lock_guard lock(cluster_.mutex);
    RETURN_IF_ERROR(Alive());
    const auto it = cluster_.nodes.find(path);
    if (it == cluster_.nodes.end()) return NotFound("no node {}", path);
    return it->second.node;
  }

  StatusOr<std::vector<std::string>> Children(const std::string& path) override {
    const std::lock_guard lock(cluster_.mutex);
    RETURN_IF_ERROR(Alive());
    if (!path.empty() && path != "/" && !cluster_.nodes.contains(path)) {
      return NotFound("no node {}", path);
    }
    const std::string prefix = path == "/" ? path : path + "/";
    std::vector<std::string> children;
    for (auto it = cluster_.nodes.lower_bound(prefix); it != cluster_.nodes.end(); ++it) {
      if (!it->first.starts_with(prefix)) break;
      const std::string name = it->first.substr(prefix.size());
      if (name.find('/') == std::string::npos) children.push_back(name);
    }
    return children;
  }

  Status Create(const std::string& path, std::string_view data, bool ephemeral) override {
    return Apply(cluster_, hook_, "create " + path, [&]() -> Status {
      RETURN_IF_ERROR(Alive());
      if (cluster_.nodes.contains(path)) return AlreadyExists("node {} exists", path);
      MakeParents(path);
      cluster_.nodes[path] = {{std::string(data), 0, ephemeral}, session_, 0};
      return OkStatus();
    });
  }

  StatusOr<std::string> CreateSequential(const std::string& path) override {
    return Apply(cluster_, hook_, "create sequential " + path, [&]() -> StatusOr<std::string> {
      RETURN_IF_ERROR(Alive());
      MakeParents(path);
      const int64_t number = cluster_.nodes[Parent(path)].next_child++;
      const std::string full = fmt::format("{}{:010}", path, number);
      cluster_.nodes[full] = {{"", 0, true}, session_, 0};
      return full;
    });
  }

  StatusOr<int32_t> Set(const std::string& path, std::string_view data,
                        int32_t expected_version) override {
    return Apply(cluster_, hook_, "set " + path, [&]() -> StatusOr<int32_t> {
      RETURN_IF_ERROR(Alive());
      const auto it = cluster_.nodes.find(path);
      if (it == cluster_.nodes.end()) return NotFound("no node {}", path);
      Node& node = it->second.node;
      if (node.version != expected_version) {
        return Aborted("node {} has version {}, not {}", path, node.version, expected_version);
      }
      node.data = data;
      return ++node.version;
    });
  }

  Status Delete(const std::string& path, int32_t expected_version) override {
    return Apply(cluster_, hook_, "delete " + path, [&]() -> Status {
      RETURN_IF_ERROR(Alive());
      const auto it = cluster_.nodes.find(path);
      if (it == cluster_.nodes.end()) return NotFound("no node {}", path);
      if (expected_version != -1 && it->second.node.version != expected_version) {
        return Aborted("node {} has version {}", path, it->second.node.version);
      }
      if (!Children(path)->empty()) return FailedPrecondition("node {} has children", path);
      cluster_.nodes.erase(it);
      return OkStatus();
    });
  }

 private:
  Status Alive() const {
    return session_ >= cluster_.expired_below ? OkStatus() : Unavailable("the session has expired");
  }
  void MakeParents(const std::string& path) {
    for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
      cluster_.nodes.try_emplace(path.substr(0, at));
    }
  }

  FakeCluster& cluster_;
  HookPointer hook_;
  int session_;
};

class FakeLedgerWriter : public LedgerWriter {
 public:
  FakeLedgerWriter(FakeCluster& cluster, HookPointer hook, int64_t id)
      : cluster_(cluster), hook_(std::move(hook)), id_(id) {}

  int64_t id() const override { return id_; }
  Status Append(std::string_view entry) override {
    return Apply(cluster_, hook_, fmt::format("append to ledger {}", id_), [&]() -> Status {
      RETURN_IF_ERROR(CheckOpen());
      Ledger().entries.emplace_back(entry);
      return OkStatus();
    });
  }
  Status Flush() override {
    const std::lock_guard lock(cluster_.mutex);
    RETURN_IF_ERROR(CheckOpen());
    Ledger().acknowledged = static_cast<int64_t>(Ledger().entries.size()) - 1;
    return OkStatus();
  }
  Status Close() override {
    return Apply(cluster_, hook_, fmt::format("close ledger {}", id_), [&]() -> Status {
      RETURN_IF_ERROR(Flush());
      Ledger().closed = true;
      return OkStatus();
    });
  }

 private:
  FakeCluster::FakeLedger& Ledger() { return cluster_.ledgers.at(id_); }
  Status CheckOpen() {
    if (!cluster_.ledgers.contains(id_)) return NotFound("no ledger {}", id_);
    if (Ledger().closed) return FailedPrecondition("ledger {} is closed or fenced", id_);
    return OkStatus();
  }

  FakeCluster& cluster_;
  HookPointer hook_;
  int64_t id_;
};

class FakeLedgerReader : public LedgerReader {
 public:
  FakeLedgerReader(int64_t id, FakeCluster::FakeLedger ledger)
      : id_(id), ledger_(std::move(ledger)) {}

  int64_t id() const override { return id_; }
  int64_t last_confirmed() const override { return ledger_.acknowledged; }
  const std::map<std::string, std::string>& custom_metadata() const override {
    return ledger_.custom_metadata;
  }
  StatusOr<std::string> Read(int64_t entry) override {
    if (entry < 0 || entry > last_confirmed()) {
      return FailedPrecondition("ledger {} ends at entry {}", id_, last_confirmed());
    }
    return ledger_.entries[static_cast<size_t>(entry)];
  }

 private:
  int64_t id_;
  FakeCluster::FakeLedger ledger_;
};

class FakeLedgerStore : public LedgerStore {
 public:
  FakeLedgerStore(FakeCluster& cluster, HookPointer hook)
      : cluster_(cluster), hook_(std::move(hook)) {}

  StatusOr<std::unique_ptr<LedgerWriter>> Create(
      const std::map<std::string, std::string>& custom_metadata) override {
    return Apply(cluster_, hook_, "create ledger",
                 [&]() -> StatusOr<std::unique_ptr<LedgerWriter>> {
                   const int64_t id = cluster_.next_ledger_id++;
                   cluster_.ledgers[id].custom_metadata = custom_metadata;
                   return std::make_unique<FakeLedgerWriter>(cluster_, hook_, id);
                 });
  }
  StatusOr<std::unique_ptr<LedgerReader>> OpenFenced(int64_t id) override {
    return Apply(cluster_, hook_, fmt::format("fence ledger {}", id),
                 [&]() -> StatusOr<std::unique_ptr<LedgerReader>> {
                   const auto it = cluster_.ledgers.find(id);
                   if (it == cluster_.ledgers.end()) return NotFound("no ledger {}", id);
                   FakeCluster::FakeLedger& ledger = it->second;
                   ledger.closed = true;
                   ledger.acknowledged = static_cast<int64_t>(ledger.entries.size()) - 1;
                   return std::make_unique<FakeLedgerReader>(id, ledger);
                 });
  }
  StatusOr<std::unique_ptr<LedgerReader>> OpenReadOnly(int64_t id) override {
    const std::lock_guard lock(cluster_.mutex);
    const auto it = cluster_.ledgers.find(id);
    if (it == cluster_.ledgers.end()) return NotFound("no ledger {}", id);
    return std::make_unique<FakeLedgerReader>(id, it->second);
  }
  Status Delete(int64_t id) override {
    return Apply(cluster_, hook_, fmt::format("delete ledger {}", id), [&]() -> Status {
      cluster_.ledgers.erase(id);
      return OkStatus();
    });
  }
  StatusOr<std::vector<int64_t>> List() override {
    const std::lock_guard lock(cluster_.mutex);
    std::vector<int64_t> ids;
    for (const auto& [id, ledger] : cluster_.ledgers) ids.push_back(id);
    return ids;
  }

 private:
  FakeCluster& cluster_;
  HookPointer hook_;
};

}  // namespace

Fault FaultAt::operator()(std::string_view effect) {
  if (++effects_ != hit_) return {};
  effect_ = effect;
  switch (mode_) {
    case kFail:
      return {Unavailable("injected before: {}", effect), OkStatus()};
    case kLoseReply:
      return {OkStatus(), Unavailable("injected after: {}", effect)};
    case kKill:
      throw Killed{};
  }
  return {};
}

void FakeCluster::ExpireSessions() {
  const std::lock_guard lock(mutex);
  expired_below = next_session;
  std::erase_if(nodes, [&](const auto& n) { return n.second.node.ephemeral; });
}

Tier1 FakeCluster::Open(FaultHook hook, const Tier1Config& config) {
  auto shared = std::make_shared<FaultHook>(std::move(hook));
  Tier1 tier1;
  tier1.config = config;
  tier1.metadata = std::make_unique<FakeMetadataStore>(*this, shared);
  tier1.ledgers = std::make_unique<FakeLedgerStore>(*this, shared);
  return tier1;
}

}  // namespace pdr
