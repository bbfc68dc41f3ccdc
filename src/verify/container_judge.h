// Judges one container: boots it from its log, finds its Tier-2, compares the two.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "tier1/tier1.h"
#include "verify/chunked_segments.h"
#include "verify/container_state.h"
#include "verify/names_on_disk.h"
#include "verify/outcome.h"
#include "verify/segment_check.h"

namespace pdr::verify {

// Up to `depth` calls to Tier-2 at a time. Errors as for VerifyCluster.
StatusOr<ContainerOutcome> JudgeContainer(const Disk& disk, Tier1& tier1,
                                          const VerifyOptions& options, const DiskNames& names,
                                          int container, size_t depth);

// What follows once its log is read.
class ContainerJudge {
 public:
  ContainerJudge(ContainerState state, const ContainerNames& names, size_t depth,
                 ContainerOutcome& outcome)
      : state_(std::move(state)),
        names_(names),
        depth_(depth),
        outcome_(outcome),
        findings_(outcome.report, state_.container) {}

  Status Run();

 private:
  // False: a finding says why there is nothing more to judge.
  StatusOr<bool> BootSystem();
  StatusOr<bool> BootChunkedSystem(const Registered& metadata);
  StatusOr<bool> ReadStored();
  Status ReadRecords();
  StatusOr<StorageRecords> ReadStorageRecords(const SegmentInfo& record);

  void CheckJournalEpochs();
  Status CheckRecords();
  void CheckUnregistered();
  void NoteUnreferenced();

  Registered Metadata() const;  // metadata_C, as the log maps it

  ContainerState state_;
  const ContainerNames& names_;
  const size_t depth_;
  ContainerOutcome& outcome_;
  Findings findings_;

  ChunkOwners owners_;
  std::map<std::string, SegmentInfo> records_;
};

}  // namespace pdr::verify
