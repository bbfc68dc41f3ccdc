// Scopes, key-value tables and reader groups that were being made or deleted, as the registered
// tables say: each must be asked for, or be gone. docs/formats/controller-tables.md section 11.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "format/controller_events.h"
#include "verify/findings.h"

namespace pdr::verify {

// What is asked for, of which scope and which stream, table or group.
using RequestKey = std::tuple<RequestType, std::string, std::string>;

struct MemberNeeds {
  using Name = std::pair<std::string, std::string>;  // scope, table or group
  struct Member {
    LifeState state = LifeState::kUnknown;
    bool configured = false;
    bool updating = false;
  };
  std::map<std::string, Uuid> scopes;
  std::map<std::string, Uuid> deleting;  // scopes that are
  std::map<Uuid, Name> tables;           // listed in their scopes
  std::map<Uuid, Name> groups;
  std::map<Uuid, Member> recorded;  // what their own tables say
  std::set<Name> with_segments;     // key-value tables

  void Merge(MemberNeeds other);
};

void NoteScopes(std::string_view segment, const std::map<std::string, std::string>& values,
                MemberNeeds& needs);
// `kind` names a list of a scope: kvTablesInScope, readerGroupsInScope.
void NoteListed(std::string_view kind, const std::string& scope,
                const std::map<std::string, std::string>& values, MemberNeeds& needs);
void NoteMember(const Uuid& id, const std::map<std::string, std::string>& values,
                MemberNeeds& needs);

// `asked`: by nodes, for the request stream; `posted`: in the controller's streams. Without its
// stream, nothing can be posted for a key-value table.
void CheckMembers(const MemberNeeds& needs, const std::set<RequestKey>& asked,
                  const std::set<RequestKey>& posted, bool table_stream, Findings& findings);

}  // namespace pdr::verify
