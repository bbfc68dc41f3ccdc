// What judging one container gives: its part of the report, and what the controller's state is
// compared with once all containers are judged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "verify/controller_needs.h"
#include "verify/names_on_disk.h"
#include "verify/verify.h"

namespace pdr::verify {

struct ContainerOutcome {
  VerifyReport report;
  std::optional<TransactionNumber> highest_transaction;  // in registered names
  std::map<std::string, int64_t> reader_group_bytes;     // state segments of `_system/_RG*`
  ControllerNeeds needs;

  // What comes after, in the order of containers and names.
  void Merge(ContainerOutcome after);
};

}  // namespace pdr::verify
