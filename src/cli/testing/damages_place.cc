// Names that no server writes, special files, links, holes in the permissions, and roots that are
// none.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "cli/testing/damages.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;
using P = DamagePlace;

void Check(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what + ": " + std::strerror(errno));
}

void Link(const std::string& to, const std::string& path) {
  fs::remove_all(path);
  fs::create_symlink(to, path);
}

void Socket(const std::string& directory, const std::string& name) {
  const std::string old = fs::current_path();
  fs::current_path(directory);  // a socket's address has room for 107 bytes only
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  fs::current_path(old);
  Check(bound == 0, "bind");
  close(fd);
}

// Directories in each other until no path leads to the last.
void DeepTree(const std::string& root) {
  int at = open(root.c_str(), O_RDONLY | O_DIRECTORY);
  for (int depth = 0; depth < 600; ++depth) {
    const std::string name(20, 'd');
    Check(mkdirat(at, name.c_str(), 0755) == 0, "mkdirat");
    const int below = openat(at, name.c_str(), O_RDONLY | O_DIRECTORY);
    close(at);
    at = below;
  }
  close(at);
}

// Replaces the rolling tree's file by something else of the same name.
std::string Header(const P& p) { return p.root + "/dr/scaled/0.#epoch.0$header"; }
std::string Chunk(const P& p) { return p.root + "/dr/scaled/0.#epoch.0$offset.0"; }

std::vector<Damage> SpecialFiles() {
  const TreeKind k = TreeKind::kRolling;
  return {
      {"a fifo in place of a chunk",
       k,
       {},
       [](const P& p) {
         fs::remove(Chunk(p));
         Check(mkfifo(Chunk(p).c_str(), 0644) == 0, "mkfifo");
       },
       kPlan,
       4,
       "--allow special-file"},
      {"a fifo in place of a header",
       k,
       {},
       [](const P& p) {
         fs::remove(Header(p));
         Check(mkfifo(Header(p).c_str(), 0644) == 0, "mkfifo");
       },
       kPlan,
       4,
       "--allow special-file"},
      {"a fifo in place of the metadata header",
       k,
       {},
       [](const P& p) {
         const std::string path = p.root + "/_system/containers/metadata_0$header";
         fs::remove(path);
         Check(mkfifo(path.c_str(), 0644) == 0, "mkfifo");
       },
       kPlan,
       9,
       "metadata_0' is missing or has no readable chunk list"},
      {"a socket among the files",
       k,
       {},
       [](const P& p) { Socket(p.root + "/dr", "socket"); },
       kCheck,
       0,
       "special: dr/socket"},
      {"a directory in place of a chunk",
       k,
       {},
       [](const P& p) {
         fs::remove(Chunk(p));
         fs::create_directory(Chunk(p));
       },
       kPlan,
       4,
       "--allow data-missing"},
      {"a directory in place of the metadata",
       k,
       {},
       [](const P& p) {
         const std::string path = p.root + "/_system/containers/metadata_0$offset.0";
         fs::remove(path);
         fs::create_directory(path);
       },
       kPlan,
       9,
       "metadata_0' is missing or has no readable chunk list"},
      {"a file in place of _system",
       k,
       {},
       [](const P& p) {
         fs::remove_all(p.root + "/_system");
         std::ofstream(p.root + "/_system") << "x";
       },
       kPlan,
       9,
       "no Pravega container metadata"},
      {"a link to a file out of the root, in place of a chunk",
       k,
       {},
       [](const P& p) { Link(p.top + "/outside/secret", Chunk(p)); },
       kPlan,
       4,
       "--allow special-file"},
      {"a link to a file out of the root, in place of a header",
       k,
       {},
       [](const P& p) { Link("../../../outside/secret", Header(p)); },
       kPlan,
       4,
       "--allow special-file"},
      {"a link to itself",
       k,
       {},
       [](const P& p) { Link("loop", p.root + "/dr/loop"); },
       kCheck,
       0,
       "special: dr/loop"},
      {"a link to the directory above",
       k,
       {},
       [](const P& p) { Link("..", p.root + "/dr/up"); },
       kCheck,
       0,
       "special: dr/up"},
      {"_system is a link out of the root",
       k,
       {},
       [](const P& p) {
         fs::rename(p.root + "/_system", p.top + "/outside/_system");
         Link("../outside/_system", p.root + "/_system");
       },
       kPlan,
       9,
       "no Pravega container metadata below the root"},
      {"containers is a link out of the root",
       k,
       {},
       [](const P& p) {
         fs::rename(p.root + "/_system/containers", p.top + "/outside/containers");
         Link("../../outside/containers", p.root + "/_system/containers");
       },
       kPlan,
       9,
       "no Pravega container metadata below the root"},
      {"a header with a hole of 4 GiB",
       k,
       {},
       [](const P& p) { Check(truncate(Header(p).c_str(), int64_t{4} << 30) == 0, "truncate"); },
       kPlan,
       4,
       "--allow header-damaged"},
      {"metadata with a hole of 4 GiB",
       k,
       {},
       [](const P& p) {
         const std::string path = p.root + "/_system/containers/metadata_0$offset.0";
         Check(truncate(path.c_str(), int64_t{4} << 30) == 0, "truncate");
       },
       kPlan,
       4,
       "--allow table-damaged"},
      {"a chunk with a hole of 4 GiB",
       k,
       {},
       [](const P& p) { Check(truncate(Chunk(p).c_str(), int64_t{4} << 30) == 0, "truncate"); },
       kPlan,
       3,
       "damaged-event"},
      {"an attribute index with a hole of 4 GiB",
       k,
       {},
       [](const P& p) {
         const std::string path = p.root + "/dr/scaled/0.#epoch.0$attributes.index$offset.0";
         Check(truncate(path.c_str(), int64_t{4} << 30) == 0, "truncate");
       },
       kPlan,
       0,
       "index-cut"},
      {"a journal with a hole of 4 GiB",
       TreeKind::kChunked,
       {},
       [](const P& p) {
         const std::string path =
             p.root + "/_system/containers/_sysjournal.epoch2.container0.file2";
         Check(truncate(path.c_str(), int64_t{4} << 30) == 0, "truncate");
       },
       kPlan,
       9,
       "4294967296 bytes, more than the 268435456 such a file may have"},
      {"600 directories in each other",
       k,
       {},
       [](const P& p) { DeepTree(p.root); },
       kCheck,
       9,
       "unreadable: "},
  };
}

std::vector<Damage> Names() {
  using T = DamagedTree;
  const TreeKind k = TreeKind::kRolling;
  const std::string metadata = "_system/containers/metadata_";
  return {
      {"a name that is no UTF-8",
       k,
       [](T& t) { t.Put("dr/\xff\xfe$header", "x"); },
       {},
       kCheck,
       0,
       "foreign: dr/\xff\xfe$header"},
      {"a name with a line break and an escape",
       k,
       [](T& t) { t.Put("dr/a\n\x1b[31m$header", "x"); },
       {},
       kCheck,
       0,
       "foreign: dr/a\\x0a\\x1b[31m$header"},
      {"a name of 255 bytes",
       k,
       [](T& t) { t.Put("dr/" + std::string(255, 'n'), "x"); },
       {},
       kCheck,
       0,
       "foreign: dr/nnn"},
      {"names in another case",
       k,
       [](T& t) { t.Copy("containers/metadata_0$header", "_System/Containers/Metadata_0$header"); },
       {},
       kPlan,
       4,
       "--allow chunk-shared"},
      {"names in another case only",
       k,
       [=](T& t) {
         t.Rename("containers/metadata_0$header", "_system/containers/METADATA_0$HEADER");
       },
       {},
       kPlan,
       9,
       "metadata_0' is missing or has no readable chunk list"},
      {"metadata of both layouts",
       k,
       [](T& t) { t.Put("_system/containers/_sysjournal.epoch1.container0.file1", "x"); },
       {},
       kPlan,
       9,
       "the metadata of both layouts"},
      {"a container missing in the row",
       k,
       [=](T& t) { t.Put(metadata + "2$header", "maxsize=1000&"); },
       {},
       kPlan,
       9,
       "the metadata of container 1 is missing"},
      {"a container number of 2^31 - 1",
       k,
       [=](T& t) { t.Put(metadata + "2147483647$header", "maxsize=1000&"); },
       {},
       kPlan,
       9,
       "the metadata of container 1 is missing"},
      {"a container number beyond 2^64",
       k,
       [=](T& t) { t.Put(metadata + "99999999999999999999$header", "maxsize=1000&"); },
       {},
       kCheck,
       0,
       "backup"},
      {"a container number with a leading zero",
       k,
       [=](T& t) { t.Put(metadata + "01$header", "maxsize=1000&"); },
       {},
       kCheck,
       0,
       "foreign: _system/containers/metadata_01$header"},
      {"a tree of another cluster mixed in",
       k,
       [=](T& t) { t.Copy("containers/metadata_0$header", metadata + "1$header"); },
       {},
       kPlan,
       9,
       "which belongs to container 1 of 2"},
      {"a directory of an earlier run of this program",
       k,
       [](T& t) { t.Put(".pravega-dr/old/backup/dr/x/0.#epoch.0$header", "maxsize=10&"); },
       {},
       kPlan,
       0,
       "Loss         none"},
  };
}

std::vector<Damage> Permissions() {
  const TreeKind k = TreeKind::kRolling;
  auto forbid = [](const std::string& path) { Check(chmod(path.c_str(), 0) == 0, "chmod"); };
  auto metadata = [](const P& p) { return p.root + "/_system/containers/metadata_0$offset.0"; };
  std::vector<Damage> all = {
      {"permissions: a header that cannot be read",
       k,
       {},
       [=](const P& p) { forbid(Header(p)); },
       kPlan,
       4,
       "header-unreadable"},
      {"permissions: a chunk that cannot be read",
       k,
       {},
       [=](const P& p) { forbid(Chunk(p)); },
       kPlan,
       4,
       "--allow segment-unreadable"},
      {"permissions: a directory that cannot be read",
       k,
       {},
       [=](const P& p) { forbid(p.root + "/dr"); },
       kPlan,
       4,
       "--allow unreadable"},
      {"permissions: the metadata directory cannot be read",
       k,
       {},
       [=](const P& p) { forbid(p.root + "/_system/containers"); },
       kPlan,
       9,
       "container metadata cannot be read"},
      {"permissions: the metadata cannot be read",
       k,
       {},
       [=](const P& p) { forbid(metadata(p)); },
       kPlan,
       9,
       "Permission denied"},
      {"permissions: the root cannot be read",
       k,
       {},
       [=](const P& p) { forbid(p.root); },
       kPlan,
       9,
       "Permission denied"},
  };
  for (Damage& damage : all) damage.plain_user = true;
  return all;
}

std::vector<Damage> Roots() {
  const TreeKind k = TreeKind::kRolling;
  auto instead = [](const std::function<void(const std::string&)>& make) {
    return [make](const P& p) {
      fs::remove_all(p.root);
      make(p.root);
    };
  };
  return {
      {"root: missing",
       k,
       {},
       instead([](const std::string&) {}),
       kPlan,
       9,
       "No such file or directory"},
      {"root: empty",
       k,
       {},
       instead([](const std::string& r) { fs::create_directory(r); }),
       kPlan,
       9,
       "no Pravega container metadata"},
      {"root: a file",
       k,
       {},
       instead([](const std::string& r) { std::ofstream(r) << "x"; }),
       kPlan,
       9,
       "is not a directory"},
      {"root: a fifo",
       k,
       {},
       instead([](const std::string& r) { Check(mkfifo(r.c_str(), 0644) == 0, "mkfifo"); }),
       kPlan,
       9,
       "is not a directory"},
      {"root: a link to a device",
       k,
       {},
       instead([](const std::string& r) { Link("/dev/zero", r); }),
       kPlan,
       9,
       "is not a directory"},
      {"root: a link to itself",
       k,
       {},
       instead([](const std::string& r) { Link(r, r); }),
       kPlan,
       9,
       "is a link that leads to itself"},
      {"root: a link to nothing",
       k,
       {},
       instead([](const std::string& r) { Link("/nowhere", r); }),
       kPlan,
       9,
       "No such file or directory"},
      {"root: a directory of something else",
       k,
       {},
       instead([](const std::string& r) {
         fs::create_directories(r + "/lost+found");
         std::ofstream(r + "/notes.txt") << "x";
       }),
       kPlan,
       9,
       "no Pravega container metadata"},
  };
}

}  // namespace

std::vector<Damage> PlaceDamages() {
  std::vector<Damage> all;
  for (const auto& group : {SpecialFiles(), Names(), Permissions(), Roots()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace pdr
