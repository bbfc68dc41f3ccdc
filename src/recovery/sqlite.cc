#include "recovery/sqlite.h"

namespace pdr {

Status SqliteError(sqlite3* db, std::string_view doing) {
  const int code = sqlite3_errcode(db) & 0xff;
  const std::string text = fmt::format("workspace database, {}: {}", doing, sqlite3_errmsg(db));
  switch (code) {
    case SQLITE_FULL:
      return ResourceExhausted("{}", text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DataLoss("{}", text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return FailedPrecondition("{}", text);
    default:
      return Unavailable("{}", text);
  }
}

Status ExecSql(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return OkStatus();
  return SqliteError(db, "executing");
}

Statement::Statement(sqlite3* db, std::string_view sql) : db_(db) {
  prepared_ =
      sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
}

Status Statement::Error() const { return SqliteError(db_, "statement"); }

Statement& Statement::Bind(int64_t v) {
  sqlite3_bind_int64(statement_, next_++, v);
  return *this;
}

Statement& Statement::Bind(std::string_view v) {
  sqlite3_bind_text(statement_, next_++, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::BindBlob(std::string_view v) {
  sqlite3_bind_blob(statement_, next_++, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT);
  return *this;
}

StatusOr<bool> Statement::Step() {
  if (prepared_ != SQLITE_OK) return Error();
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return Error();
  }
}

Status Statement::Run() {
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(more, Step());
  }
  return Reset();
}

Status Statement::Reset() {
  next_ = 1;
  return sqlite3_reset(statement_) == SQLITE_OK ? OkStatus() : Error();
}

std::string Statement::Text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(data, static_cast<size_t>(size));
}

}  // namespace pdr
