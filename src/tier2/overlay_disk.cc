#include "tier2/overlay_disk.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/bytes.h"

namespace pdr {
namespace {

constexpr std::string_view kLogPrefix = "log.";
constexpr std::string_view kDataPrefix = "data.";
constexpr uint64_t kMaxLogBytes = uint64_t{1} << 32;

void PutString(ByteWriter& w, std::string_view text) { w.U32(text.size()).Put(text); }
std::string TakeString(ByteReader& r) { return std::string(r.Take(r.Count(r.U32(), 1))); }

}  // namespace

StatusOr<std::unique_ptr<OverlayDisk>> OverlayDisk::Open(const Disk& base, Disk& upper) {
  std::unique_ptr<OverlayDisk> disk(new OverlayDisk(base, upper));
  RETURN_IF_ERROR(disk->Replay());
  return disk;
}

Status OverlayDisk::Replay() {
  ASSIGN_OR_RETURN(std::vector<DirEntry> entries, upper_.List(""));
  std::set<uint64_t> logs;
  for (const DirEntry& entry : entries) {
    if (!entry.name.starts_with(kLogPrefix)) continue;
    logs.insert(std::strtoull(entry.name.c_str() + kLogPrefix.size(), nullptr, 10));
  }
  for (uint64_t n : logs) {
    ASSIGN_OR_RETURN(std::string bytes,
                     ReadWholeFile(upper_, fmt::format("{}{}", kLogPrefix, n), kMaxLogBytes));
    for (ByteReader r(bytes); r.remaining() > 0;) {
      StatusOr<Change> change = Decode(r);
      if (!r.ok()) break;  // cut off
      if (!change.ok()) return Annotate(change.status(), fmt::format("overlay log {}", n));
      Apply(*change);
    }
    generation_ = n + 1;
  }
  return OkStatus();
}

StatusOr<OverlayDisk::Change> OverlayDisk::Decode(ByteReader& r) {
  Change change;
  const uint8_t op = r.U8();
  change.path = TakeString(r);
  change.target = TakeString(r);
  change.mode = r.U32();
  if (op < 1 || op > 5) return DataLoss("unknown operation {}", op);
  change.op = static_cast<Op>(op);
  return change;
}

Status OverlayDisk::StartLog() {
  const std::string name = fmt::format("{}{}", kLogPrefix, generation_);
  ASSIGN_OR_RETURN(log_, upper_.Create(name, 0644));
  return upper_.SyncDir("");
}

Status OverlayDisk::Record(const Change& change) {
  if (log_ == nullptr) RETURN_IF_ERROR(StartLog());
  ByteWriter w;
  w.U8(static_cast<uint8_t>(change.op));
  PutString(w, change.path);
  PutString(w, change.target);
  w.U32(change.mode);
  RETURN_IF_ERROR(log_->Append(w.bytes()));
  Apply(change);
  return OkStatus();
}

void OverlayDisk::Apply(const Change& change) {
  switch (change.op) {
    case Op::kMakeDir:
      nodes_[change.path] = {Where::kNewDir, "", {}};
      return;
    case Op::kCreate:
      nodes_[change.path] = {Where::kUpper, change.target, change.mode};
      return;
    case Op::kSetMode: {
      Node node = Resolve(change.path);
      node.mode = change.mode;
      nodes_[change.path] = node;
      return;
    }
    case Op::kRename:
      nodes_[change.target] = Resolve(change.path);
      break;
    case Op::kRemove:
      break;
  }
  // The old name and all below it are gone; after a rename, what was below moves along.
  const std::string below = change.path + "/";
  for (auto it = nodes_.lower_bound(below); it != nodes_.end() && it->first.starts_with(below);) {
    if (change.op == Op::kRename) {
      nodes_[change.target + "/" + it->first.substr(below.size())] = it->second;
    }
    it = nodes_.erase(it);
  }
  nodes_[change.path] = {Where::kGone, "", {}};
}

OverlayDisk::Node OverlayDisk::Resolve(const std::string& path) const {
  std::string above = path;
  while (true) {
    auto it = nodes_.find(above);
    const bool found = it != nodes_.end();
    if (found && above.size() == path.size()) return it->second;
    if (found && it->second.where != Where::kBase) return {};
    if (found) return {Where::kBase, it->second.path + path.substr(above.size()), {}};
    if (above.empty()) return {Where::kBase, path, {}};
    above = ParentPath(above);
  }
}

StatusOr<FileStat> OverlayDisk::StatLocked(const std::string& path) const {
  RETURN_IF_ERROR(CheckDiskPath(path));
  const Node node = Resolve(path);
  if (node.where == Where::kGone) return NotFound("'{}' is not there", path);
  if (node.where == Where::kNewDir) return FileStat{FileKind::kDirectory, 0, 0755, 0};
  const Disk& disk = node.where == Where::kBase ? base_ : upper_;
  ASSIGN_OR_RETURN(FileStat stat, disk.Stat(node.path));
  stat.mode = node.mode.value_or(stat.mode);
  return stat;
}

StatusOr<FileStat> OverlayDisk::Stat(const std::string& path) const {
  std::shared_lock lock(mutex_);
  return StatLocked(path);
}

StatusOr<std::vector<DirEntry>> OverlayDisk::ListLocked(const std::string& path) const {
  ASSIGN_OR_RETURN(FileStat stat, StatLocked(path));
  if (stat.kind != FileKind::kDirectory) return Unavailable("'{}' is not a directory", path);
  const Node node = Resolve(path);
  std::vector<DirEntry> out;
  if (node.where == Where::kBase) {
    ASSIGN_OR_RETURN(std::vector<DirEntry> entries, base_.List(node.path));
    for (DirEntry& entry : entries) {
      if (!nodes_.contains(JoinPath(path, entry.name))) out.push_back(std::move(entry));
    }
  }
  const std::string below = path.empty() ? "" : path + "/";
  for (auto it = nodes_.lower_bound(below); it != nodes_.end() && it->first.starts_with(below);
       ++it) {
    const std::string name = it->first.substr(below.size());
    if (name.find('/') != std::string::npos || it->second.where == Where::kGone) continue;
    ASSIGN_OR_RETURN(FileStat child, StatLocked(it->first));
    out.push_back({name, child.kind});
  }
  return out;
}

StatusOr<std::vector<DirEntry>> OverlayDisk::List(const std::string& path) const {
  std::shared_lock lock(mutex_);
  return ListLocked(path);
}

StatusOr<std::vector<DirEntry>> OverlayDisk::ListAndStat(const std::string& path,
                                                         size_t most) const {
  std::shared_lock lock(mutex_);
  const Node node = Resolve(path);
  if (node.where == Where::kBase && IsUntouched(path)) return base_.ListAndStat(node.path, most);
  return ListLocked(path);
}

bool OverlayDisk::IsUntouched(const std::string& directory) const {
  const std::string below = directory.empty() ? "" : directory + "/";
  auto first = nodes_.lower_bound(below);
  return first == nodes_.end() || !first->first.starts_with(below);
}

std::vector<StatusOr<FileStat>> OverlayDisk::StatAll(
    const std::string& directory, std::span<const std::string_view> names) const {
  std::shared_lock lock(mutex_);
  const Node node = Resolve(directory);
  if (node.where == Where::kBase && IsUntouched(directory)) {
    return base_.StatAll(node.path, names);
  }
  std::vector<StatusOr<FileStat>> out;
  out.reserve(names.size());
  for (std::string_view name : names) out.push_back(StatLocked(JoinPath(directory, name)));
  return out;
}

std::vector<StatusOr<std::string>> OverlayDisk::ReadAll(const std::string& directory,
                                                        std::span<const FileToRead> files,
                                                        uint64_t max_bytes) const {
  std::shared_lock lock(mutex_);
  const Node node = Resolve(directory);
  if (node.where == Where::kBase && IsUntouched(directory)) {
    return base_.ReadAll(node.path, files, max_bytes);
  }
  lock.unlock();
  return Disk::ReadAll(directory, files, max_bytes);
}

StatusOr<std::unique_ptr<ReadableFile>> OverlayDisk::OpenRead(const std::string& path) const {
  RETURN_IF_ERROR(CheckDiskPath(path));
  std::shared_lock lock(mutex_);
  const Node node = Resolve(path);
  if (node.where == Where::kGone) return NotFound("'{}' is not there", path);
  if (node.where == Where::kNewDir) return FailedPrecondition("'{}' is a directory", path);
  return (node.where == Where::kBase ? base_ : upper_).OpenRead(node.path);
}

Status OverlayDisk::CheckFree(const std::string& path) const {
  RETURN_IF_ERROR(CheckDiskPath(path));
  StatusOr<FileStat> stat = StatLocked(path);
  if (stat.ok()) return AlreadyExists("'{}' is already there", path);
  if (stat.status().code() != StatusCode::kNotFound) return stat.status();
  ASSIGN_OR_RETURN(FileStat parent, StatLocked(ParentPath(path)));
  if (parent.kind == FileKind::kDirectory) return OkStatus();
  return Unavailable("'{}' is not a directory", ParentPath(path));
}

Status OverlayDisk::MakeDir(const std::string& path) {
  std::unique_lock lock(mutex_);
  StatusOr<FileStat> stat = StatLocked(path);
  if (stat.ok() && stat->kind == FileKind::kDirectory) return OkStatus();
  RETURN_IF_ERROR(CheckFree(path));
  return Record({Op::kMakeDir, path, "", 0});
}

StatusOr<std::unique_ptr<WritableFile>> OverlayDisk::Create(const std::string& path,
                                                            uint32_t mode) {
  std::unique_lock lock(mutex_);
  RETURN_IF_ERROR(CheckFree(path));
  if (log_ == nullptr) RETURN_IF_ERROR(StartLog());
  const std::string target = fmt::format("{}{}.{}", kDataPrefix, generation_, next_file_++);
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, upper_.Create(target, 0644));
  RETURN_IF_ERROR(upper_.SyncDir(""));
  RETURN_IF_ERROR(Record({Op::kCreate, path, target, mode}));
  return file;
}

Status OverlayDisk::Rename(const std::string& from, const std::string& to) {
  std::unique_lock lock(mutex_);
  RETURN_IF_ERROR(StatLocked(from).status());
  RETURN_IF_ERROR(CheckFree(to));
  if (to.starts_with(from + "/")) return InvalidArgument("cannot move '{}' below itself", from);
  return Record({Op::kRename, from, to, 0});
}

Status OverlayDisk::SetMode(const std::string& path, uint32_t mode) {
  std::unique_lock lock(mutex_);
  ASSIGN_OR_RETURN(FileStat stat, StatLocked(path));
  if (stat.kind != FileKind::kRegular) return Unavailable("'{}' is not a regular file", path);
  return Record({Op::kSetMode, path, "", mode & 07777});
}

Status OverlayDisk::Remove(const std::string& path) {
  std::unique_lock lock(mutex_);
  ASSIGN_OR_RETURN(FileStat stat, StatLocked(path));
  if (stat.kind == FileKind::kDirectory) {
    ASSIGN_OR_RETURN(std::vector<DirEntry> children, ListLocked(path));
    if (!children.empty()) return FailedPrecondition("removing '{}': not empty", path);
  }
  return Record({Op::kRemove, path, "", 0});
}

Status OverlayDisk::SyncDir(const std::string& path) {
  std::shared_lock lock(mutex_);
  return StatLocked(path).status();
}

}  // namespace pdr
