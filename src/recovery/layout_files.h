// Turns the drafts of one container into files and records of its layout.
// docs/formats/recovery-image-chunked.md sections 2.1, 2.5, 9; recovery-image-rolling.md section 7.
#pragma once

#include <vector>

#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "recovery/segment_draft.h"
#include "tier2/inventory.h"

namespace pdr {

// What the new image keeps of the old storage records is taken out of them.
void PlanChunkedFiles(const Inventory& inventory, const ContainerView& view, StorageRecords& old,
                      const std::vector<SegmentDraft>& drafts, ContainerPlan& plan);
void PlanRollingFiles(const Inventory& inventory, const ContainerView& view,
                      const ContainerEvidence& found, const std::vector<SegmentDraft>& drafts,
                      ContainerPlan& plan);

// The headers of the rolling layout by the container of their segment; none in the other one.
std::vector<std::vector<const InventoryFile*>> HeadersByContainer(const Inventory& inventory);
// Those of a container that no stored segment has. Left in place they would stop production from
// ever creating a segment of that name.
void SetAsideUnusedHeaders(const std::vector<const InventoryFile*>& headers,
                           const ContainerView& view, std::vector<SetAside>& out);

// All chunk files (rolling: and the header) of a stored segment that exist.
void SetAsideSegment(const StoredSegment& segment, Layout layout, std::string_view code,
                     std::vector<SetAside>& out);

}  // namespace pdr
