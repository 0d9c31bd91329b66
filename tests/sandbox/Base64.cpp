#include "Base64.h"

#include <cstdint>

namespace muster::sandbox {

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int sextet(char c)
{
    if (c == '+')
        c = '-';
    if (c == '/')
        c = '_';
    const auto place = std::string_view(kAlphabet).find(c);
    return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

} // namespace

std::string base64Url(std::string_view bytes)
{
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char byte : bytes)
    {
        bits = (bits << 8) | static_cast<std::uint8_t>(byte);
        for (count += 8; count >= 6; count -= 6)
            text += kAlphabet[(bits >> (count - 6)) & 63U];
    }
    if (count > 0)
        text += kAlphabet[(bits << (6 - count)) & 63U];
    return text;
}

std::optional<std::string> fromBase64(std::string_view text)
{
    while (!text.empty() && text.back() == '=')
        text.remove_suffix(1);
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text)
    {
        const int value = sextet(c);
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8)
        {
            count -= 8;
            bytes += static_cast<char>((bits >> count) & 255U);
        }
    }
    return bytes;
}

} // namespace muster::sandbox
