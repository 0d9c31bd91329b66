#pragma once

#include <string>

namespace muster::documents {

/// Text for a file that people open, from text of the outside: what is not UTF-8, no character, or
/// a control character other than tab and line breaks becomes U+FFFD.
std::string plainText(const std::string& text);

/// The same in one line: line breaks and tabs become spaces; none at the ends.
std::string plainLine(const std::string& text);

} // namespace muster::documents
