// Bytes in chunk files that the storage metadata does not know yet: the metadata of the chunked
// layout is flushed after the data, so an unclean loss leaves it behind.
// docs/formats/recovery-semantics.md H27, H28, H30; recovery-image-chunked.md section 9, steps 1-2.
#pragma once

#include <vector>

#include "recovery/evidence.h"
#include "tier2/inventory.h"

namespace pdr {

// Extends the stored segments of `view` that are not sealed: first by the surplus of their last
// chunk's file, then by unreferenced chunk files named for the segment at its current end, highest
// epoch first. A segment known only to the container metadata may begin that way. Segments and
// chunks whose own records are inactive or removed are left alone. Adopted files leave
// view.unreferenced. Pure.
void SalvageChunks(const Inventory& inventory, Tier2View& view,
                   std::vector<ContainerEvidence>& containers);

// A segment without chunks, as production makes one of this name.
StoredSegment NewStoredSegment(const std::string& name);
// One that recovery makes: nobody owns it until the first boot claims it, at an epoch above all on
// disk.
StoredSegment NewSegment(const Tier2View& view, const std::string& name);

}  // namespace pdr
