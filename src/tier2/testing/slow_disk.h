// A disk as far away as one likes: every call takes its time before another disk does it, as over
// NFS. Counts the calls and how many were under way at once. Tests and benchmarks only.
#pragma once

#include <atomic>
#include <chrono>

#include "tier2/disk.h"

namespace pdr {

class SlowDisk : public Disk {
 public:
  SlowDisk(Disk& base, std::chrono::microseconds delay, size_t read_depth)
      : base_(base), delay_(delay), read_depth_(read_depth) {}

  uint64_t calls() const { return calls_; }
  uint64_t looks() const { return looks_; }  // at one file
  uint64_t bytes_read() const { return bytes_; }
  uint64_t most_at_once() const { return most_; }

  StatusOr<FileStat> Stat(const std::string& path) const override;
  StatusOr<std::vector<DirEntry>> List(const std::string& path) const override;
  StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const override;
  size_t read_depth() const override { return read_depth_; }

  Status MakeDir(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path, uint32_t mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status SetMode(const std::string& path, uint32_t mode) override;
  Status Remove(const std::string& path) override;
  Status SyncDir(const std::string& path) override;

 private:
  friend class SlowReadable;
  void Travel() const;  // there and back

  Disk& base_;
  const std::chrono::microseconds delay_;
  const size_t read_depth_;
  mutable std::atomic<uint64_t> calls_ = 0;
  mutable std::atomic<uint64_t> looks_ = 0;
  mutable std::atomic<uint64_t> bytes_ = 0;
  mutable std::atomic<uint64_t> under_way_ = 0;
  mutable std::atomic<uint64_t> most_ = 0;
};

}  // namespace pdr
