// MetadataStore over a directory.
//
//   nodes/<element>/<element>/.node   one node (node_record.h); children beside it
//   sessions/<number>                 held by flock(2) while its session lives
//   lock                              held by flock(2) during every call: one at a time
//
// A node exists when its .node file does, and, if ephemeral, when its session's file is locked: a
// process that dies takes its ephemeral nodes with it. Reading creates nothing.
#pragma once

#include <memory>
#include <string>

#include "tier1/metadata_store.h"

namespace pdr::embedded {

std::unique_ptr<MetadataStore> OpenMetadataStore(const std::string& directory);

}  // namespace pdr::embedded
