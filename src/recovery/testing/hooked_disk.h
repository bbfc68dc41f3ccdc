// A disk that asks before every effect, without holding anything: the hook may fail the effect, or
// do anything else first, as another process would while this one is paused.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tier2/disk.h"

namespace pdr {

class HookedDisk : public Disk {
 public:
  using Hook = std::function<Status(int64_t effect)>;  // numbered from 1

  using OpenHook = std::function<void(const std::string& path)>;

  explicit HookedDisk(Disk& disk, Hook hook, OpenHook opened = nullptr)
      : disk_(disk), hook_(std::move(hook)), opened_(std::move(opened)) {}

  StatusOr<FileStat> Stat(const std::string& path) const override { return disk_.Stat(path); }
  StatusOr<std::vector<DirEntry>> List(const std::string& path) const override {
    return disk_.List(path);
  }
  StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const override {
    if (opened_) opened_(path);
    return disk_.OpenRead(path);
  }
  Status MakeDir(const std::string& path) override {
    RETURN_IF_ERROR(Ask());
    return disk_.MakeDir(path);
  }
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path, uint32_t mode) override {
    RETURN_IF_ERROR(Ask());
    return disk_.Create(path, mode);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(Ask());
    return disk_.Rename(from, to);
  }
  Status SetMode(const std::string& path, uint32_t mode) override {
    RETURN_IF_ERROR(Ask());
    return disk_.SetMode(path, mode);
  }
  Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(Ask());
    return disk_.Remove(path);
  }
  Status SyncDir(const std::string& path) override {
    RETURN_IF_ERROR(Ask());
    return disk_.SyncDir(path);
  }

 private:
  Status Ask() { return hook_ ? hook_(++effects_) : OkStatus(); }

  Disk& disk_;
  Hook hook_;
  OpenHook opened_;
  int64_t effects_ = 0;
};

}  // namespace pdr
