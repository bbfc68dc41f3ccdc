// The ways in which something is handed to the next controller, or told the operator.
// docs/formats/zookeeper-layout.md section 10.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "recovery/controller_work.h"

namespace pdr {

class Handover {
 public:
  // A process id that no controller has: theirs are host names with a UUID.
  static constexpr std::string_view kProcess = "pravega-dr";

  Handover(const ControllerEvidence& evidence, ControllerWork& work)
      : evidence_(evidence), work_(work) {}

  template <typename... Args>
  void Note(std::string_view code, std::string subject, fmt::format_string<Args...> format,
            Args&&... args) {
    work_.anomalies.push_back({std::string(code), -1, std::move(subject),
                               fmt::format(format, std::forward<Args>(args)...)});
  }

  void Node(std::string path, std::string data) {
    work_.nodes.push_back({std::move(path), std::move(data)});
  }
  bool HasNode(std::string_view path) const;

  // A table that the controller made before and uses now.
  void Expect(const std::string& table) { work_.tables.insert(table); }
  // A request that a process which is gone had recorded; `id` is unique among them.
  void Ask(const std::string& id, std::string request);
  // A request at the end of one of the controller's streams, which it reads from their start.
  void Post(std::string_view stream_name, const std::string& request);
  // A newer entry of a key of one of the controller's tables, or the key's removal.
  void Put(const std::string& table, std::string_view key, std::optional<std::string_view> value);

 private:
  const ControllerEvidence& evidence_;
  ControllerWork& work_;
};

// Scopes, key-value tables and reader groups that were being made or deleted.
void PlanMembers(const ControllerEvidence& evidence, Handover& handover);

}  // namespace pdr
