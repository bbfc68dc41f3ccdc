// What the hosts of a shared run gather, as files that they exchange; containers are as
// GatheredCodec has them.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "recovery/gather_parts.h"

namespace pdr {

std::string EncodeTables(const TableContents& tables);
StatusOr<TableContents> DecodeTables(std::string_view bytes);

// What gathering began with.
struct GatherStart {
  TailCheck tail_check = TailCheck::kFast;
  std::string fingerprint;  // of Tier-2
  int container_count = 0;
  WholeEvidence whole;
};
std::string EncodeGatherStart(const GatherStart& start);
StatusOr<GatherStart> DecodeGatherStart(std::string_view bytes);

}  // namespace pdr
