#pragma once

#include "runtime/Clock.h"

#include <string>
#include <vector>

namespace muster::report {

/// A mail as people see it.
struct Mail
{
    std::string from; ///< addresses
    std::vector<std::string> to;
    std::string subject;
    std::string text;
    std::string html;
};

/// The mail as RFC 5322 and MIME have it, with CRLF: multipart/alternative, the text before the
/// HTML, both UTF-8. `id` makes the Message-ID, so that a mail sent twice is recognised.
std::string mimeOf(const Mail& mail, runtime::Instant date, const std::string& id);

/// A header's text: words of RFC 2047 where it holds other characters than ASCII, each of whole
/// characters and at most 75 long; line breaks and control characters become spaces.
std::string headerText(const std::string& text);

} // namespace muster::report
