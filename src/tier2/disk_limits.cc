#include "tier2/disk_limits.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "tier2/disk.h"
#include "tier2/posix_path.h"

namespace pdr {
namespace {

class PosixLimits : public DiskLimits {
 public:
  explicit PosixLimits(UniqueFd root) : root_(std::move(root)), opener_(root_.get()) {}

  StatusOr<uint64_t> FreeBytes() const override {
    struct statvfs st;
    if (fstatvfs(root_.get(), &st) != 0) return ErrnoStatus(errno, "free space below", "");
    return uint64_t{st.f_bavail} * st.f_frsize;
  }

  Status CheckMayChange(const std::string& path) const override {
    RETURN_IF_ERROR(CheckDiskPath(path));
    ASSIGN_OR_RETURN(UniqueFd fd, opener_.Open(path, O_PATH | O_NOFOLLOW, 0, "looking at"));
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, "looking at", path);
    if (S_ISDIR(st.st_mode)) {
      if (faccessat(fd.get(), ".", W_OK | X_OK, AT_EACCESS) == 0) return OkStatus();
      return ErrnoStatus(errno, "writing to directory", path);
    }
    if (geteuid() == 0 || geteuid() == st.st_uid) return OkStatus();
    return PermissionDenied("setting the mode of '{}': it belongs to user {}, this is user {}",
                            path, st.st_uid, geteuid());
  }

 private:
  UniqueFd root_;
  BeneathOpener opener_;
};

}  // namespace

StatusOr<std::unique_ptr<DiskLimits>> OpenPosixLimits(const std::string& root) {
  UniqueFd fd(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "opening", root);
  return std::make_unique<PosixLimits>(std::move(fd));
}

}  // namespace pdr
