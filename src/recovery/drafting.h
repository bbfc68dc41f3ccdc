// The parts of a decision about one segment (recovery/segment_draft.h), in the order in which they
// are decided.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "recovery/segment_draft.h"

namespace pdr {

struct Drafting {
  const SegmentInput& in;
  const Evidence& evidence;
  const PlanOptions& options;
  SegmentDraft draft;

  template <typename... Args>
  void AddNote(std::string_view code, fmt::format_string<Args...> format, Args&&... args) {
    draft.notes.push_back({std::string(code), fmt::format(format, std::forward<Args>(args)...)});
  }
  void Drop(std::string_view code, std::string_view why) {
    draft.registered = false;
    draft.drop_code = code;
    AddNote(code, "{}; set aside", why);
  }
};

void DecideExistence(Drafting& d);
void DecideExtent(Drafting& d);
void DecideIndex(Drafting& d);
void DecideAttributes(Drafting& d);

}  // namespace pdr
