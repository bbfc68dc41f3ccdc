#include "recovery/workspace.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "recovery/sqlite.h"

namespace pdr {
namespace {

constexpr std::array<std::string_view, 11> kPhaseNames = {
    "empty",   "planned",  "built", "reserved", "logged", "swapping",
    "swapped", "verified", "done",  "undoing",  "undone"};
constexpr int kSchemaVersion = 3;
// Whoever looks on (dr status, sqlite3) locks the database for moments, and must not end a run.
constexpr int kBusyMillis = 10000;
constexpr int kLockTries = 5;
constexpr useconds_t kLockPauseMicros = 20000;

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS identity (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS phase (seq INTEGER PRIMARY KEY, name TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS segment (container INTEGER NOT NULL, name TEXT NOT NULL,
  length INTEGER NOT NULL, start_offset INTEGER NOT NULL, sealed INTEGER NOT NULL,
  record BLOB NOT NULL, registered INTEGER NOT NULL DEFAULT 1,
  record_at INTEGER NOT NULL DEFAULT -1, record_length INTEGER NOT NULL DEFAULT 0,
  record_sealed INTEGER NOT NULL DEFAULT 0, standing INTEGER NOT NULL DEFAULT 0,
  controller_place INTEGER NOT NULL DEFAULT 0, controller_number INTEGER NOT NULL DEFAULT 0,
  controller_id BLOB NOT NULL DEFAULT x'', data_end INTEGER NOT NULL DEFAULT 0,
  chunks INTEGER NOT NULL DEFAULT 0, files BLOB NOT NULL DEFAULT x'',
  tail INTEGER NOT NULL DEFAULT 0, tail_from INTEGER NOT NULL DEFAULT 0,
  tail_proven INTEGER NOT NULL DEFAULT 1, torn_bytes INTEGER NOT NULL DEFAULT 0,
  sealed_from INTEGER NOT NULL DEFAULT 0, start_from INTEGER NOT NULL DEFAULT 0,
  attribute_index INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (container, name));
CREATE TABLE IF NOT EXISTS table_file (container INTEGER NOT NULL, name TEXT NOT NULL,
  start_offset INTEGER NOT NULL, path TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (container INTEGER NOT NULL, name TEXT NOT NULL, code TEXT NOT NULL,
  message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS note_by_name ON note (name);
CREATE TABLE IF NOT EXISTS anomaly (container INTEGER NOT NULL, subject TEXT NOT NULL,
  code TEXT NOT NULL, message TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS loss (subject TEXT NOT NULL, what TEXT NOT NULL, amount INTEGER NOT NULL,
  exact INTEGER NOT NULL, evidence TEXT NOT NULL, from_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS step (seq INTEGER PRIMARY KEY, container INTEGER NOT NULL,
  kind INTEGER NOT NULL, path TEXT NOT NULL, other TEXT NOT NULL, size INTEGER NOT NULL,
  old_mode INTEGER NOT NULL, new_mode INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS frame (container INTEGER NOT NULL, seq INTEGER NOT NULL,
  bytes BLOB NOT NULL, PRIMARY KEY (container, seq));
CREATE TABLE IF NOT EXISTS node (path TEXT PRIMARY KEY, data BLOB NOT NULL);
)sql";

Status OpenDatabase(const std::string& path, int flags, sqlite3*& db) {
  if (sqlite3_open_v2(path.c_str(), &db, flags, nullptr) != SQLITE_OK) {
    return SqliteError(db, "opening " + path);
  }
  sqlite3_busy_timeout(db, kBusyMillis);
  return OkStatus();
}

}  // namespace

std::string_view PhaseName(Phase phase) { return kPhaseNames[static_cast<size_t>(phase)]; }

StatusOr<std::unique_ptr<Workspace>> Workspace::Open(const std::string& directory, Hook hook) {
  std::unique_ptr<Workspace> workspace(new Workspace(directory, std::move(hook)));
  RETURN_IF_ERROR(workspace->Initialize());
  return workspace;
}

StatusOr<std::unique_ptr<Workspace>> Workspace::OpenReadOnly(const std::string& directory) {
  std::unique_ptr<Workspace> workspace(new Workspace(directory, nullptr));
  const std::string path = directory + "/run.sqlite";
  if (access(path.c_str(), F_OK) != 0) {
    if (access((directory + "/rehearsal/run.sqlite").c_str(), F_OK) == 0) {
      return NotFound("{} holds a rehearsal, no real run; add --rehearse to look at it", directory);
    }
    return NotFound("no run is recorded in {}; name its workspace with --workspace", directory);
  }
  RETURN_IF_ERROR(OpenDatabase(path, SQLITE_OPEN_READWRITE, workspace->db_));
  RETURN_IF_ERROR(ExecSql(workspace->db_, "PRAGMA query_only=1"));
  return workspace;
}

Status Workspace::Initialize() {
  if (mkdir(directory_.c_str(), 0755) != 0 && errno != EEXIST) {
    return Unavailable("cannot create the workspace {}: {}; choose another with --workspace",
                       directory_, std::strerror(errno));
  }
  const std::string lock = directory_ + "/lock";
  lock_fd_ = open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_fd_ < 0) {
    return Unavailable("cannot open {}: {}", lock, std::strerror(errno));
  }
  bool locked = false;
  // dr status looks whether it is held, which takes a moment.
  for (int tries = 0; !locked && tries < kLockTries; ++tries) {
    if (tries > 0) usleep(kLockPauseMicros);
    locked = flock(lock_fd_, LOCK_EX | LOCK_NB) == 0;
  }
  if (!locked) {
    return FailedPrecondition("workspace {} is in use by another pravega-dr; wait for it to end",
                              directory_);
  }
  const std::string path = directory_ + "/run.sqlite";
  RETURN_IF_ERROR(OpenDatabase(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, db_));
  RETURN_IF_ERROR(ExecSql(db_, "PRAGMA journal_mode=WAL"));
  RETURN_IF_ERROR(ExecSql(db_, "PRAGMA synchronous=FULL"));
  Statement version(db_, "PRAGMA user_version");
  RETURN_IF_ERROR(version.Step().status());
  const int64_t found = version.Int(0);
  if (found != 0 && found != kSchemaVersion) {
    return Unimplemented("workspace {} has format {}, this program knows {}", directory_, found,
                         kSchemaVersion);
  }
  RETURN_IF_ERROR(version.Run());
  RETURN_IF_ERROR(ExecSql(db_, kSchema));
  return ExecSql(db_, "PRAGMA user_version=3");
}

StatusOr<uint64_t> Workspace::FreeBytes() const {
  struct statvfs st;
  if (statvfs(directory_.c_str(), &st) == 0) return uint64_t{st.f_bavail} * st.f_frsize;
  return Unavailable("free space of {}: {}", directory_, std::strerror(errno));
}

bool Workspace::InUse(const std::string& directory) {
  const int fd = open((directory + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
  close(fd);
  return held;
}

Workspace::~Workspace() {
  sqlite3_close(db_);
  if (lock_fd_ >= 0) close(lock_fd_);
}

Status Workspace::InTransaction(const std::function<Status()>& body) {
  RETURN_IF_ERROR(ExecSql(db_, "BEGIN IMMEDIATE"));
  Status status = body();
  if (status.ok() && before_commit_) status = before_commit_();
  if (status.ok()) status = ExecSql(db_, "COMMIT");
  if (status.ok()) return status;
  // The first error is the one to report; a rollback that fails leaves nothing committed either.
  ExecSql(db_, "ROLLBACK").IgnoreError();
  return status;
}

Status Workspace::RecordPhase(Phase phase, int64_t now_ms) {
  return Statement(db_, "INSERT INTO phase (name, at_ms) VALUES (?, ?)")
      .Bind(PhaseName(phase))
      .Bind(now_ms)
      .Run();
}

Status Workspace::SetPhase(Phase phase, int64_t now_ms) {
  return InTransaction([&] { return RecordPhase(phase, now_ms); });
}

StatusOr<std::vector<Workspace::PhaseTime>> Workspace::LoadHistory() {
  std::vector<PhaseTime> history;
  Statement rows(db_, "SELECT name, at_ms FROM phase ORDER BY seq");
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return history;
    const std::string name = rows.Text(0);
    const auto* known = std::find(kPhaseNames.begin(), kPhaseNames.end(), name);
    if (known == kPhaseNames.end()) {
      return DataLoss("workspace {}: unknown phase '{}'", directory_, name);
    }
    history.push_back({static_cast<Phase>(known - kPhaseNames.begin()), rows.Int(1)});
  }
}

StatusOr<Phase> Workspace::GetPhase() {
  ASSIGN_OR_RETURN(std::vector<PhaseTime> history, LoadHistory());
  return history.empty() ? Phase::kEmpty : history.back().phase;
}

}  // namespace pdr
