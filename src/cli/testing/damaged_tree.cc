#include "cli/testing/damaged_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace pdr {
namespace {

size_t Position(const std::string& bytes, int64_t at) {
  const int64_t position = at < 0 ? static_cast<int64_t>(bytes.size()) + at : at;
  return static_cast<size_t>(position);
}

}  // namespace

std::string DamagedTree::Path(std::string_view part) const {
  std::string found;
  for (const auto& [path, file] : files_) {
    if (path.find(part) == path.npos) continue;
    if (!found.empty()) throw std::logic_error(fmt::format("several files have '{}'", part));
    found = path;
  }
  if (found.empty()) throw std::logic_error(fmt::format("no file has '{}'", part));
  return found;
}

std::string& DamagedTree::Bytes(std::string_view part) { return files_[Path(part)].bytes; }

void DamagedTree::CutBy(std::string_view part, size_t bytes) {
  std::string& all = Bytes(part);
  all.resize(all.size() - bytes);
}

void DamagedTree::Flip(std::string_view part, int64_t at) {
  std::string& bytes = Bytes(part);
  char& byte = bytes.at(Position(bytes, at));
  byte = static_cast<char>(byte ^ 1);
}

void DamagedTree::Set(std::string_view part, int64_t at, std::string_view with) {
  std::string& bytes = Bytes(part);
  bytes.replace(Position(bytes, at), with.size(), with);
}

void DamagedTree::Replace(std::string_view part, std::string_view from, std::string_view to) {
  std::string& bytes = Bytes(part);
  size_t at = bytes.find(from);
  if (at == bytes.npos) throw std::logic_error(fmt::format("'{}' is not in '{}'", from, part));
  for (; at != bytes.npos; at = bytes.find(from, at + to.size())) {
    bytes.replace(at, from.size(), to);
  }
}

void DamagedTree::EraseAll(std::string_view part) {
  std::erase_if(files_,
                [&](const auto& file) { return file.first.find(part) != std::string::npos; });
}

void DamagedTree::Rename(std::string_view part, const std::string& to) {
  const std::string from = Path(part);
  files_[to] = files_[from];
  files_.erase(from);
}

void DamagedTree::WriteTo(const std::string& root) const {
  std::filesystem::create_directories(root);
  for (const auto& [path, file] : files_) {
    const std::filesystem::path target = root + "/" + path;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target, std::ios::binary) << file.bytes;
    chmod(target.c_str(), file.mode);
    // All of the same age: what is younger than the metadata counts as written after it.
    const timespec times[2] = {{1700000000, 0}, {1700000000, 0}};
    utimensat(AT_FDCWD, target.c_str(), times, 0);
  }
}

}  // namespace pdr
