// Carries a manifest out, and takes it back. Every step looks at what is there first, so that each
// can be repeated after an interruption and the whole ends in the same state.
#pragma once

#include <set>
#include <string>

#include "base/progress.h"
#include "base/status.h"
#include "recovery/guarded_disk.h"
#include "recovery/manifest.h"
#include "recovery/run_lock.h"
#include "recovery/run_progress.h"
#include "tier1/durable_log.h"
#include "tier1/tier1.h"
#include "tier2/disk.h"

namespace pdr {

class Committer {
 public:
  Committer(Disk& disk, Tier1& tier1, RunLock& lock, const Manifest& manifest, size_t threads,
            Progress& progress, ContainerWatch* watch = nullptr)
      : disk_(disk, lock),
        tier1_(tier1),
        lock_(lock),
        manifest_(manifest),
        threads_(threads),
        calls_(threads > 1 ? kCalls : 1),
        progress_(progress),
        watch_(watch) {}

  // Marks the Tier-1 as this run's. Then creates every log's record, disabled and without a ledger:
  // a segment store that starts now waits instead of initialising an empty log. Then the
  // controller's nodes.
  Status Reserve();
  // Writes, closes and reads back every ledger and records it in its log, still disabled.
  Status WriteLogs();
  // The same for one container. A ledger that lost the race for the log's record is deleted.
  Status WriteLog(const ContainerManifest& container);
  // Deletes ledgers of this run that no log names: they come from interrupted attempts.
  Status DropOrphanLedgers();
  // Moves originals aside and new files into place.
  Status SwapFiles();
  // One compare-and-set per container, last.
  Status Enable();

  // FailedPrecondition once production has written: a log is not as this run left it.
  Status CheckStillOurs();
  // The reverse, from any of the states above.
  Status Undo();

 private:
  // Calls to ZooKeeper under way at once, on one session: they wait for its disks and the network,
  // not for a core here. One thread asks for one call at a time.
  static constexpr size_t kCalls = 32;

  Status ForEachContainer(size_t threads,
                          const std::function<Status(const ContainerManifest&)>& work);
  LogMetadata Record(bool enabled, std::optional<int64_t> ledger) const;
  // The record of a log if this run wrote it; FailedPrecondition if somebody else did.
  StatusOr<std::optional<VersionedLogMetadata>> LoadOwn(DurableLog& log) const;
  Status DeleteLedgers(const std::set<int64_t>& keep);
  Status UndoLog(const ContainerManifest& container);

  GuardedDisk disk_;
  Tier1& tier1_;  // its nodes are written in the session of the lock, and end with it
  RunLock& lock_;
  const Manifest& manifest_;
  size_t threads_;
  size_t calls_;
  Progress& progress_;
  ContainerWatch* watch_;
};

}  // namespace pdr
