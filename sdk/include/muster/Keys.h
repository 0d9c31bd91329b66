#pragma once

#include <string>
#include <string_view>

/// The keys by which modes and targets name one thing alike. A contact's key is addressKey() of its
/// address, a contact-group's key is nameKey() of its name.
namespace muster {

/// Without white space around it: spaces, tabs, line breaks.
inline std::string trimmed(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(kSpace);
    if (first == text.npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

/// ASCII letters in lower case; other characters as they are.
inline std::string lowered(std::string_view text)
{
    std::string result(text);
    for (auto& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

inline std::string addressKey(std::string_view address)
{
    return lowered(trimmed(address));
}

inline std::string nameKey(std::string_view name)
{
    return trimmed(name);
}

} // namespace muster
