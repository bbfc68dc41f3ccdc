// A small Tier-2 tree that a test damages in memory before it is written to a directory.
#pragma once

#include <string>
#include <string_view>

#include "tier2/testing/small_trees.h"

namespace pdr {

// Files are named by any part of their path that only they have; a part that none or several have
// is a mistake of the test and throws.
class DamagedTree {
 public:
  explicit DamagedTree(FileTree files) : files_(std::move(files)) {}

  std::string Path(std::string_view part) const;
  std::string& Bytes(std::string_view part);
  const FileTree& files() const { return files_; }

  void Cut(std::string_view part, size_t keep) { Bytes(part).resize(keep); }
  void CutBy(std::string_view part, size_t bytes);
  // Flips the lowest bit of a byte; `at` below 0 counts from the end.
  void Flip(std::string_view part, int64_t at);
  void Set(std::string_view part, int64_t at, std::string_view bytes);
  void Append(std::string_view part, std::string_view bytes) { Bytes(part) += bytes; }
  // Every occurrence, of which there must be one.
  void Replace(std::string_view part, std::string_view from, std::string_view to);
  void Erase(std::string_view part) { files_.erase(Path(part)); }
  void EraseAll(std::string_view part);
  void Rename(std::string_view part, const std::string& to);
  void Copy(std::string_view part, const std::string& to) { Put(to, Bytes(part)); }
  void Put(const std::string& path, std::string bytes) { files_[path] = {0644, std::move(bytes)}; }

  // Writes everything below `root`.
  void WriteTo(const std::string& root) const;

 private:
  FileTree files_;
};

}  // namespace pdr
