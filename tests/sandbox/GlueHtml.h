#pragma once

#include <string>
#include <string_view>

namespace muster::sandbox {

/// The HTML as a sanitiser would give it back: without scripts, styles, frames, comments, handlers
/// and script links; `<br/>` as `<br>`; quotes in text as themselves, a lone `&` or `<` escaped.
std::string sanitizedHtml(std::string_view html);

} // namespace muster::sandbox
