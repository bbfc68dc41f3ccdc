// The workspace: one SQLite database that remembers how far a run got. Crash-safe; an operator can
// query it with sqlite3. docs/workspace.md lists its tables.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "recovery/manifest.h"
#include "recovery/plan.h"

struct sqlite3;

namespace pdr {

// How far the run got; each phase is recorded when it is complete.
enum class Phase : uint8_t {
  kEmpty,     // nothing recorded
  kPlanned,   // a plan was made and shown; nothing changed
  kBuilt,     // the manifest is recorded, new files are staged in the run's directory
  kReserved,  // every log exists, disabled; the controller's nodes are written
  kLogged,    // every ledger is written, read back and recorded in its (disabled) log
  kSwapping,  // Tier-2 was found unchanged for the last time; from here on files are moved
  kSwapped,   // originals are aside, new files in place
  kVerified,  // the independent check passed
  kDone,      // every log is enabled
  kUndoing,   // dr undo has begun; nothing but finishing it makes sense
  kUndone,    // dr undo put everything back
};
std::string_view PhaseName(Phase phase);
// A run has built something and is not taken back: resumed with dr recover, or undone.
inline bool HoldsRun(Phase phase) { return phase >= Phase::kBuilt && phase != Phase::kUndone; }

// What a plan belongs to; a plan is only carried out where all of this is the same.
struct Identity {
  std::string run_id;  // chosen with the plan; not compared
  std::string cluster_name;
  std::string layout;
  int container_count = 0;
  std::string root;              // its real path
  std::string root_fingerprint;  // over path, size, mode and time of every file
  uint64_t files = 0;            // in Tier-2, outside the tool's own directory
  uint64_t bytes = 0;            // of them
  std::string tool_version;
  int plan_format = 0;      // of what a plan holds and means
  std::string plan_digest;  // over every decision
  bool rehearsal = false;
  // So that undo needs only the workspace: the configuration's real path, and what was set on the
  // command line except passwords.
  std::string config_file;
  std::vector<std::string> settings;
  bool operator==(const Identity&) const = default;
};

// One recorded segment decision, for explain and report.
struct RecordedSegment {
  int container = 0;
  SegmentDecision decision;
  bool registered = true;  // false: its files are set aside
};

// The same without its attributes, for reports over all segments.
struct SegmentSummary {
  int container = 0;
  std::string name;
  int64_t length = 0;
  int64_t start_offset = 0;
  bool sealed = false;
  std::vector<std::string> codes;  // of its notes
};

class Workspace {
 public:
  // Creates the directory and the database as needed and takes its lock: FailedPrecondition when
  // another process holds it. `before_commit` is called before every transaction is committed, so
  // that tests can fail or kill there.
  using Hook = std::function<Status()>;
  // For looking on from another terminal: no lock, no change. NotFound when there is no workspace.
  static StatusOr<std::unique_ptr<Workspace>> OpenReadOnly(const std::string& directory);
  static StatusOr<std::unique_ptr<Workspace>> Open(const std::string& directory,
                                                   Hook before_commit = nullptr);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const std::string& directory() const { return directory_; }
  StatusOr<uint64_t> FreeBytes() const;
  // Whether some program holds the lock of this workspace just now.
  static bool InUse(const std::string& directory);

  StatusOr<Phase> GetPhase();
  Status SetPhase(Phase phase, int64_t now_ms);

  // Replaces any earlier plan; the phase becomes kPlanned.
  Status SavePlan(const Identity& identity, const Plan& plan, int64_t now_ms);
  StatusOr<std::optional<Identity>> LoadIdentity();
  StatusOr<std::vector<RecordedSegment>> LoadSegments();  // those that are registered
  // The same of one name, registered or not, and of the files of its container's metadata tables.
  StatusOr<std::vector<RecordedSegment>> LoadSegment(const std::string& name);
  // The first `most` names that begin with this, in their order.
  StatusOr<std::vector<std::string>> NamesThatBegin(std::string_view prefix, int most);
  StatusOr<std::vector<TableFile>> LoadTableFiles(int container);
  StatusOr<std::vector<SegmentSummary>> LoadSummaries();
  StatusOr<std::vector<Anomaly>> LoadAnomalies();
  StatusOr<std::vector<Loss>> LoadLosses();

  // The phase becomes kBuilt in the same transaction.
  Status SaveManifest(const Manifest& manifest, int64_t now_ms);
  StatusOr<Manifest> LoadManifest();
  // Its file steps alone, in order, with their containers; none before it is saved.
  struct RecordedStep {
    int container = 0;
    FileStep step;
  };
  StatusOr<std::vector<RecordedStep>> LoadFileSteps();

  // When each phase was complete, in order.
  struct PhaseTime {
    Phase phase;
    int64_t at_ms;
  };
  StatusOr<std::vector<PhaseTime>> LoadHistory();

 private:
  explicit Workspace(std::string directory, Hook hook)
      : directory_(std::move(directory)), before_commit_(std::move(hook)) {}
  Status Initialize();
  Status InTransaction(const std::function<Status()>& body);
  Status RecordPhase(Phase phase, int64_t now_ms);
  Status LoadSteps(Manifest& manifest);

  std::string directory_;
  Hook before_commit_;
  sqlite3* db_ = nullptr;
  int lock_fd_ = -1;
};

}  // namespace pdr
