#include "base/progress.h"

namespace pdr {
namespace {

class SilentProgress : public Progress {
 public:
  void Begin(const PhaseInfo&) override {}
  void Advance(uint64_t) override {}
  void Note(std::string_view) override {}
};

}  // namespace

Progress& Progress::Silent() {
  static SilentProgress progress;
  return progress;
}

}  // namespace pdr
