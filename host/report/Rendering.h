#pragma once

#include "report/Report.h"

#include <nlohmann/json.hpp>

#include <string>

/// One report in its three forms. What needs a person comes first in each.
namespace muster::report {

/// Plain text, wrapped at 78 columns, with line breaks "\n".
std::string toText(const Report& report);

/// A document without links, scripts, images or style sheets: mail programs take most of that out.
std::string toHtml(const Report& report);

nlohmann::json toJson(const Report& report);

/// Text of the outside on one line: control characters and line breaks become spaces.
std::string plainLine(const std::string& text);

} // namespace muster::report
