// Saving and loading the plan and the manifest; its segments are in workspace_segments.cc, the rest
// of Workspace is in workspace.cc.
#include <algorithm>
#include <map>

#include "recovery/sqlite.h"
#include "recovery/workspace.h"
#include "recovery/workspace_segments.h"

namespace pdr {
namespace {

constexpr int kMaxContainers = 1 << 20;  // far more than any cluster has

Status InsertFindings(sqlite3* db, const Plan& plan) {
  Statement anomaly(db, "INSERT INTO anomaly VALUES (?, ?, ?, ?)");
  for (const Anomaly& a : plan.anomalies) {
    RETURN_IF_ERROR(
        anomaly.Bind(int64_t{a.container}).Bind(a.subject).Bind(a.code).Bind(a.message).Run());
  }
  Statement loss(db, "INSERT INTO loss VALUES (?, ?, ?, ?, ?, ?)");
  for (const Loss& l : plan.losses) {
    RETURN_IF_ERROR(loss.Bind(l.subject)
                        .Bind(l.what)
                        .Bind(static_cast<int64_t>(l.amount))
                        .Bind(int64_t{l.exact})
                        .Bind(l.evidence)
                        .Bind(l.from_ms.value_or(0))
                        .Run());
  }
  return OkStatus();
}

Status InsertIdentity(sqlite3* db, const Identity& id) {
  const std::map<std::string_view, std::string> values = {
      {"bytes", fmt::format("{}", id.bytes)},
      {"cluster_name", id.cluster_name},
      {"config_file", id.config_file},
      {"container_count", fmt::format("{}", id.container_count)},
      {"files", fmt::format("{}", id.files)},
      {"layout", id.layout},
      {"plan_digest", id.plan_digest},
      {"plan_format", fmt::format("{}", id.plan_format)},
      {"rehearsal", id.rehearsal ? "1" : "0"},
      {"root", id.root},
      {"root_fingerprint", id.root_fingerprint},
      {"run_id", id.run_id},
      {"settings", fmt::format("{}", fmt::join(id.settings, "\n"))},
      {"tool_version", id.tool_version}};
  Statement insert(db, "INSERT OR REPLACE INTO identity VALUES (?, ?)");
  for (const auto& [key, value] : values) {
    RETURN_IF_ERROR(insert.Bind(key).Bind(value).Run());
  }
  return OkStatus();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

}  // namespace

Status Workspace::SavePlan(const Identity& identity, const Plan& plan, int64_t now_ms) {
  return InTransaction([&]() -> Status {
    RETURN_IF_ERROR(ExecSql(db_,
                            "DELETE FROM identity; DELETE FROM segment; DELETE FROM note;"
                            "DELETE FROM table_file;"
                            "DELETE FROM anomaly; DELETE FROM loss; DELETE FROM step;"
                            "DELETE FROM frame; DELETE FROM node; DELETE FROM phase"));
    RETURN_IF_ERROR(InsertIdentity(db_, identity));
    RETURN_IF_ERROR(InsertSegments(db_, plan));
    RETURN_IF_ERROR(InsertFindings(db_, plan));
    return RecordPhase(Phase::kPlanned, now_ms);
  });
}

StatusOr<std::optional<Identity>> Workspace::LoadIdentity() {
  std::map<std::string, std::string> values;
  Statement rows(db_, "SELECT key, value FROM identity");
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) break;
    values[rows.Text(0)] = rows.Text(1);
  }
  if (values.empty()) return std::optional<Identity>();
  Identity id;
  const auto number = [&](const char* key) {
    return std::strtoull(values[key].c_str(), nullptr, 10);
  };
  id.run_id = values["run_id"];
  id.cluster_name = values["cluster_name"];
  id.layout = values["layout"];
  id.container_count = static_cast<int>(number("container_count"));
  id.files = number("files");
  id.bytes = number("bytes");
  id.plan_format = static_cast<int>(number("plan_format"));
  id.root = values["root"];
  id.root_fingerprint = values["root_fingerprint"];
  id.tool_version = values["tool_version"];
  id.plan_digest = values["plan_digest"];
  id.rehearsal = values["rehearsal"] == "1";
  id.config_file = values["config_file"];
  id.settings = Lines(values["settings"]);
  return std::optional(id);
}

StatusOr<std::vector<Anomaly>> Workspace::LoadAnomalies() {
  std::vector<Anomaly> out;
  Statement rows(db_, "SELECT code, container, subject, message FROM anomaly ORDER BY rowid");
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return out;
    out.push_back({rows.Text(0), static_cast<int>(rows.Int(1)), rows.Text(2), rows.Text(3)});
  }
}

StatusOr<std::vector<Loss>> Workspace::LoadLosses() {
  std::vector<Loss> out;
  Statement rows(db_,
                 "SELECT subject, what, amount, exact, evidence, from_ms FROM loss ORDER BY rowid");
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return out;
    out.push_back({rows.Text(0), rows.Text(1), static_cast<uint64_t>(rows.Int(2)), rows.Int(3) != 0,
                   rows.Text(4), rows.Int(5) == 0 ? std::nullopt : std::optional(rows.Int(5))});
  }
}

Status Workspace::SaveManifest(const Manifest& manifest, int64_t now_ms) {
  return InTransaction([&]() -> Status {
    RETURN_IF_ERROR(ExecSql(db_, "DELETE FROM step; DELETE FROM frame; DELETE FROM node"));
    Statement identity(db_, "INSERT OR REPLACE INTO identity VALUES (?, ?)");
    RETURN_IF_ERROR(identity.Bind("epoch").Bind(fmt::format("{}", manifest.epoch)).Run());
    Statement step(db_,
                   "INSERT INTO step (container, kind, path, other, size, old_mode, new_mode) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?)");
    Statement frame(db_, "INSERT INTO frame VALUES (?, ?, ?)");
    for (const ContainerManifest& c : manifest.containers) {
      for (const FileStep& s : c.steps) {
        RETURN_IF_ERROR(step.Bind(int64_t{c.container})
                            .Bind(static_cast<int64_t>(s.kind))
                            .Bind(s.path)
                            .Bind(s.other)
                            .Bind(static_cast<int64_t>(s.size))
                            .Bind(int64_t{s.old_mode})
                            .Bind(int64_t{s.new_mode})
                            .Run());
      }
      for (size_t i = 0; i < c.frames.size(); ++i) {
        RETURN_IF_ERROR(frame.Bind(int64_t{c.container})
                            .Bind(static_cast<int64_t>(i))
                            .BindBlob(c.frames[i])
                            .Run());
      }
    }
    Statement node(db_, "INSERT INTO node VALUES (?, ?)");
    for (const NodeWrite& n : manifest.nodes) {
      RETURN_IF_ERROR(node.Bind(n.path).BindBlob(n.data).Run());
    }
    return RecordPhase(Phase::kBuilt, now_ms);
  });
}

StatusOr<Manifest> Workspace::LoadManifest() {
  Manifest manifest;
  ASSIGN_OR_RETURN(std::optional<Identity> identity, LoadIdentity());
  if (!identity) return NotFound("workspace {} holds no run", directory_);
  manifest.layout =
      identity->layout == LayoutName(Layout::kRolling) ? Layout::kRolling : Layout::kChunked;
  manifest.run_id = identity->run_id;
  Statement value(db_, "SELECT value FROM identity WHERE key = ?");
  ASSIGN_OR_RETURN(bool has_epoch, value.Bind("epoch").Step());
  if (!has_epoch) return NotFound("workspace {} holds no built run", directory_);
  manifest.epoch = std::strtoull(value.Text(0).c_str(), nullptr, 10);
  if (identity->container_count < 1 || identity->container_count > kMaxContainers) {
    return DataLoss("workspace {}: a run of {} containers", directory_, identity->container_count);
  }
  manifest.containers.resize(static_cast<size_t>(identity->container_count));
  for (size_t i = 0; i < manifest.containers.size(); ++i) {
    manifest.containers[i].container = static_cast<int>(i);
  }
  RETURN_IF_ERROR(LoadSteps(manifest));
  Statement nodes(db_, "SELECT path, data FROM node ORDER BY path");
  while (true) {
    ASSIGN_OR_RETURN(bool more, nodes.Step());
    if (!more) return manifest;
    manifest.nodes.push_back({nodes.Text(0), nodes.Text(1)});
  }
}

Status Workspace::LoadSteps(Manifest& manifest) {
  ASSIGN_OR_RETURN(std::vector<RecordedStep> steps, LoadFileSteps());
  for (RecordedStep& s : steps) {
    const auto container = static_cast<size_t>(s.container);
    if (container >= manifest.containers.size()) {
      return DataLoss("workspace {}: a step of container {}", directory_, container);
    }
    manifest.containers[container].steps.push_back(std::move(s.step));
  }
  Statement frames(db_, "SELECT container, bytes FROM frame ORDER BY container, seq");
  while (true) {
    ASSIGN_OR_RETURN(bool more, frames.Step());
    if (!more) return OkStatus();
    const auto container = static_cast<size_t>(frames.Int(0));
    if (container >= manifest.containers.size()) {
      return DataLoss("workspace {}: a frame of container {}", directory_, container);
    }
    manifest.containers[container].frames.push_back(frames.Text(1));
  }
}

}  // namespace pdr
