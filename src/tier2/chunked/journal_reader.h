// Finding and applying a container's snapshot and journals by listing.
// docs/formats/lts-chunked.md section 6, recovery-image-chunked.md section 1.
#pragma once

#include <vector>

#include "format/names.h"
#include "tier2/chunked/system_segments.h"
#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

struct SystemFiles {  // of one container
  struct Entry {
    const InventoryFile* file = nullptr;
    ParsedJournalName name;
  };
  std::vector<Entry> snapshots;
  std::vector<Entry> journals;
};

// The state after the newest snapshot that can be used and all journals that follow it. Journals
// behind a gap that bootstrap does not bridge are left out, as production does, with an anomaly.
StatusOr<SystemSegments> ReadSystemSegments(const Disk& disk, const SystemFiles& system,
                                            const FileIndex& files, ContainerView& container);

// By container.
std::vector<SystemFiles> GroupSystemFiles(const Inventory& inventory);

// Fills container.system with that state.
Status ReadSystem(const Disk& disk, const SystemFiles& system, FileIndex& files,
                  ContainerView& container);

}  // namespace pdr
