#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Texts as IT Glue keeps them: HTML in text boxes, characters counted, times, CSV.
namespace itglue {

/// The text as HTML that shows it.
std::string escaped(std::string_view text);

/// The lines that HTML shows, each without white space around it. A blank line is one that <br>
/// made.
std::vector<std::string> linesOf(std::string_view html);

std::string joined(const std::vector<std::string>& parts, std::string_view separator);

size_t charactersIn(std::string_view text);
std::string firstCharacters(std::string_view text, size_t count);

/// Now, RFC 3339 in UTC to the second.
std::string timeNow();

/// Seconds since 1970 of RFC 3339 in UTC; nothing when it is not.
std::optional<int64_t> secondsOf(const std::string& time);

/// A line of a CSV file. A cell that a spreadsheet would take for a formula gets an apostrophe.
std::string csvLine(const std::vector<std::string>& cells);

std::string base64(std::string_view bytes);

} // namespace itglue
