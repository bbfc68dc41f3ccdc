#include "verify/outcome.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pdr::verify {
namespace {

void Add(VerifyReport& total, VerifyReport part) {
  std::move(part.findings.begin(), part.findings.end(), std::back_inserter(total.findings));
  std::move(part.notes.begin(), part.notes.end(), std::back_inserter(total.notes));
  total.containers += part.containers;
  total.containers_written += part.containers_written;
  total.segments += part.segments;
  total.chunks += part.chunks;
  total.table_segments += part.table_segments;
  total.table_keys += part.table_keys;
}

}  // namespace

void ContainerOutcome::Merge(ContainerOutcome after) {
  Add(report, std::move(after.report));
  highest_transaction = std::max(highest_transaction, after.highest_transaction);
  reader_group_bytes.merge(after.reader_group_bytes);
  needs.Merge(std::move(after.needs));
}

}  // namespace pdr::verify
