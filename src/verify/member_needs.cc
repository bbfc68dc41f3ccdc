#include "verify/member_needs.h"

#include "format/controller_stream_records.h"

namespace pdr::verify {
namespace {

using Values = std::map<std::string, std::string>;

std::map<std::string, Uuid> Ids(const Values& values) {
  std::map<std::string, Uuid> ids;
  for (const auto& [name, value] : values) {
    if (const auto id = DecodeUuid(value); id.ok()) ids.emplace(name, *id);
  }
  return ids;
}

class MembersCheck {
 public:
  MembersCheck(const MemberNeeds& needs, const std::set<RequestKey>& asked,
               const std::set<RequestKey>& posted, bool table_stream, Findings& findings)
      : needs_(needs),
        asked_(asked),
        posted_(posted),
        table_stream_(table_stream),
        findings_(findings) {}

  void Run() {
    for (const auto& [name, id] : needs_.deleting) CheckScope(name, id);
    for (const auto& [id, name] : needs_.tables) {
      if (!IsScopeDeleted(name.first)) CheckTable(name, Recorded(id));
    }
    for (const auto& [id, name] : needs_.groups) {
      if (!IsScopeDeleted(name.first)) CheckGroup(name, Recorded(id));
    }
  }

 private:
  bool IsScopeDeleted(const std::string& scope) const {
    const auto deleted = needs_.deleting.find(scope);
    const auto known = needs_.scopes.find(scope);
    return deleted != needs_.deleting.end() && known != needs_.scopes.end() &&
           deleted->second == known->second;
  }

  MemberNeeds::Member Recorded(const Uuid& id) const {
    const auto member = needs_.recorded.find(id);
    return member == needs_.recorded.end() ? MemberNeeds::Member() : member->second;
  }

  void CheckScope(const std::string& name, const Uuid& id) {
    if (needs_.scopes.empty()) return;  // the table of scopes was lost: nothing is known
    const auto known = needs_.scopes.find(name);
    if (known == needs_.scopes.end() || known->second != id) {
      Blocked({name, ""}, "marked as being deleted, and gone");
    } else {
      Need(asked_, RequestType::kDeleteScope, {name, ""});
    }
  }

  void CheckTable(const MemberNeeds::Name& name, const MemberNeeds::Member& table) {
    if (table.state == LifeState::kActive) return;
    if (table.state == LifeState::kDeleting) {
      if (table_stream_) Need(posted_, RequestType::kDeleteTable, name);
    } else if (table.configured) {
      if (table_stream_) Need(posted_, RequestType::kCreateTable, name);
    } else if (!Has(posted_, RequestType::kCreateTable, name) &&
               !needs_.with_segments.contains(name)) {
      Blocked(name, "a key-value table of which only the name is recorded");
    }
  }

  void CheckGroup(const MemberNeeds::Name& name, const MemberNeeds::Member& group) {
    if (!group.configured) {
      if (group.state == LifeState::kDeleting ||
          !Has(posted_, RequestType::kCreateReaderGroup, name)) {
        Blocked(name, "a reader group of which only the name is recorded");
      }
    } else if (group.state == LifeState::kDeleting) {
      Need(asked_, RequestType::kDeleteReaderGroup, name);
    } else if (group.state != LifeState::kActive) {
      Need(asked_, RequestType::kCreateReaderGroup, name);
    } else if (group.updating) {
      Need(asked_, RequestType::kUpdateReaderGroup, name);
    }
  }

  static bool Has(const std::set<RequestKey>& requests, RequestType type,
                  const MemberNeeds::Name& name) {
    return requests.contains({type, name.first, name.second});
  }

  static std::string Text(const MemberNeeds::Name& name) {
    return name.second.empty() ? name.first : name.first + "/" + name.second;
  }

  void Need(const std::set<RequestKey>& requests, RequestType type, const MemberNeeds::Name& name) {
    if (Has(requests, type, name)) return;
    findings_.Add("workflow-forgotten", Text(name),
                  "request '{}' is unfinished, and nothing asks the controller for it",
                  RequestTypeName(type));
  }

  void Blocked(const MemberNeeds::Name& name, std::string_view what) {
    findings_.Add("name-blocked", Text(name), "{}: it can be neither created nor deleted", what);
  }

  const MemberNeeds& needs_;
  const std::set<RequestKey>& asked_;
  const std::set<RequestKey>& posted_;
  const bool table_stream_;
  Findings& findings_;
};

}  // namespace

void MemberNeeds::Merge(MemberNeeds other) {
  scopes.merge(other.scopes);
  deleting.merge(other.deleting);
  tables.merge(other.tables);
  groups.merge(other.groups);
  recorded.merge(other.recorded);
  with_segments.merge(other.with_segments);
}

void NoteScopes(std::string_view segment, const Values& values, MemberNeeds& needs) {
  if (segment == kScopesTable) needs.scopes = Ids(values);
  if (segment == kDeletingScopesTable) needs.deleting = Ids(values);
}

void NoteListed(std::string_view kind, const std::string& scope, const Values& values,
                MemberNeeds& needs) {
  for (const auto& [name, id] : Ids(values)) {
    if (kind == "kvTablesInScope") needs.tables.emplace(id, MemberNeeds::Name{scope, name});
    if (kind == "readerGroupsInScope") needs.groups.emplace(id, MemberNeeds::Name{scope, name});
  }
}

void NoteMember(const Uuid& id, const Values& values, MemberNeeds& needs) {
  MemberNeeds::Member& member = needs.recorded[id];
  if (const auto state = values.find(std::string(kStateKey)); state != values.end()) {
    member.state = DecodeLifeState(state->second).value_or(LifeState::kUnknown);
  }
  const auto configuration = values.find(std::string(kConfigurationKey));
  if (configuration == values.end()) return;
  member.configured = true;
  // A key-value table's configuration is another record, and is never updated.
  const auto group = DecodeReaderGroupConfiguration(configuration->second);
  member.updating = group.ok() && group->updating;
}

void CheckMembers(const MemberNeeds& needs, const std::set<RequestKey>& asked,
                  const std::set<RequestKey>& posted, bool table_stream, Findings& findings) {
  MembersCheck(needs, asked, posted, table_stream, findings).Run();
}

}  // namespace pdr::verify
