#include "fuzz/tree_edits.h"

#include <algorithm>

#include "base/bytes.h"
#include "format/names.h"

namespace pdr {
namespace {

constexpr size_t kMaxEdits = 64;

struct BaseFile {
  std::string path;
  MemoryDisk::File file;
};

class Editor {
 public:
  Editor(const FileTree& tree, std::string_view edits) : in_(edits) {
    for (const auto& [path, file] : tree) files_.push_back({path, file});
  }

  void Run() {
    for (size_t n = 0; n < kMaxEdits && in_.remaining() > 0 && !files_.empty(); ++n) One();
  }
  void Into(MemoryDisk& disk) const {
    for (const auto& [path, file] : files_) {
      if (IsUnderAFile(disk, path) || disk.List(path).ok()) continue;
      if (file.mode == kSpecialMode) {
        disk.PutSpecial(path, FileKind::kOther);
      } else {
        disk.Put(path, file.bytes, file.mode);
      }
      if (file.mode == kUnreadableMode) disk.FailReads(path, PermissionDenied("{}", path));
    }
  }

 private:
  static constexpr uint32_t kSpecialMode = 0x8000;
  static constexpr uint32_t kUnreadableMode = 0;

  static bool IsUnderAFile(const MemoryDisk& disk, const std::string& path) {
    for (std::string above = ParentPath(path); !above.empty(); above = ParentPath(above)) {
      const auto stat = disk.Stat(above);
      if (stat.ok() && stat->kind != FileKind::kDirectory) return true;
    }
    return false;
  }

  std::string Bytes() { return std::string(in_.Take(std::min<size_t>(in_.U8(), in_.remaining()))); }
  size_t At(const std::string& bytes) {
    const uint16_t raw = in_.U16();
    const size_t at = (raw & 0x7fff) % (bytes.size() + 1);
    return (raw & 0x8000) != 0 ? bytes.size() - at : at;
  }
  static void Overwrite(std::string& bytes, size_t at, std::string_view with) {
    if (bytes.size() < at + with.size()) bytes.resize(at + with.size());
    bytes.replace(at, with.size(), with);
  }
  // Numbers at the edges of what lengths, counts and offsets can be.
  std::string Edge() {
    static constexpr uint64_t kEdges[] = {
        0,          1,           0x7f,      0xff,       0xffff,     0x7fffffff,     0x80000000,
        0xffffffff, 0x100000000, INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 1, 1ULL << 62,
        0x3fffffff, 0x7ffffffe};
    const uint8_t choice = in_.U8();
    ByteWriter w;
    if ((choice & 0x80) != 0) {
      w.U32(kEdges[choice % std::size(kEdges)]);
    } else {
      w.U64(kEdges[choice % std::size(kEdges)]);
    }
    return w.Take();
  }
  void Rename(BaseFile& file) {
    const std::string part = Bytes();
    const size_t at = At(file.path);
    std::string path = file.path;
    Overwrite(path, std::min(at, path.size()), part);
    if (IsSafeRelativePath(path)) file.path = path;  // a disk has no other names
  }
  void One() {
    const uint8_t kind = in_.U8();
    const size_t index = in_.U16() % files_.size();
    BaseFile& target = files_[index];
    std::string& bytes = target.file.bytes;
    const size_t at = At(bytes);
    switch (kind % 10) {
      case 0:
        Overwrite(bytes, at, Bytes());
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        bytes.insert(at, Bytes());
        break;
      case 3:
        Overwrite(bytes, at, Edge());
        break;
      case 4:
        bytes.erase(at, in_.U8());
        break;
      case 5:
        files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(index));
        break;
      case 6:
        Rename(target);
        break;
      case 7:
        target.file.mode = (at & 1) != 0 ? kSpecialMode : in_.U8() % 4 * 0222;
        break;
      case 8:
        bytes = files_[in_.U16() % files_.size()].file.bytes;
        break;
      default:
        Copy(target);
        break;
    }
  }
  void Copy(const BaseFile& original) {
    BaseFile copy = original;
    Rename(copy);
    files_.push_back(std::move(copy));
  }

  std::vector<BaseFile> files_;
  ByteReader in_;
};

}  // namespace

void MakeDamagedTree(const std::vector<FileTree>& trees, std::string_view input, MemoryDisk& disk) {
  ByteReader in(input);
  Editor editor(trees[in.U8() % trees.size()], in.Rest());
  editor.Run();
  editor.Into(disk);
}

}  // namespace pdr
