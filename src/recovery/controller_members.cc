// Scopes, key-value tables and reader groups caught while they were made or deleted: what the
// controller's handlers can finish is asked for; a name of which nothing else is left is removed,
// because neither creating nor deleting it would ever end.
// docs/formats/controller-tables.md section 11.
#include <string>

#include "format/controller_events.h"
#include "recovery/controller_handover.h"

namespace pdr {
namespace {

// A scope's deletion reads the list of key-value tables when their records are gone, which is
// before their names are; a name that is left makes it end, as done, with the scope still there.
// The requests of a scope are carried out one after the other, and one without work does nothing:
// the second one finds the names gone, and a third costs nothing.
constexpr int kScopeRequests = 3;

class MembersPlanner {
 public:
  MembersPlanner(const ControllerEvidence& evidence, Handover& handover)
      : evidence_(evidence), handover_(handover) {}

  void Run() {
    for (const auto& [name, id] : evidence_.deleting_scopes) PlanDeletedScope(name, id);
    for (const auto& [scope_name, scope] : evidence_.scopes) {
      for (const auto& [name, table] : scope.kv_tables) PlanKvTable(table);
      for (const auto& [name, group] : scope.reader_groups) PlanReaderGroup(scope, group);
    }
  }

 private:
  void PlanDeletedScope(const std::string& name, const Uuid& id) {
    if (!evidence_.scopes_known) return;
    if (evidence_.IsScopeDeleted(name)) {
      for (int time = 1; time <= kScopeRequests; ++time) {
        handover_.Ask(fmt::format("delete-scope_%_{}_%_{}", name, time),
                      EncodeDeleteScopeRequest(name, id));
      }
      handover_.Note("workflow-unfinished", name,
                     "the scope was being deleted, with all in it: the controller takes that up "
                     "again");
      return;
    }
    // The mark is removed last: nothing is left to be deleted, and no scope of the name can be
    // made.
    handover_.Put(std::string(kDeletingScopesTable), name, std::nullopt);
    handover_.Note("name-freed", name,
                   "the scope is gone, and was still marked as being deleted: the mark is removed");
  }

  static std::string Subject(const auto& about) { return about.scope + "/" + about.name; }

  // Nothing of it is left but its name in the scope's list.
  void Free(const auto& about, const std::string& list) {
    handover_.Put(list, about.name, std::nullopt);
    handover_.Note("name-freed", Subject(about),
                   "it was being created or deleted, and nothing is recorded of it but its name: "
                   "the name is removed, so that it can be created");
  }

  // True when its creation is among the requests that are read again.
  bool Created(const auto& about, RequestType type) {
    if (!evidence_.requests.created.contains({type, about.id})) return false;
    handover_.Note("workflow-unfinished", Subject(about),
                   "it was being created; the controller reads the request again");
    return true;
  }

  void PlanKvTable(const KvTableEvidence& table) {
    if (!table.readable || table.state == LifeState::kActive) return;
    const bool scope_deleted = evidence_.IsScopeDeleted(table.scope);
    if (table.state == LifeState::kDeleting) {
      if (scope_deleted) return;
      handover_.Post("_kvTableStream", EncodeDeleteRequest(RequestType::kDeleteTable, table.scope,
                                                           table.name, table.id));
      handover_.Note("workflow-unfinished", Subject(table),
                     "the key-value table was being deleted");
    } else if (table.configuration && !scope_deleted) {
      handover_.Post("_kvTableStream",
                     EncodeCreateTableRequest(*table.configuration, table.id, table.creation_time));
      handover_.Note("workflow-unfinished", Subject(table),
                     "the key-value table was being created");
    } else if (table.state == LifeState::kUnknown && !table.has_segments) {
      if (!scope_deleted && Created(table, RequestType::kCreateTable)) return;
      Free(table, KvTablesInScopeTable(table.scope, evidence_.scopes.at(table.scope).id));
    }
  }

  void PlanReaderGroup(const ScopeEvidence& scope, const ReaderGroupEvidence& group) {
    if (!group.readable) return;
    const std::string list = ReaderGroupsInScopeTable(group.scope, scope.id);
    if (evidence_.IsScopeDeleted(group.scope)) {
      // Its deletion finds the groups by the streams of their state.
      const bool found =
          scope.streams.contains(fmt::format("{}{}", kGroupStreamPrefix, group.name)) &&
          group.configuration;
      if (scope.streams_known && !found) Free(group, list);
      return;
    }
    if (!group.configuration) {
      if (group.state == LifeState::kDeleting || !Created(group, RequestType::kCreateReaderGroup)) {
        Free(group, list);
      }
    } else if (group.state == LifeState::kDeleting) {
      Ask(group, "delete-group", "the reader group was being deleted",
          EncodeDeleteRequest(RequestType::kDeleteReaderGroup, group.scope, group.name, group.id));
    } else if (group.state != LifeState::kActive) {
      Ask(group, "create-group",
          "the reader group was being created: creating it again writes its first state",
          EncodeCreateReaderGroupRequest(group.scope, group.name, *group.configuration, group.id,
                                         group.creation_time));
    } else if (group.configuration->updating) {
      Ask(group, "update-group", "the reader group was being updated",
          EncodeUpdateReaderGroupRequest(group.scope, group.name, group.id,
                                         group.configuration->generation));
    }
  }

  void Ask(const ReaderGroupEvidence& group, std::string_view what, std::string_view meaning,
           std::string request) {
    handover_.Ask(fmt::format("{}_%_{}_%_{}", what, group.scope, group.name), std::move(request));
    handover_.Note("workflow-unfinished", Subject(group), "{}", meaning);
  }

  const ControllerEvidence& evidence_;
  Handover& handover_;
};

}  // namespace

void PlanMembers(const ControllerEvidence& evidence, Handover& handover) {
  MembersPlanner(evidence, handover).Run();
}

}  // namespace pdr
