#include "format/testing/vector_bytes.h"

#include <filesystem>
#include <set>

#include "base/bytes.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

bool IsHex(const std::string& text) {
  return !text.empty() && text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void Collect(const Json& value, std::set<std::string>& out) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    out.insert(text);
    if (!IsHex(text)) return;
    const std::string bytes = FromHex(text);
    if (bytes.size() > 4) out.insert(bytes.substr(4));
    out.insert(ByteWriter().U32(0).U32(bytes.size()).Put(bytes).Take());
    out.insert(bytes);
    return;
  }
  if (value.is_primitive()) return;
  for (const auto& [key, child] : value.items()) {
    if (value.is_object()) out.insert(key);
    Collect(child, out);
  }
}

}  // namespace

std::vector<std::string> VectorBytes(const std::string& testdata, size_t max_bytes) {
  std::set<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator(testdata + "/vectors")) {
    std::ifstream in(file.path());
    Collect(Json::parse(in), out);
  }
  std::erase_if(out, [&](const std::string& bytes) { return bytes.size() > max_bytes; });
  return {out.begin(), out.end()};
}

}  // namespace pdr
