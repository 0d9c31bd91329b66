#include "documents/PlainText.h"

#include <muster/Letters.h>

#include <Poco/String.h>

#include <algorithm>

namespace muster::documents {

namespace {

bool isPlain(char32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return true;
    const bool isControl = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool isSurrogate = c >= 0xD800 && c <= 0xDFFF;
    const bool isNoncharacter = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    return !isControl && !isSurrogate && !isNoncharacter && c <= 0x10FFFF;
}

} // namespace

std::string plainText(const std::string& text)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::string_view rest = text; !rest.empty();)
    {
        const auto character = letters::take(rest);
        letters::append(plain, isPlain(character) ? character : U'\uFFFD');
    }
    return plain;
}

std::string plainLine(const std::string& text)
{
    auto line = plainText(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
    return Poco::trim(line);
}

} // namespace muster::documents
