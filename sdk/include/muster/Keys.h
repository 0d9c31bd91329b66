#pragma once

#include <muster/Letters.h>

#include <string>
#include <string_view>

/// The keys by which modes and targets name one thing alike. A contact's key is addressKey() of its
/// address, a contact-group's nameKey() of its name, a service-group's nameKeyNoCase() of its name,
/// an account's its tag: slug() of the name of the group that stands for it.
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

inline std::string nameKeyNoCase(std::string_view name)
{
    const auto text = trimmed(name);
    std::string key;
    for (std::string_view rest = text; !rest.empty();)
        letters::append(key, letters::lower(letters::take(rest)));
    return key;
}

/// A name as a tag: accents dropped, lower case, each run of characters other than a-z 0-9 + . # -
/// one -, none of + - in front and no - behind ("IT Support Team": "it-support-team"). Empty when
/// nothing is left.
inline std::string slug(std::string_view name)
{
    std::string tag;
    bool isInRun = false;
    while (!name.empty())
    {
        const auto character = letters::take(name);
        if (letters::isCombining(character))
            continue;
        auto kept = letters::plain(character);
        if (character < 0x80 &&
            std::string_view("0123456789+.#-").find(static_cast<char>(character)) !=
                std::string_view::npos)
            kept = static_cast<char>(character);
        if (kept || !isInRun)
            tag += kept ? kept : '-';
        isInRun = !kept;
    }
    tag.erase(0, tag.find_first_not_of("+-"));
    tag.erase(tag.find_last_not_of('-') + 1);
    return tag;
}

} // namespace muster
