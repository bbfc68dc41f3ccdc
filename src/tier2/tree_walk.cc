#include "tier2/tree_walk.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/work_list.h"
#include "tier2/classify.h"

namespace pdr {
namespace {

// Looked at by one task: few enough that the round trips of one directory are shared out.
constexpr size_t kStatBatch = 16;

// Looked at by the one who lists their directory, which saves looking it up again.
constexpr size_t kStatWithList = 64;

struct Directory {
  std::string path;
  std::vector<bool> order;           // of the names below it: true = a directory
  std::vector<InventoryFile> files;  // sorted; without a path when gone or not readable
  std::vector<std::unique_ptr<Directory>> directories;
};

struct Task {
  Directory* directory = nullptr;
  size_t begin = 0;  // files to look at; none: list the directory
  size_t end = 0;
};

// The order of whole paths: everything below a directory begins with its name and a '/'.
bool PathOrder(const DirEntry& a, const DirEntry& b) {
  const size_t n = std::min(a.name.size(), b.name.size());
  const int prefix = std::memcmp(a.name.data(), b.name.data(), n);
  if (prefix != 0) return prefix < 0;
  const auto next = [n](const DirEntry& e) {
    if (e.name.size() > n) return int{static_cast<unsigned char>(e.name[n])};
    return e.kind == FileKind::kDirectory ? int{'/'} : -1;
  };
  return next(a) < next(b);
}

class Walker {
 public:
  Walker(const Disk& disk, Progress& progress) : disk_(disk), progress_(progress) {}

  StatusOr<WalkedTree> Run() {
    Directory root;
    tree_.names = std::make_shared<TextArena>();
    tasks_.Put({&root, 0, 0});
    tasks_.Run(disk_.read_depth(), [this](Task task) {
      if (task.begin == task.end) {
        List(*task.directory);
      } else {
        Look(*task.directory, task.begin, task.end);
      }
    });
    RETURN_IF_ERROR(root_status_);
    tree_.files.reserve(files_);
    Collect(root);
    std::sort(tree_.unreadable.begin(), tree_.unreadable.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(tree_);
  }

 private:
  void List(Directory& directory) {
    StatusOr<std::vector<DirEntry>> entries = disk_.ListAndStat(directory.path, kStatWithList);
    if (!entries.ok() && directory.path.empty()) {
      root_status_ = entries.status();
    } else if (!entries.ok()) {
      AddUnreadable(directory.path, entries.status(), /*listing=*/true);
    } else {
      Split(*std::move(entries), directory);
    }
  }

  void Split(std::vector<DirEntry> entries, Directory& into) {
    std::sort(entries.begin(), entries.end(), PathOrder);
    into.order.reserve(entries.size());
    std::string path = into.path.empty() ? "" : into.path + "/";
    const size_t prefix = path.size();
    size_t files = 0;
    size_t path_bytes = 0;
    for (const DirEntry& entry : entries) {
      if (entry.kind == FileKind::kDirectory) continue;
      ++files;
      path_bytes += prefix + entry.name.size();
    }
    into.files.reserve(files);
    char* kept = tree_.names->Allocate(path_bytes);
    std::vector<StatusOr<FileStat>> looked;
    looked.reserve(std::min(files, kStatWithList));
    for (const DirEntry& entry : entries) {
      path.resize(prefix);
      path += entry.name;
      if (Status safe = CheckDiskPath(path); !safe.ok()) {
        AddUnreadable(path, safe);
        continue;
      }
      const bool is_directory = entry.kind == FileKind::kDirectory;
      into.order.push_back(is_directory);
      if (!is_directory) {
        into.files.emplace_back().path = {kept, path.copy(kept, path.size())};
        kept += path.size();
        if (entry.stat) looked.emplace_back(*entry.stat);
        continue;
      }
      into.directories.push_back(std::make_unique<Directory>());
      into.directories.back()->path = path;
    }
    for (const auto& below : into.directories) tasks_.Put({below.get(), 0, 0});
    if (looked.size() == into.files.size()) return Describe(into, 0, looked);
    for (size_t at = 0; at < into.files.size(); at += kStatBatch) {
      tasks_.Put({&into, at, std::min(at + kStatBatch, into.files.size())});
    }
  }

  void Look(Directory& directory, size_t begin, size_t end) {
    std::vector<std::string_view> names;
    names.reserve(end - begin);
    const size_t prefix = directory.path.empty() ? 0 : directory.path.size() + 1;
    for (size_t i = begin; i < end; ++i) {
      names.push_back(directory.files[i].path.substr(prefix));
    }
    Describe(directory, begin, disk_.StatAll(directory.path, names));
  }

  // The files from `begin` on, one for each of these.
  void Describe(Directory& directory, size_t begin, const std::vector<StatusOr<FileStat>>& stats) {
    std::array<uint64_t, 2> named = {0, 0};
    for (size_t i = 0; i < stats.size(); ++i) {
      InventoryFile& file = directory.files[begin + i];
      const StatusOr<FileStat>& stat = stats[i];
      if (stat.ok() && stat->kind != FileKind::kDirectory) {
        DescribeOne(*stat, file, named);
        continue;
      }
      const std::string path(std::exchange(file.path, {}));
      if (stat.ok()) {
        AddUnreadable(path, Aborted("'{}' became a directory while it was looked at", path),
                      /*listing=*/true);
      } else if (stat.status().code() != StatusCode::kNotFound) {  // gone in between
        AddUnreadable(path, stat.status());
      }
    }
    progress_.Advance(stats.size());
    std::lock_guard lock(mutex_);
    files_ += stats.size();
    for (size_t l = 0; l < named.size(); ++l) tree_.named[l] += named[l];
  }

  void DescribeOne(const FileStat& stat, InventoryFile& file, std::array<uint64_t, 2>& named) {
    file.size = stat.size;
    file.mode = stat.mode;
    file.mtime_ns = stat.mtime_ns;
    file.file_class = FileClass::kSpecial;
    if (stat.kind != FileKind::kRegular) return;
    const NameClass name = ClassifyName(file.path);
    file.file_class = name.file_class;
    if (!name.layout) return;
    const auto layout = static_cast<size_t>(*name.layout);
    ++named[layout];
    if (!name.container) return;
    std::lock_guard lock(mutex_);
    tree_.containers[layout].insert(*name.container);
  }

  void Collect(Directory& directory) {
    size_t next_file = 0;
    size_t next_directory = 0;
    for (bool is_directory : directory.order) {
      if (is_directory) {
        Collect(*directory.directories[next_directory]);
        directory.directories[next_directory++].reset();  // so that not everything is there twice
        continue;
      }
      InventoryFile& file = directory.files[next_file++];
      if (!file.path.empty()) tree_.files.push_back(file);
    }
  }

  void AddUnreadable(std::string path, const Status& status, bool listing = false) {
    std::lock_guard lock(mutex_);
    tree_.unreadable.push_back(
        {std::move(path), std::string(Message(status)), listing, status.code()});
  }

  const Disk& disk_;
  Progress& progress_;
  WorkList<Task> tasks_;
  Status root_status_;
  std::mutex mutex_;  // for tree_ and files_
  WalkedTree tree_;
  uint64_t files_ = 0;
};

}  // namespace

StatusOr<WalkedTree> WalkTree(const Disk& disk, Progress& progress) {
  return Walker(disk, progress).Run();
}

}  // namespace pdr
