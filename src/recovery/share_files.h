// The files of a shared run on Tier-2's mount, below <run>/share/, and .pravega-dr/shared-run,
// which names the run that is under way. Each is written aside and then given its name by a rename
// that replaces nothing: of two writers the first wins, and nobody ever reads half a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tier2/disk.h"

namespace pdr {

std::string ShareDir(const std::string& run_id);

// The id of the shared run that has begun and neither finished nor been undone.
StatusOr<std::optional<std::string>> CurrentSharedRun(const Disk& disk);
// From here on the run exists. Aborted when another one was published first.
Status PublishSharedRun(Disk& disk, const std::string& run_id);

// Makes sure that no run that was not published by now ever will be: a host that was paused right
// before that finds nothing to publish.
Status WithdrawUnpublishedRuns(Disk& disk);

enum class ShareEnd { kFinished, kUndone };
// Ends the run if it is the current one.
Status RetireSharedRun(Disk& disk, const std::string& run_id, ShareEnd end);
StatusOr<std::optional<ShareEnd>> HowSharedRunEnded(const Disk& disk, const std::string& run_id);

// Success as well when the record is there already, written by somebody else; `token` is the
// writer's own.
Status PublishShareRecord(Disk& disk, const std::string& run_id, const std::string& name,
                          std::string_view token, std::string_view bytes);
// Removes what hosts gathered, of every gathering, also of one that nobody finished.
Status RemoveGatherings(Disk& disk);
StatusOr<std::string> LoadShareRecord(const Disk& disk, const std::string& run_id,
                                      const std::string& name);
StatusOr<bool> HasShareRecord(const Disk& disk, const std::string& run_id, const std::string& name);

}  // namespace pdr
