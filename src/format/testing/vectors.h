// Loading test vectors: JSON files with bytes in hex. Tests only.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace pdr {

using Json = nlohmann::json;

inline Json LoadVectors(const std::string& name) {
  std::ifstream file("testdata/vectors/" + name);
  if (!file) throw std::runtime_error("cannot open vectors " + name);
  return Json::parse(file);
}

inline std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace pdr
