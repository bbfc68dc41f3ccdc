#include "verify/stored.h"

#include <algorithm>

#include "format/names.h"
#include "verify/findings.h"

namespace pdr::verify {

uint64_t SegmentBytes::end() const {
  uint64_t end = stored_ == nullptr ? 0 : stored_->length;
  if (log_ != nullptr && !log_->appends.empty()) {
    const auto& [offset, data] = *log_->appends.rbegin();
    end = std::max(end, static_cast<uint64_t>(offset) + data.size());
  }
  return end;
}

StatusOr<std::string> SegmentBytes::Read(uint64_t offset, size_t n) {
  if (n == 0) return std::string();
  if (offset < start() || offset > end() || n > end() - offset) {
    return DataLoss("bytes [{}, +{}) are outside [{}, {})", offset, n, start(), end());
  }
  std::string result;
  while (result.size() < n) {
    const uint64_t at = offset + result.size();
    const size_t left = n - result.size();
    StatusOr<std::string> piece = std::string();
    if (stored_ != nullptr && at < stored_->length) {
      auto file = std::partition_point(stored_->files.begin(), stored_->files.end(),
                                       [at](const StoredFile& f) { return f.end() <= at; });
      if (file == stored_->files.end() || at < file->start) {
        return DataLoss("no file holds offset {}", at);
      }
      piece = ReadFile(*file, at, static_cast<size_t>(std::min<uint64_t>(left, file->end() - at)));
    } else {
      piece = ReadLog(at, left);
    }
    if (!piece.ok()) return piece.status();
    if (piece->empty()) return DataLoss("offset {} is neither in Tier-2 nor in the log", at);
    result += *piece;
  }
  return result;
}

StatusOr<std::string> SegmentBytes::ReadFile(const StoredFile& file, uint64_t offset, size_t n) {
  if (!IsSafeRelativePath(file.path)) return DataLoss("bad file name '{}'", file.path);
  if (open_path_ != file.path) {
    open_.reset();
    StatusOr<std::unique_ptr<ReadableFile>> opened = disk_.OpenRead(file.path);
    if (!opened.ok()) return Annotate(opened.status(), file.path);
    open_ = std::move(opened).value();
    open_path_ = file.path;
  }
  StatusOr<std::string> bytes = open_->ReadAt(offset - file.start, n);
  if (bytes.ok() || CannotJudge(bytes.status())) return bytes;
  return DataLoss("{} is too short: {}", file.path, Message(bytes.status()));
}

StatusOr<std::string> SegmentBytes::ReadLog(uint64_t offset, size_t n) const {
  if (log_ == nullptr) return std::string();
  auto it = log_->appends.upper_bound(static_cast<int64_t>(offset));
  if (it == log_->appends.begin()) return std::string();
  const auto& [start, data] = *--it;
  const uint64_t skip = offset - static_cast<uint64_t>(start);
  if (skip >= data.size()) return std::string();
  return data.substr(skip, n);
}

}  // namespace pdr::verify
