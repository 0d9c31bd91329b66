#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster {

/// The same on every machine and in every build (FNV-1a, 64 bits). Not for secrets.
inline uint64_t fnv1a(std::string_view text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const auto byte : text)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
    return hash;
}

/// Tells a value from another without keeping it: fnv1a() as 16 hexadecimal digits of its
/// JSON text without white space, keys in order of their bytes, and no character escaped that need
/// not be. Not for secrets.
inline std::string digest(std::string_view json)
{
    auto hash = fnv1a(json);
    std::string text(16, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, hash >>= 4)
        *digit = "0123456789abcdef"[hash & 15];
    return text;
}

} // namespace muster
