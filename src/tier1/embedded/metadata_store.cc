#include "tier1/embedded/metadata_store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "tier1/embedded/files.h"
#include "tier1/embedded/node_record.h"

namespace pdr::embedded {
namespace {

constexpr const char* kNodeFile = ".node";

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Status CheckPath(const std::string& path) {
  if (path.size() >= 2 && path[0] == '/' && path.back() != '/' &&
      path.find("//") == std::string::npos) {
    return OkStatus();
  }
  return InvalidArgument("node path '{}'", path);
}

class DirectoryMetadataStore : public MetadataStore {
 public:
  explicit DirectoryMetadataStore(std::string root) : root_(std::move(root)) {}

  ~DirectoryMetadataStore() override {
    if (!session_.valid()) return;
    const auto guard = LockStore(true);
    if (!guard.ok()) return;
    bool clean = true;
    for (const std::string& path : ephemeral_) clean = RemoveNode(path).ok() && clean;
    // A number may be used again only when no node carries it any more.
    if (clean) Remove(SessionPath(session_id_)).IgnoreError();
  }

  StatusOr<Node> Get(const std::string& path) override {
    ASSIGN_OR_RETURN(const auto guard, LockStore(false));
    ASSIGN_OR_RETURN(NodeRecord record, Load(path));
    return Node{std::move(record.data), record.version, record.session != 0};
  }

  StatusOr<std::vector<std::string>> Children(const std::string& path) override {
    ASSIGN_OR_RETURN(const auto guard, LockStore(false));
    if (path != "/") RETURN_IF_ERROR(Load(path).status());
    return ChildrenOf(path == "/" ? "" : path);
  }

  Status Create(const std::string& path, std::string_view data, bool ephemeral) override {
    ASSIGN_OR_RETURN(const auto guard, LockStore(true));
    Status present = Load(path).status();
    if (present.ok()) return AlreadyExists("node {} exists", path);
    if (present.code() != StatusCode::kNotFound) return present;
    RETURN_IF_ERROR(MakeParents(path));
    return CreateNode(path, data, ephemeral);
  }

  StatusOr<std::string> CreateSequential(const std::string& path) override {
    ASSIGN_OR_RETURN(const auto guard, LockStore(true));
    RETURN_IF_ERROR(CheckPath(path));
    RETURN_IF_ERROR(MakeParents(path));
    const std::string parent = ParentOf(path);
    if (parent.empty()) return InvalidArgument("no sequential nodes below the root");
    ASSIGN_OR_RETURN(NodeRecord record, Load(parent));
    std::string full = fmt::format("{}{:010}", path, record.next_child++);
    RETURN_IF_ERROR(Save(parent, record));  // first: a number is never given out twice
    RETURN_IF_ERROR(CreateNode(full, "", true));
    return full;
  }

  StatusOr<int32_t> Set(const std::string& path, std::string_view data,
                        int32_t expected_version) override {
    ASSIGN_OR_RETURN(const auto guard, LockStore(true));
    ASSIGN_OR_RETURN(NodeRecord record, Load(path));
    if (record.version != expected_version) {
      return Aborted("node {} has version {}, not {}", path, record.version, expected_version);
    }
    record.data = data;
    ++record.version;
    RETURN_IF_ERROR(Save(path, record));
    return record.version;
  }

  Status Delete(const std::string& path, int32_t expected_version) override {
    ASSIGN_OR_RETURN(const auto guard, LockStore(true));
    ASSIGN_OR_RETURN(const NodeRecord record, Load(path));
    if (expected_version != -1 && record.version != expected_version) {
      return Aborted("node {} has version {}, not {}", path, record.version, expected_version);
    }
    ASSIGN_OR_RETURN(const auto children, ChildrenOf(path));
    if (!children.empty()) return FailedPrecondition("node {} has children", path);
    ephemeral_.erase(path);
    return RemoveNode(path);
  }

 private:
  struct Guard {
    std::unique_lock<std::mutex> threads;
    File processes;
  };

  // flock(2) excludes other processes, the mutex other threads on this store.
  StatusOr<Guard> LockStore(bool write) {
    Guard guard{std::unique_lock(mutex_), File()};
    if (write && !prepared_) {
      RETURN_IF_ERROR(MakeDirectories(root_ + "/nodes"));
      RETURN_IF_ERROR(MakeDirectory(root_ + "/sessions"));
      prepared_ = true;
    }
    auto file = Open(root_ + "/lock", write ? O_RDWR | O_CREAT : O_RDONLY);
    if (file.status().code() == StatusCode::kNotFound && !write) return guard;  // nothing there yet
    if (!file.ok()) return file.status();
    RETURN_IF_ERROR(Lock(*file, write ? LOCK_EX : LOCK_SH));
    guard.processes = *std::move(file);
    return guard;
  }

  std::string Directory(const std::string& path) const {
    std::string directory = root_ + "/nodes";
    for (size_t at = 0; at < path.size();) {
      const size_t next = std::min(path.find('/', at + 1), path.size());
      directory += "/" + DirectoryName(std::string_view(path).substr(at + 1, next - at - 1));
      at = next;
    }
    return directory;
  }
  std::string SessionPath(uint64_t id) const { return fmt::format("{}/sessions/{}", root_, id); }

  bool IsLive(const NodeRecord& record) const {
    if (record.session == 0) return true;
    if (session_.valid() && record.session == session_id_) return true;
    const auto file = Open(SessionPath(record.session), O_RDONLY);
    return file.ok() && !Lock(*file, LOCK_SH | LOCK_NB).ok();
  }

  StatusOr<NodeRecord> LoadFrom(const std::string& directory) const {
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(directory + "/" + kNodeFile));
    auto record = DecodeNodeRecord(bytes);
    if (!record.ok()) return Annotate(record.status(), directory);
    if (!IsLive(*record)) return NotFound("the session of {} has ended", directory);
    return record;
  }

  StatusOr<NodeRecord> Load(const std::string& path) const {
    RETURN_IF_ERROR(CheckPath(path));
    auto record = LoadFrom(Directory(path));
    if (record.status().code() == StatusCode::kNotFound) return NotFound("no node {}", path);
    return record;
  }

  Status Save(const std::string& path, const NodeRecord& record) const {
    return ReplaceFile(Directory(path), kNodeFile, EncodeNodeRecord(record));
  }

  StatusOr<std::vector<std::string>> ChildrenOf(const std::string& path) const {
    const std::string directory = Directory(path);
    ASSIGN_OR_RETURN(const auto names, ListDirectory(directory));
    std::vector<std::string> children;
    for (const std::string& name : names) {
      if (name.starts_with('.')) continue;
      auto record = LoadFrom(directory + "/" + name);
      if (record.status().code() == StatusCode::kNotFound) continue;
      if (!record.ok()) return record.status();
      children.push_back(record->name);
    }
    std::sort(children.begin(), children.end());
    return children;
  }

  Status MakeParents(const std::string& path) {
    for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
      const std::string parent = path.substr(0, at);
      const auto record = Load(parent);
      if (record.ok() && record->session != 0) {
        return FailedPrecondition("node {} is ephemeral and cannot have children", parent);
      }
      if (record.ok()) continue;
      if (record.status().code() != StatusCode::kNotFound) return record.status();
      RETURN_IF_ERROR(CreateNode(parent, "", false));
    }
    return OkStatus();
  }

  Status CreateNode(const std::string& path, std::string_view data, bool ephemeral) {
    if (ephemeral) RETURN_IF_ERROR(BeginSession());
    RETURN_IF_ERROR(MakeDirectory(Directory(path)));
    NodeRecord record{.name = NameOf(path), .data = std::string(data)};
    if (ephemeral) record.session = session_id_;
    RETURN_IF_ERROR(Save(path, record));
    if (ephemeral) ephemeral_.insert(path);
    return OkStatus();
  }

  // Also takes out the remains of dead ephemeral children.
  Status RemoveNode(const std::string& path) const {
    const std::string directory = Directory(path);
    RETURN_IF_ERROR(Remove(directory + "/" + kNodeFile));
    ASSIGN_OR_RETURN(const auto names, ListDirectory(directory));
    for (const std::string& name : names) {
      const std::string child = directory + "/" + name;
      if (!name.starts_with('.')) {
        RETURN_IF_ERROR(Remove(child + "/" + kNodeFile));
        RETURN_IF_ERROR(Remove(child + "/" + kNodeFile + ".new"));
      }
      RETURN_IF_ERROR(Remove(child));
    }
    return Remove(directory);
  }

  Status BeginSession() {
    if (session_.valid()) return OkStatus();
    for (uint64_t id = 1;; ++id) {
      auto file = Open(SessionPath(id), O_RDWR | O_CREAT | O_EXCL);
      if (file.status().code() == StatusCode::kAlreadyExists) continue;
      if (!file.ok()) return file.status();
      RETURN_IF_ERROR(Lock(*file, LOCK_EX | LOCK_NB));
      session_ = *std::move(file);
      session_id_ = id;
      return OkStatus();
    }
  }

  const std::string root_;
  std::mutex mutex_;
  bool prepared_ = false;
  File session_;
  uint64_t session_id_ = 0;
  std::set<std::string> ephemeral_;  // this session's
};

}  // namespace

std::unique_ptr<MetadataStore> OpenMetadataStore(const std::string& directory) {
  return std::make_unique<DirectoryMetadataStore>(directory);
}

}  // namespace pdr::embedded
