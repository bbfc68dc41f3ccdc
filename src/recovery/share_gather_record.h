// What the hosts of a shared run gather, as files that they exchange.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "recovery/gather_parts.h"

namespace pdr {

// What was gathered of one container so far.
struct GatheredContainer {
  ContainerView view;
  ContainerEvidence evidence;
};
std::string EncodeGathered(const ContainerView& view, const ContainerEvidence& evidence);
// Of this container; DataLoss when it is another one's.
StatusOr<GatheredContainer> DecodeGathered(std::string_view bytes, size_t container);

std::string EncodeTables(const TableContents& tables);
StatusOr<TableContents> DecodeTables(std::string_view bytes);

// What gathering began with.
struct GatherStart {
  TailCheck tail_check = TailCheck::kFast;
  std::string fingerprint;  // of Tier-2
  int container_count = 0;
  Evidence whole;  // what is not about one container
};
std::string EncodeGatherStart(const GatherStart& start);
StatusOr<GatherStart> DecodeGatherStart(std::string_view bytes);

}  // namespace pdr
