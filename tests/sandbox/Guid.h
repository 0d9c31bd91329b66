#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace muster::sandbox {

/// An object id of Entra in 16 bytes.
struct Guid
{
    std::array<std::uint8_t, 16> bytes{};

    /// Reads "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" in either case.
    static std::optional<Guid> parse(std::string_view text);
    static Guid random();
    void appendTo(std::string& text) const;
    std::string toString() const;

    friend bool operator==(const Guid&, const Guid&) = default;
};

struct GuidHash
{
    std::size_t operator()(const Guid& guid) const
    {
        std::size_t high = 0;
        std::size_t low = 0;
        std::memcpy(&high, guid.bytes.data(), sizeof(high));
        std::memcpy(&low, guid.bytes.data() + 8, sizeof(low));
        return high ^ (low * 0x9e3779b97f4a7c15U);
    }
};

} // namespace muster::sandbox
