// Small Tier-2 trees that have one of each kind of file: for damaging them, many times over.
#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "tier2/testing/memory_disk.h"

namespace pdr {

using FileTree = std::map<std::string, MemoryDisk::File>;  // by path

// Chunked: the sample of the vectors (container 0 of 1) after one or two epochs.
FileTree SmallChunkedTree(const std::string& testdata, int epoch);
// Rolling: a part of a fixture, with the controller's tables, streams, transactions and a key-value
// table, brought into one container.
StatusOr<FileTree> SmallRollingTree(const std::string& testdata);

}  // namespace pdr
