#include "recovery/run_progress.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace pdr {
namespace {

constexpr int64_t kWriteEveryMillis = 500;

std::string PathIn(const std::string& workspace) { return workspace + "/progress"; }

}  // namespace

StatusOr<ProgressNow> ReadProgress(const std::string& workspace) {
  std::ifstream in(PathIn(workspace));
  ProgressNow now;
  size_t count = 0;
  in >> now.process >> now.done >> now.total >> now.started_ms >> now.written_ms >> count;
  for (size_t i = 0; i < count && in; ++i) {
    int container = 0;
    in >> container;
    now.containers.push_back(container);
  }
  in >> std::ws;
  std::getline(in, now.phase);
  if (!in) return NotFound("no progress is recorded in {}", workspace);
  return now;
}

void RunProgress::Begin(const PhaseInfo& phase) {
  inner_.Begin(phase);
  const std::lock_guard lock(mutex_);
  containers_.clear();
  now_.process = getpid();
  now_.phase = phase.name;
  now_.done = 0;
  now_.total = phase.total;
  now_.started_ms = clock_.NowMillis();
  Write(/*at_once=*/true);
}

void RunProgress::Expect(uint64_t more) {
  inner_.Expect(more);
  const std::lock_guard lock(mutex_);
  now_.total += more;
}

void RunProgress::Advance(uint64_t done) {
  inner_.Advance(done);
  const std::lock_guard lock(mutex_);
  now_.done += done;
  Write(/*at_once=*/false);
}

void RunProgress::Enter(int container) {
  const std::lock_guard lock(mutex_);
  containers_.insert(container);
  Write(/*at_once=*/false);
}

void RunProgress::Leave(int container) {
  const std::lock_guard lock(mutex_);
  containers_.erase(container);
}

// Renamed into place: a reader sees all of it or the one before.
void RunProgress::Write(bool at_once) {
  const int64_t now = clock_.NowMillis();
  if (!at_once && now - now_.written_ms < kWriteEveryMillis && now >= now_.written_ms) return;
  now_.written_ms = now;
  const std::string path = PathIn(workspace_);
  {
    std::ofstream out(path + ".new", std::ios::trunc);
    out << now_.process << ' ' << now_.done << ' ' << now_.total << ' ' << now_.started_ms << ' '
        << now_.written_ms << ' ' << containers_.size();
    for (int container : containers_) out << ' ' << container;
    out << ' ' << now_.phase << '\n';
  }
  static_cast<void>(std::rename((path + ".new").c_str(), path.c_str()));
}

}  // namespace pdr
