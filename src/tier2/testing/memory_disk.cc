#include "tier2/testing/memory_disk.h"

#include <algorithm>
#include <set>

namespace pdr {
namespace {

class MemoryReadable : public ReadableFile {
 public:
  MemoryReadable(std::string path, std::string bytes)
      : ReadableFile(std::move(path)), bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }

 private:
  Status Read(uint64_t offset, std::span<char> out) const override {
    bytes_.copy(out.data(), out.size(), offset);
    return OkStatus();
  }

  std::string bytes_;
};

bool IsBelow(std::string_view path, std::string_view directory) {
  return directory.empty() || (path.size() > directory.size() && path.starts_with(directory) &&
                               path[directory.size()] == '/');
}

}  // namespace

class MemoryWritable : public WritableFile {
 public:
  MemoryWritable(MemoryDisk& disk, std::string path, std::shared_ptr<MemoryDisk::Inode> inode)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)) {}

  Status Append(std::string_view bytes) override {
    std::lock_guard lock(disk_.mutex_);
    try {
      RETURN_IF_ERROR(disk_.Effect("append", path_));
    } catch (const KilledAtEffect&) {
      inode_->bytes.append(bytes.substr(0, bytes.size() / 2));
      throw;
    }
    inode_->bytes.append(bytes);
    return OkStatus();
  }

  Status SyncAndClose() override {
    std::lock_guard lock(disk_.mutex_);
    RETURN_IF_ERROR(disk_.Effect("sync", path_));
    inode_->synced = inode_->bytes;
    return OkStatus();
  }

 private:
  MemoryDisk& disk_;
  std::string path_;
  std::shared_ptr<MemoryDisk::Inode> inode_;
};

MemoryDisk::MemoryDisk() {
  names_[""] = std::make_shared<Inode>(Inode{FileKind::kDirectory, "", "", 0755, clock_ns_});
  durable_ = names_;
}

void MemoryDisk::Put(const std::string& path, std::string bytes, uint32_t mode) {
  std::lock_guard lock(mutex_);
  for (std::string above = ParentPath(path); !names_.contains(above); above = ParentPath(above)) {
    names_[above] = std::make_shared<Inode>(Inode{FileKind::kDirectory, "", "", 0755, clock_ns_});
    durable_[above] = names_[above];
  }
  std::string copy = bytes;
  names_[path] = std::make_shared<Inode>(
      Inode{FileKind::kRegular, std::move(bytes), std::move(copy), mode, clock_ns_});
  durable_[path] = names_[path];
}

void MemoryDisk::PutSpecial(const std::string& path, FileKind kind) {
  Put(path, "", 0777);
  std::lock_guard lock(mutex_);
  names_[path]->kind = kind;
}

void MemoryDisk::Drop(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::erase_if(names_, [&](const auto& e) { return e.first == path || IsBelow(e.first, path); });
  durable_ = names_;
  pending_.clear();
}

std::map<std::string, MemoryDisk::File> MemoryDisk::Files() const {
  std::lock_guard lock(mutex_);
  std::map<std::string, File> out;
  for (const auto& [path, inode] : names_) {
    if (inode->kind == FileKind::kRegular) out[path] = {inode->mode, inode->bytes};
  }
  return out;
}

void MemoryDisk::FailReads(const std::string& path, Status status) {
  std::lock_guard lock(mutex_);
  read_faults_[path] = std::move(status);
}

size_t MemoryDisk::opens(const std::string& path) const {
  std::lock_guard lock(mutex_);
  auto it = opens_.find(path);
  return it == opens_.end() ? 0 : it->second;
}

void MemoryDisk::FailAt(int64_t k, Status status) {
  effects_ = 0;
  hook_ = [k, status](int64_t effect, std::string_view, const std::string&) {
    return effect == k ? status : OkStatus();
  };
}

void MemoryDisk::KillAt(int64_t k) {
  effects_ = 0;
  hook_ = [k](int64_t effect, std::string_view, const std::string&) -> Status {
    if (effect >= k) throw KilledAtEffect{effect};
    return OkStatus();
  };
}

void MemoryDisk::HaltAt(int64_t k) {
  effects_ = 0;
  hook_ = [k](int64_t effect, std::string_view op, const std::string& path) -> Status {
    return effect >= k ? Aborted("halted before {} of '{}'", op, path) : OkStatus();
  };
}

void MemoryDisk::ClearFaults() {
  std::lock_guard lock(mutex_);
  effects_ = 0;
  hook_ = nullptr;
  read_faults_.clear();
}

int64_t MemoryDisk::effects() const {
  std::lock_guard lock(mutex_);
  return effects_;
}

void MemoryDisk::Crash() {
  std::lock_guard lock(mutex_);
  pending_.clear();
  std::erase_if(durable_, [&](const auto& e) {
    for (std::string above = e.first; !above.empty(); above = ParentPath(above)) {
      if (!durable_.contains(ParentPath(above))) return true;
    }
    return false;
  });
  for (auto& [path, inode] : durable_) inode->bytes = inode->synced;
  names_ = durable_;
}

Status MemoryDisk::Effect(std::string_view op, const std::string& path) {
  ++effects_;
  ++clock_ns_;
  return hook_ ? hook_(effects_, op, path) : OkStatus();
}

StatusOr<std::shared_ptr<MemoryDisk::Inode>> MemoryDisk::Lookup(const std::string& path) const {
  RETURN_IF_ERROR(CheckDiskPath(path));
  for (const auto& [bad, status] : read_faults_) {
    if (path == bad || IsBelow(path, bad)) return status;
  }
  auto it = names_.find(path);
  if (it == names_.end()) return NotFound("'{}' is not there", path);
  return it->second;
}

StatusOr<FileStat> MemoryDisk::Stat(const std::string& path) const {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Lookup(path));
  return FileStat{inode->kind, inode->bytes.size(), inode->mode, inode->mtime_ns};
}

StatusOr<std::vector<DirEntry>> MemoryDisk::List(const std::string& path) const {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Lookup(path));
  if (inode->kind != FileKind::kDirectory) return Unavailable("'{}' is not a directory", path);
  std::vector<DirEntry> out;
  const std::string below = path.empty() ? "" : path + "/";
  for (auto it = names_.lower_bound(below); it != names_.end() && it->first.starts_with(below);
       ++it) {
    std::string name = it->first.substr(below.size());
    if (!name.empty() && name.find('/') == std::string::npos) {
      out.push_back({std::move(name), it->second->kind});
    }
  }
  return out;
}

StatusOr<std::unique_ptr<ReadableFile>> MemoryDisk::OpenRead(const std::string& path) const {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Lookup(path));
  if (inode->kind != FileKind::kRegular) {
    return FailedPrecondition("'{}' is not a regular file", path);
  }
  ++opens_[path];
  return std::make_unique<MemoryReadable>(path, inode->bytes);
}

Status MemoryDisk::CheckFree(const std::string& path) const {
  RETURN_IF_ERROR(CheckDiskPath(path));
  if (names_.contains(path)) return AlreadyExists("'{}' is already there", path);
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> parent, Lookup(ParentPath(path)));
  if (parent->kind == FileKind::kDirectory) return OkStatus();
  return Unavailable("'{}' is not a directory", ParentPath(path));
}

void MemoryDisk::ApplyTo(Names& names, const Pending& change) {
  if (!change.from.empty() && !change.to.empty()) {
    Names moved;
    for (const auto& [path, inode] : names) {
      if (IsBelow(path, change.from)) moved[change.to + path.substr(change.from.size())] = inode;
    }
    names.merge(moved);
  }
  if (!change.to.empty()) names[change.to] = change.inode;
  if (change.from.empty()) return;
  std::erase_if(names, [&](const auto& e) {
    return e.first == change.from || IsBelow(e.first, change.from);
  });
}

void MemoryDisk::Change(Pending change) {
  ApplyTo(names_, change);
  pending_.push_back(std::move(change));
}

Status MemoryDisk::MakeDir(const std::string& path) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Effect("mkdir", path));
  auto it = names_.find(path);
  if (it != names_.end() && it->second->kind == FileKind::kDirectory) return OkStatus();
  RETURN_IF_ERROR(CheckFree(path));
  Change({"", path, std::make_shared<Inode>(Inode{FileKind::kDirectory, "", "", 0755, clock_ns_})});
  return OkStatus();
}

StatusOr<std::unique_ptr<WritableFile>> MemoryDisk::Create(const std::string& path, uint32_t mode) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Effect("create", path));
  RETURN_IF_ERROR(CheckFree(path));
  auto inode = std::make_shared<Inode>(Inode{FileKind::kRegular, "", "", mode, clock_ns_});
  Change({"", path, inode});
  return std::make_unique<MemoryWritable>(*this, path, inode);
}

Status MemoryDisk::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Effect("rename", from));
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Lookup(from));
  RETURN_IF_ERROR(CheckFree(to));
  Change({from, to, inode});
  return OkStatus();
}

Status MemoryDisk::SetMode(const std::string& path, uint32_t mode) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Effect("chmod", path));
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Lookup(path));
  inode->mode = mode;
  return OkStatus();
}

Status MemoryDisk::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Effect("remove", path));
  ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Lookup(path));
  auto next = names_.upper_bound(path + "/");
  if (inode->kind == FileKind::kDirectory && next != names_.end() && IsBelow(next->first, path)) {
    return FailedPrecondition("removing '{}': not empty", path);
  }
  Change({path, "", nullptr});
  return OkStatus();
}

Status MemoryDisk::SyncDir(const std::string& path) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Effect("syncdir", path));
  RETURN_IF_ERROR(Lookup(path).status());
  // Changes in this directory, and the earlier changes of the same names they build on.
  std::set<std::string> names;
  std::vector<bool> chosen(pending_.size());
  for (size_t i = pending_.size(); i-- > 0;) {
    const Pending& p = pending_[i];
    chosen[i] = (!p.from.empty() && (ParentPath(p.from) == path || names.contains(p.from))) ||
                (!p.to.empty() && (ParentPath(p.to) == path || names.contains(p.to)));
    if (chosen[i]) names.insert({p.from, p.to});
  }
  std::vector<Pending> left;
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (chosen[i]) {
      ApplyTo(durable_, pending_[i]);
    } else {
      left.push_back(std::move(pending_[i]));
    }
  }
  pending_ = std::move(left);
  return OkStatus();
}

}  // namespace pdr
