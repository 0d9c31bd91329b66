#include "Guid.h"

#include <Poco/UUIDGenerator.h>

namespace muster::sandbox {

namespace {

int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool isDashPlace(std::size_t place)
{
    return place == 8 || place == 13 || place == 18 || place == 23;
}

} // namespace

std::optional<Guid> Guid::parse(std::string_view text)
{
    if (text.size() != 36)
        return std::nullopt;
    Guid guid;
    std::size_t byte = 0;
    for (std::size_t i = 0; i < text.size();)
    {
        if (isDashPlace(i))
        {
            if (text[i] != '-')
                return std::nullopt;
            ++i;
            continue;
        }
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        guid.bytes[byte++] = static_cast<std::uint8_t>(high * 16 + low);
        i += 2;
    }
    return guid;
}

Guid Guid::random()
{
    Guid guid;
    Poco::UUIDGenerator::defaultGenerator().createRandom().copyTo(
        reinterpret_cast<char*>(guid.bytes.data()));
    return guid;
}

void Guid::appendTo(std::string& text) const
{
    static constexpr char kDigits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
}

std::string Guid::toString() const
{
    std::string text;
    appendTo(text);
    return text;
}

} // namespace muster::sandbox
