#pragma once

#include <string>
#include <string_view>

/// Letters of UTF-8 text, without a locale: their lower case, and Latin ones without their accents.
namespace muster::letters {

/// Takes the next character off `text`, which is not empty; of a byte that is no UTF-8 it makes
/// U+FFFD.
inline char32_t take(std::string_view& text)
{
    const auto byte = [&](size_t index) { return static_cast<unsigned char>(text[index]); };
    const char32_t first = byte(0);
    const size_t size = first < 0xC2   ? 1
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 1;
    char32_t character = size == 1 ? first : first & (0x7Fu >> size);
    bool isWhole = size <= text.size();
    for (size_t i = 1; isWhole && i < size; ++i)
    {
        isWhole = (byte(i) & 0xC0) == 0x80;
        character = (character << 6) | (byte(i) & 0x3Fu);
    }
    text.remove_prefix(isWhole ? size : 1);
    const bool isByte = size == 1 && first >= 0x80;
    return isWhole && !isByte ? character : U'\uFFFD';
}

inline void append(std::string& text, char32_t character)
{
    const auto put = [&](char32_t bits) { text += static_cast<char>(bits); };
    if (character < 0x80)
        return put(character);
    if (character < 0x800)
        put(0xC0 | (character >> 6));
    else
    {
        if (character < 0x10000)
            put(0xE0 | (character >> 12));
        else
        {
            put(0xF0 | (character >> 18));
            put(0x80 | ((character >> 12) & 0x3F));
        }
        put(0x80 | ((character >> 6) & 0x3F));
    }
    put(0x80 | (character & 0x3F));
}

/// Unicode's simple case folding of Latin, Greek and Cyrillic letters; others as they are.
inline char32_t lower(char32_t c)
{
    const auto isIn = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    if (isIn('A', 'Z') || (isIn(0xC0, 0xDE) && c != 0xD7) || (isIn(0x391, 0x3AB) && c != 0x3A2) ||
        isIn(0x410, 0x42F))
        return c + 32;
    // Upper and lower case in turns, the upper one at an even or at an odd place.
    if ((isIn(0x100, 0x137) && c != 0x130) || isIn(0x14A, 0x177) || isIn(0x460, 0x481) ||
        isIn(0x1E00, 0x1E95) || isIn(0x1EA0, 0x1EFF))
        return c | 1;
    if (isIn(0x139, 0x148) || isIn(0x179, 0x17E))
        return c + (c & 1);
    if (isIn(0x400, 0x40F))
        return c + 80;
    if (isIn(0x388, 0x38A))
        return c + 37;
    if (isIn(0x38E, 0x38F))
        return c + 63;
    return c == 0x178 ? 0xFF : c == 0x386 ? 0x3AC : c == 0x38C ? 0x3CC : c;
}

/// The ASCII letter, lower case, that Unicode's canonical decomposition (NFD) of a Latin letter
/// begins with; 0 when it has none.
inline char plain(char32_t c)
{
    // By code point, from U+00C0 and from U+1E00; - where there is no such letter.
    static constexpr std::string_view kLatin =
        "aaaaaa-ceeeeiiii-nooooo--uuuuy--aaaaaa-ceeeeiiii-nooooo--uuuuy-yaaaaaaccccccccdd"
        "--eeeeeeeeeegggggggghh--iiiiiiiii---jjkk-llllll----nnnnnn---oooooo--rrrrrrssssss"
        "sstttt--uuuuuuuuuuuuwwyyyzzzzzz---------------------------------oo-------------u"
        "u----------------------------aaiioouuuuuuuuuu-aaaa----ggkkoooo--j---gg--nnaa----"
        "aaaaeeeeiiiioooorrrruuuusstt--hh------aaeeooooooooyy----------------------------";
    static constexpr std::string_view kMoreLatin =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
        "oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy------"
        "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
        "uuyyyyyyyy------";
    const auto of = [](std::string_view table, size_t index) {
        return index < table.size() && table[index] != '-' ? table[index] : '\0';
    };
    if (c < 0x80)
        return lower(c) >= 'a' && lower(c) <= 'z' ? static_cast<char>(lower(c)) : '\0';
    return c >= 0x1E00 ? of(kMoreLatin, c - 0x1E00) : c >= 0xC0 ? of(kLatin, c - 0xC0) : '\0';
}

/// An accent that stands behind the letter it belongs to.
inline bool isCombining(char32_t c)
{
    return c >= 0x300 && c <= 0x36F;
}

} // namespace muster::letters
