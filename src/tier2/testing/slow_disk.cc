#include "tier2/testing/slow_disk.h"

#include <thread>

namespace pdr {

class SlowReadable : public ReadableFile {
 public:
  SlowReadable(const SlowDisk& disk, std::string path, std::unique_ptr<ReadableFile> file)
      : ReadableFile(std::move(path)), disk_(disk), file_(std::move(file)) {}
  uint64_t size() const override { return file_->size(); }

 private:
  Status Read(uint64_t offset, std::span<char> out) const override {
    disk_.Travel();
    disk_.bytes_ += out.size();
    return file_->ReadInto(offset, out);
  }

  const SlowDisk& disk_;
  std::unique_ptr<ReadableFile> file_;
};

void SlowDisk::Travel() const {
  ++calls_;
  const uint64_t now = ++under_way_;
  uint64_t most = most_;
  while (now > most && !most_.compare_exchange_weak(most, now)) {
  }
  std::this_thread::sleep_for(delay_);
  --under_way_;
}

StatusOr<FileStat> SlowDisk::Stat(const std::string& path) const {
  Travel();
  ++looks_;
  return base_.Stat(path);
}

StatusOr<std::vector<DirEntry>> SlowDisk::List(const std::string& path) const {
  Travel();
  return base_.List(path);
}

StatusOr<std::unique_ptr<ReadableFile>> SlowDisk::OpenRead(const std::string& path) const {
  Travel();
  ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, base_.OpenRead(path));
  return std::make_unique<SlowReadable>(*this, path, std::move(file));
}

Status SlowDisk::MakeDir(const std::string& path) {
  Travel();
  return base_.MakeDir(path);
}

StatusOr<std::unique_ptr<WritableFile>> SlowDisk::Create(const std::string& path, uint32_t mode) {
  Travel();
  return base_.Create(path, mode);
}

Status SlowDisk::Rename(const std::string& from, const std::string& to) {
  Travel();
  return base_.Rename(from, to);
}

Status SlowDisk::SetMode(const std::string& path, uint32_t mode) {
  Travel();
  return base_.SetMode(path, mode);
}

Status SlowDisk::Remove(const std::string& path) {
  Travel();
  return base_.Remove(path);
}

Status SlowDisk::SyncDir(const std::string& path) {
  Travel();
  return base_.SyncDir(path);
}

}  // namespace pdr
