// What judging a container's segments looks at: the container as it would boot.
#pragma once

#include <string>
#include <string_view>

#include "verify/log_boot.h"
#include "verify/seen_files.h"
#include "verify/stored.h"
#include "verify/table_check.h"
#include "verify/verify.h"

namespace pdr::verify {

struct Registered;

struct ContainerState {
  const VerifyOptions& options;
  int container = 0;
  LogState log;
  SeenFiles files;
  StoredMap system = {};  // metadata_C, chunked also storage_metadata_C, and their indexes
  StoredMap stored = {};  // everything else

  // Null: nothing in Tier-2.
  const Stored* Find(const std::string& name) const;
  TableSegment Table(const Registered& segment) const;
  // metadata_C, storage_metadata_C, or the index of one.
  bool IsSystem(std::string_view name) const;
};

}  // namespace pdr::verify
