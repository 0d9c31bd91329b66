#pragma once

#include <cstddef>
#include <string>

namespace muster::runtime {

/// A text of at most `most` bytes of UTF-8, cut between two characters and then with "…" behind it.
inline std::string shortened(std::string text, size_t most)
{
    if (text.size() <= most)
        return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
        --most;
    text.resize(most);
    return text + "…";
}

} // namespace muster::runtime
