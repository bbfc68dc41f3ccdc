// The anomaly codes by what was done about them.
#include <map>

#include "report/run_report.h"

namespace pdr {

std::string ActionFor(const std::string& code) {
  static const std::map<std::string, std::string> kActions = {
      {"aborted-transaction", "set aside"},
      {"chunk-empty", "repaired"},
      {"chunk-long", "salvaged"},
      {"chunk-missing", "cut"},
      {"chunk-short", "cut"},
      {"controller-reader-group", "emptied"},
      {"damaged-event", "kept"},
      {"data-hole", "cut"},
      {"data-missing", "registered empty"},
      {"deleted-leftover", "set aside"},
      {"head-missing", "cut"},
      {"header-damaged", "set aside"},
      {"header-temp", "repaired"},
      {"header-unreadable", "set aside"},
      {"headerless-shadowed", "set aside"},
      {"index-cut", "cut"},
      {"index-rebuilt", "rebuilt"},
      {"index-unreadable", "set aside"},
      {"leftover", "set aside"},
      {"list-broken", "cut"},
      {"list-disagrees", "repaired"},
      {"orphan-index", "set aside"},
      {"record-missing", "salvaged"},
      {"salvaged", "salvaged"},
      {"seal-ahead", "unsealed"},
      {"seal-missing", "sealed"},
      {"segment-missing", "registered empty"},
      {"start-guessed", "cut"},
      {"table-torn", "cut"},
      {"torn-tail", "cut"},
      {"transaction-committing", "kept"},
      {"transaction-half-merged", "cut"},
      {"transaction-incomplete", "merged"},
      {"transaction-merged", "merged"},
      {"transaction-unplaced", "set aside"},
      {"transient", "set aside"},
      {"truncated-away", "set aside"},
      {"unframed", "kept"},
      {"unknown-to-controller", "kept"},
      {"unlisted-header", "set aside"},
      {"unreferenced", "set aside"},
      {"writers-forgotten", "dropped"},
  };
  const auto found = kActions.find(code);
  return found == kActions.end() ? "named" : found->second;
}

}  // namespace pdr
