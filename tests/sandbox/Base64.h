#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::sandbox {

/// Base64 in the alphabet for URLs, without padding (RFC 4648 section 5).
std::string base64Url(std::string_view bytes);
/// Reads either alphabet, with or without padding.
std::optional<std::string> fromBase64(std::string_view text);

} // namespace muster::sandbox
