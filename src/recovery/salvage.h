// Bytes in chunk files that the storage metadata does not know yet: the metadata of the chunked
// layout is flushed after the data, so an unclean loss leaves it behind.
// docs/formats/recovery-semantics.md H27, H28, H30; recovery-image-chunked.md section 9, steps 1-2.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recovery/evidence.h"
#include "tier2/inventory.h"

namespace pdr {

// Chunk files that no segment lists, by the segment that they are named for, of one container.
struct OrphanChunk {
  uint64_t offset = 0;
  uint64_t epoch = 0;
  const InventoryFile* file = nullptr;
};
using OrphanChunks = std::map<std::string, std::vector<OrphanChunk>>;

// By container; of Tier-2's unreferenced files. None in the rolling layout.
std::vector<OrphanChunks> FindOrphans(const Inventory& inventory, const Tier2Whole& view);

// Extends the stored segments of a container that are not sealed: first by the surplus of their
// last chunk's file, then by orphans named for the segment at its current end, highest epoch first.
// A segment known only to the container metadata may begin that way. Segments and chunks whose own
// records are inactive or removed are left alone. Pure. The adopted files are in what was salvaged.
// Chunked only.
void SalvageChunks(OrphanChunks orphans, GatheredContainer& container);

// A segment without chunks, as production makes one of this name.
StoredSegment NewStoredSegment(const std::string& name);
// One that recovery makes: nobody owns it until the first boot claims it, at an epoch above all on
// disk.
StoredSegment NewSegment(const Tier2Whole& view, const std::string& name);

}  // namespace pdr
