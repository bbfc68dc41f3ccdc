// What becomes of transactions that were open, being committed or half merged when Tier-1 died.
// docs/formats/recovery-semantics.md H17.
//
// A merge is asked of Tier-1 first and done in Tier-2 later, in steps. So Tier-2 may hold a
// transaction that is merged for everybody else, and its target may hold none, some or all of its
// bytes. Bytes that are there are never appended again; what a committed transaction lacks is.
#pragma once

#include <vector>

#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "recovery/segment_draft.h"

namespace pdr {

// Settles the transactions of one container among its drafts, which are sorted by name.
void ResolveTransactions(const Evidence& evidence, const GatheredContainer& container,
                         std::vector<SegmentDraft>& drafts, std::vector<Loss>& losses);

// Transactions that are not finished for the controller, and of which Tier-2 holds no segment (e).
void FindLostTransactions(const Evidence& evidence, std::vector<Anomaly>& anomalies,
                          std::vector<Loss>& losses);

}  // namespace pdr
