// Damage to a tree, as the bytes of a fuzzing input: which tree, then one edit after another.
#pragma once

#include <string_view>
#include <vector>

#include "tier2/testing/small_trees.h"

namespace pdr {

// Fills `disk` with one of the trees as damaged by `input`. Every input means something.
//
//   input = u8 tree, edit*
//   edit  = u8 kind (modulo the number of kinds), u16 file, fields of the kind
//   at    = u16, counted from the end of the file when its highest bit is set
//   bytes = u8 count, bytes
void MakeDamagedTree(const std::vector<FileTree>& trees, std::string_view input, MemoryDisk& disk);

}  // namespace pdr
