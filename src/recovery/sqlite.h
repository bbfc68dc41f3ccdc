// A thin, checked layer over SQLite statements.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

// One prepared statement. Binding is positional, from 1, in the order of Bind calls.
class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int64_t v);
  Statement& Bind(std::string_view v);  // text
  Statement& BindBlob(std::string_view v);
  // Advances to the next row; false at the end.
  StatusOr<bool> Step();
  // Runs to the end and makes the statement ready for new bindings.
  Status Run();
  // Makes the statement ready for new bindings without running it to the end.
  Status Reset();

  int64_t Int(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string Text(int column) const;  // text or blob

 private:
  Status Error() const;

  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  int prepared_ = SQLITE_OK;
  int next_ = 1;
};

Status ExecSql(sqlite3* db, const char* sql);
Status SqliteError(sqlite3* db, std::string_view doing);

}  // namespace pdr
