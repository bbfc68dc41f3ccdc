// The files of src/report/html/, compiled in.
#pragma once

#include <string_view>

namespace pdr {

extern const std::string_view kReportPage;    // page.html, with @NAMES@ for what is filled in
extern const std::string_view kReportStyle;   // report.css
extern const std::string_view kReportScript;  // report.js

}  // namespace pdr
