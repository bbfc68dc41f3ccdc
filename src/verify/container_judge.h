// Judges one container: boots it from its log, finds its Tier-2, compares the two.
#pragma once

#include <map>
#include <string>

#include "tier1/tier1.h"
#include "verify/chunked_segments.h"
#include "verify/names_on_disk.h"
#include "verify/outcome.h"
#include "verify/segment_check.h"

namespace pdr::verify {

class ContainerJudge {
 public:
  ContainerJudge(const Disk& disk, Tier1& tier1, const VerifyOptions& options, int container,
                 const ContainerNames& names, ContainerOutcome& outcome)
      : disk_(disk),
        tier1_(tier1),
        options_(options),
        container_(container),
        names_(names),
        outcome_(outcome),
        findings_(outcome.report, container) {}

  Status Run();

 private:
  // False: a finding says why there is nothing more to judge.
  StatusOr<bool> BootSystem();
  StatusOr<bool> BootChunkedSystem(const Registered& metadata);
  StatusOr<bool> ReadStored();
  Status ReadRecords();
  StatusOr<StorageRecords> ReadStorageRecords(const SegmentInfo& record);

  void CheckJournalEpochs();
  Status CheckSystemSegment(const Registered& segment);
  Status CheckRecord(const SegmentInfo& record);
  Status CheckIndex(const Registered& segment);
  void NoteRequests(const Registered& segment);
  void CheckUnregistered();
  void NoteUnreferenced();

  const Stored* FindStored(const std::string& name) const;
  Registered Metadata() const;  // metadata_C, as the log maps it
  TableSegment Table(const Registered& segment) const;

  const Disk& disk_;
  Tier1& tier1_;
  const VerifyOptions& options_;
  int container_;
  const ContainerNames& names_;
  ContainerOutcome& outcome_;
  Findings findings_;

  LogState log_;
  ChunkOwners owners_;
  StoredMap system_;  // metadata_C, chunked also storage_metadata_C, and their indexes
  StoredMap stored_;  // everything else
  std::map<std::string, SegmentInfo> records_;
};

}  // namespace pdr::verify
