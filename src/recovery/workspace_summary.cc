// Reading a workspace for a report: everything in one pass, whatever its size.
#include "recovery/sqlite.h"
#include "recovery/workspace.h"
#include "tier2/disk.h"

namespace pdr {

StatusOr<std::vector<SegmentSummary>> Workspace::LoadSummaries() {
  std::vector<SegmentSummary> segments;
  Statement rows(db_,
                 "SELECT container, name, length, start_offset, sealed, registered FROM segment "
                 "ORDER BY container, name");
  Statement notes(db_,
                  "SELECT DISTINCT container, name, code FROM note ORDER BY container, name, code");
  ASSIGN_OR_RETURN(bool note, notes.Step());
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return segments;
    SegmentSummary s{static_cast<int>(rows.Int(0)),
                     rows.Text(1),
                     rows.Int(2),
                     rows.Int(3),
                     rows.Int(4) != 0,
                     {}};
    // Both are in the same order, and every note is about a segment that is there.
    while (note && notes.Int(0) == s.container && notes.Text(1) == s.name) {
      s.codes.push_back(notes.Text(2));
      ASSIGN_OR_RETURN(note, notes.Step());
    }
    if (rows.Int(5) != 0) segments.push_back(std::move(s));
  }
}

StatusOr<std::vector<Workspace::RecordedStep>> Workspace::LoadFileSteps() {
  std::vector<RecordedStep> steps;
  Statement rows(db_,
                 "SELECT container, kind, path, other, size, old_mode, new_mode FROM step "
                 "ORDER BY seq");
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return steps;
    if (rows.Int(1) < 0 || rows.Int(1) > static_cast<int64_t>(FileStep::Kind::kSetMode)) {
      return DataLoss("workspace {}: a step of unknown kind {}", directory_, rows.Int(1));
    }
    for (const std::string& path : {rows.Text(2), rows.Text(3)}) {
      if (CheckDiskPath(path).ok()) continue;
      return DataLoss("workspace {}: a step leads out of the root: '{}'", directory_, path);
    }
    FileStep step;
    step.kind = static_cast<FileStep::Kind>(rows.Int(1));
    step.path = rows.Text(2);
    step.other = rows.Text(3);
    step.size = static_cast<uint64_t>(rows.Int(4));
    step.old_mode = static_cast<uint32_t>(rows.Int(5));
    step.new_mode = static_cast<uint32_t>(rows.Int(6));
    steps.push_back({static_cast<int>(rows.Int(0)), std::move(step)});
  }
}

}  // namespace pdr
