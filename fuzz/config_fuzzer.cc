// A properties file; and each of its settings as an override, which reaches every key's parser.
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  const auto properties = pdr::ParseProperties(text);
  if (!properties.ok()) return 0;
  std::vector<std::string> overrides;
  for (const pdr::Property& property : *properties) {
    if (property.line < 1) std::abort();
    overrides.push_back(property.key + "=" + property.value);
    static_cast<void>(pdr::LoadConfig("", {overrides.back()}));
  }
  static_cast<void>(pdr::LoadConfig("", overrides));
  return 0;
}
