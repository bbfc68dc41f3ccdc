// Whole small files of one directory, many under way at a time, through io_uring: each is opened,
// read and closed by one chain of requests, so that a thread waits once for all of them.
// docs/decisions/0010-many-reads-at-a-time.md.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tier2/disk.h"

namespace pdr {

class UringRing;  // one ring of the kernel's; for one thread at a time

class UringReader {
 public:
  // At most so many rings, each with up to kFiles under way: a kernel may have a thread for each
  // that waits. What is under way is called off when none of it ends for `patience`: a small file
  // does, unless it is something else by now.
  static constexpr size_t kFiles = 16;
  explicit UringReader(size_t rings, std::chrono::milliseconds patience = std::chrono::seconds(2));
  ~UringReader();

  // The bytes of each of these files in the open directory, in their order. Nothing for those that
  // are to be read by calls, which also tell why they cannot be read: empty and large ones, those
  // that have another size now, and all of them while all rings are in use, or where the kernel
  // lacks or forbids io_uring. For several threads.
  std::vector<std::optional<std::string>> Read(int directory, std::span<const FileToRead> files,
                                               uint64_t max_bytes);

  // Whether this kernel lets this process use it, as far as was tried.
  bool available() const;

 private:
  std::unique_ptr<UringRing> Take();
  void GiveBack(std::unique_ptr<UringRing> ring);

  const size_t rings_;
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;
  bool available_ = true;
  size_t made_ = 0;
  std::vector<std::unique_ptr<UringRing>> idle_;
};

}  // namespace pdr
