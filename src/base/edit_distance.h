// How far a mistyped word is from the words that were meant.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pdr {

// Letters to insert, delete or replace (Levenshtein).
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word`; empty when there is none.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// The same, but empty when it is too far away to have been meant: more than two letters and more
// than a third of the word.
std::string_view Meant(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace pdr
