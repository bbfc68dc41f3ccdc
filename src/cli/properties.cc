#include "cli/config_file.h"

namespace pdr {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

void AppendUtf8(std::string& out, uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      out += static_cast<char>(0xe0 | point >> 12);
    } else {
      out += static_cast<char>(0xf0 | point >> 18);
      out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    }
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
  }
  out += static_cast<char>(0x80 | (point & 0x3f));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  StatusOr<std::vector<Property>> Run() {
    std::vector<Property> out;
    while (NextLogicalLine()) {
      Property property;
      property.line = begin_line_;
      RETURN_IF_ERROR(Split(property));
      out.push_back(std::move(property));
    }
    return out;
  }

 private:
  std::string_view NaturalLine() {
    const size_t end = text_.find_first_of("\r\n");
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(line.size());
    if (text_.starts_with("\r\n")) {
      text_.remove_prefix(2);
    } else if (!text_.empty()) {
      text_.remove_prefix(1);
    }
    ++line_number_;
    while (!line.empty() && IsBlank(line.front())) line.remove_prefix(1);
    return line;
  }

  static bool Continues(std::string_view line) {
    size_t backslashes = 0;
    while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
  }

  // Comments and blank lines are skipped only where a logical line begins.
  bool NextLogicalLine() {
    while (!text_.empty()) {
      std::string_view line = NaturalLine();
      if (line.empty() || line.front() == '#' || line.front() == '!') continue;
      begin_line_ = line_number_;
      logical_ = line;
      while (Continues(line)) {
        logical_.pop_back();
        if (text_.empty()) break;
        line = NaturalLine();
        logical_ += line;
      }
      return true;
    }
    return false;
  }

  Status Split(Property& property) {
    size_t end = 0;
    while (end < logical_.size() && !IsBlank(logical_[end]) && logical_[end] != '=' &&
           logical_[end] != ':') {
      end += logical_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, logical_.size());
    std::string_view rest = std::string_view(logical_).substr(end);
    while (!rest.empty() && IsBlank(rest.front())) rest.remove_prefix(1);
    if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) rest.remove_prefix(1);
    while (!rest.empty() && IsBlank(rest.front())) rest.remove_prefix(1);
    ASSIGN_OR_RETURN(property.key, Unescape(std::string_view(logical_).substr(0, end)));
    ASSIGN_OR_RETURN(property.value, Unescape(rest));
    return OkStatus();
  }

  StatusOr<std::string> Unescape(std::string_view raw) const {
    std::string out;
    uint32_t high = 0;  // surrogate waiting for its partner
    while (!raw.empty()) {
      char c = raw.front();
      raw.remove_prefix(1);
      if (c != '\\' || raw.empty()) {
        out += c;
        continue;
      }
      c = raw.front();
      raw.remove_prefix(1);
      if (c != 'u') {
        out += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
        continue;
      }
      ASSIGN_OR_RETURN(uint32_t unit, HexUnit(raw));
      raw.remove_prefix(4);
      if (unit >= 0xdc00 && unit < 0xe000 && high != 0) {
        AppendUtf8(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
        high = 0;
      } else if (unit >= 0xd800 && unit < 0xdc00) {
        high = unit;
      } else {
        AppendUtf8(out, unit);
      }
    }
    return out;
  }

  StatusOr<uint32_t> HexUnit(std::string_view raw) const {
    uint32_t unit = 0;
    for (size_t i = 0; i < 4; ++i) {
      const char c = i < raw.size() ? raw[i] : '\0';
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) {
        return InvalidArgument("line {}: \\u must be followed by four hexadecimal digits",
                               begin_line_);
      }
      unit = unit << 4 | static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    return unit;
  }

  std::string_view text_;
  std::string logical_;
  int line_number_ = 0;
  int begin_line_ = 0;
};

}  // namespace

StatusOr<std::vector<Property>> ParseProperties(std::string_view text) {
  return Parser(text).Run();
}

}  // namespace pdr
