#include "recovery/workspace_segments.h"

#include "base/bytes.h"
#include "format/segment_info.h"
#include "recovery/sqlite.h"
#include "recovery/workspace.h"

namespace pdr {
namespace {

Status InsertSources(Statement& insert, const SegmentSources& s) {
  ByteWriter id;
  WriteUuid(id, s.controller.id);
  return insert.Bind(s.record_at)
      .Bind(s.record_length)
      .Bind(int64_t{s.record_sealed})
      .Bind(static_cast<int64_t>(s.standing))
      .Bind(static_cast<int64_t>(s.controller.where))
      .Bind(int64_t{s.controller.number})
      .BindBlob(id.bytes())
      .Bind(static_cast<int64_t>(s.data_end))
      .Bind(int64_t{s.chunks})
      .BindBlob(s.files.packed())
      .Bind(static_cast<int64_t>(s.tail))
      .Bind(static_cast<int64_t>(s.tail_from))
      .Bind(int64_t{s.tail_proven})
      .Bind(int64_t{s.torn_bytes})
      .Bind(static_cast<int64_t>(s.sealed))
      .Bind(static_cast<int64_t>(s.start))
      .Bind(static_cast<int64_t>(s.index))
      .Run();
}

class SegmentWriter {
 public:
  explicit SegmentWriter(sqlite3* db)
      : segment_(
            db,
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, ?, ?, ?)"),
        note_(db, "INSERT INTO note VALUES (?, ?, ?, ?)") {}

  Status Write(int container, const std::vector<SegmentDecision>& decisions, bool registered) {
    for (const SegmentDecision& s : decisions) {
      segment_.Bind(int64_t{container})
          .Bind(s.info.name)
          .Bind(s.info.length)
          .Bind(s.info.start_offset)
          .Bind(int64_t{s.info.sealed})
          .BindBlob(EncodeSegmentInfo(s.info))
          .Bind(int64_t{registered});
      RETURN_IF_ERROR(InsertSources(segment_, s.sources));
      for (const Note& n : s.notes) {
        RETURN_IF_ERROR(
            note_.Bind(int64_t{container}).Bind(s.info.name).Bind(n.code).Bind(n.message).Run());
      }
    }
    return OkStatus();
  }

 private:
  Statement segment_;
  Statement note_;
};

constexpr std::string_view kSelectSegment =
    "SELECT container, name, record, registered, record_at, record_length, record_sealed, "
    "standing, controller_place, controller_number, controller_id, data_end, chunks, files, tail, "
    "tail_from, tail_proven, torn_bytes, sealed_from, start_from, attribute_index FROM segment";

// A workspace is a file like any other: what it holds may be anything.
template <typename Enum>
Status ReadEnum(const Statement& rows, int column, Enum most, Enum& out) {
  const int64_t value = rows.Int(column);
  if (value < 0 || value > static_cast<int64_t>(most)) {
    return DataLoss("the workspace holds a segment with a source of unknown kind {}", value);
  }
  out = static_cast<Enum>(value);
  return OkStatus();
}

StatusOr<SegmentSources> ReadSources(const Statement& rows) {
  SegmentSources s;
  s.record_at = rows.Int(4);
  s.record_length = rows.Int(5);
  s.record_sealed = rows.Int(6) != 0;
  RETURN_IF_ERROR(ReadEnum(rows, 7, SegmentStanding::kKvTable, s.standing));
  RETURN_IF_ERROR(ReadEnum(rows, 8, ControllerSource::Where::kCompleted, s.controller.where));
  s.controller.number = static_cast<int32_t>(rows.Int(9));
  const std::string id = rows.Text(10);
  ByteReader r(id);
  s.controller.id = ReadUuid(r);
  s.data_end = static_cast<uint64_t>(rows.Int(11));
  s.chunks = static_cast<uint32_t>(rows.Int(12));
  s.files = SourceFiles::FromPacked(rows.Text(13));
  RETURN_IF_ERROR(ReadEnum(rows, 14, TailKind::kDamaged, s.tail));
  s.tail_from = static_cast<uint64_t>(rows.Int(15));
  s.tail_proven = rows.Int(16) != 0;
  s.torn_bytes = static_cast<uint32_t>(rows.Int(17));
  RETURN_IF_ERROR(ReadEnum(rows, 18, SealSource::kController, s.sealed));
  RETURN_IF_ERROR(ReadEnum(rows, 19, StartSource::kData, s.start));
  RETURN_IF_ERROR(ReadEnum(rows, 20, IndexUse::kRebuilt, s.index));
  return s;
}

StatusOr<std::vector<RecordedSegment>> ReadSegments(sqlite3* db, Statement& rows) {
  std::vector<RecordedSegment> segments;
  Statement notes(db, "SELECT code, message FROM note WHERE container = ? AND name = ?");
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return segments;
    RecordedSegment s;
    s.container = static_cast<int>(rows.Int(0));
    ASSIGN_OR_RETURN(s.decision.info, DecodeSegmentInfo(rows.Text(2)));
    s.registered = rows.Int(3) != 0;
    ASSIGN_OR_RETURN(s.decision.sources, ReadSources(rows));
    notes.Bind(rows.Int(0)).Bind(rows.Text(1));
    while (true) {
      ASSIGN_OR_RETURN(bool note, notes.Step());
      if (!note) break;
      s.decision.notes.push_back({notes.Text(0), notes.Text(1)});
    }
    RETURN_IF_ERROR(notes.Reset());
    segments.push_back(std::move(s));
  }
}

}  // namespace

Status InsertSegments(sqlite3* db, const Plan& plan) {
  SegmentWriter writer(db);
  Statement file(db, "INSERT INTO table_file VALUES (?, ?, ?, ?)");
  return plan.containers.LookAtAll([&](const ContainerPlan& c) -> Status {
    RETURN_IF_ERROR(writer.Write(c.container, c.segments, true));
    RETURN_IF_ERROR(writer.Write(c.container, c.not_registered, false));
    for (const TableFile& f : c.table_files) {
      RETURN_IF_ERROR(file.Bind(int64_t{c.container})
                          .Bind(f.table)
                          .Bind(static_cast<int64_t>(f.start_offset))
                          .Bind(f.path)
                          .Run());
    }
    return OkStatus();
  });
}

StatusOr<std::vector<RecordedSegment>> Workspace::LoadSegments() {
  Statement rows(db_, fmt::format("{} WHERE registered ORDER BY container, name", kSelectSegment));
  return ReadSegments(db_, rows);
}

StatusOr<std::vector<RecordedSegment>> Workspace::LoadSegment(const std::string& name) {
  Statement rows(db_, fmt::format("{} WHERE name = ? ORDER BY container", kSelectSegment));
  rows.Bind(name);
  return ReadSegments(db_, rows);
}

StatusOr<std::vector<std::string>> Workspace::NamesThatBegin(std::string_view prefix, int most) {
  std::vector<std::string> names;
  Statement rows(db_,
                 "SELECT DISTINCT name FROM segment WHERE substr(name, 1, length(?1)) = ?1 "
                 "ORDER BY name LIMIT ?2");
  rows.Bind(prefix).Bind(int64_t{most});
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return names;
    names.push_back(rows.Text(0));
  }
}

StatusOr<std::vector<TableFile>> Workspace::LoadTableFiles(int container) {
  std::vector<TableFile> files;
  Statement rows(db_,
                 "SELECT name, start_offset, path FROM table_file WHERE container = ? "
                 "ORDER BY name, start_offset");
  rows.Bind(int64_t{container});
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Step());
    if (!more) return files;
    files.push_back({rows.Text(0), static_cast<uint64_t>(rows.Int(1)), rows.Text(2)});
  }
}

}  // namespace pdr
