// A Disk whose effects need the lock of the run: none happens once the lock is lost.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recovery/run_lock.h"
#include "tier2/disk.h"

namespace pdr {

class GuardedDisk : public Disk {
 public:
  GuardedDisk(Disk& disk, RunLock& lock) : disk_(disk), lock_(lock) {}

  StatusOr<FileStat> Stat(const std::string& path) const override { return disk_.Stat(path); }
  StatusOr<std::vector<DirEntry>> List(const std::string& path) const override {
    return disk_.List(path);
  }
  StatusOr<std::vector<DirEntry>> ListAndStat(const std::string& path, size_t most) const override {
    return disk_.ListAndStat(path, most);
  }
  std::vector<StatusOr<FileStat>> StatAll(const std::string& directory,
                                          std::span<const std::string_view> names) const override {
    return disk_.StatAll(directory, names);
  }
  std::vector<StatusOr<std::string>> ReadAll(const std::string& directory,
                                             std::span<const FileToRead> files,
                                             uint64_t max_bytes) const override {
    return disk_.ReadAll(directory, files, max_bytes);
  }
  size_t read_depth() const override { return disk_.read_depth(); }
  StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const override {
    return disk_.OpenRead(path);
  }

  Status MakeDir(const std::string& path) override {
    RETURN_IF_ERROR(lock_.StillHeld());
    return disk_.MakeDir(path);
  }
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path, uint32_t mode) override {
    RETURN_IF_ERROR(lock_.StillHeld());
    return disk_.Create(path, mode);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(lock_.StillHeld());
    return disk_.Rename(from, to);
  }
  Status SetMode(const std::string& path, uint32_t mode) override {
    RETURN_IF_ERROR(lock_.StillHeld());
    return disk_.SetMode(path, mode);
  }
  Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(lock_.StillHeld());
    return disk_.Remove(path);
  }
  Status SyncDir(const std::string& path) override {
    RETURN_IF_ERROR(lock_.StillHeld());
    return disk_.SyncDir(path);
  }

 private:
  Disk& disk_;
  RunLock& lock_;
};

}  // namespace pdr
