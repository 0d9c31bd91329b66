#pragma once

#include "World.h"

#include <string>
#include <string_view>
#include <vector>

namespace muster::sandbox {

/// What Graph knows of a type beside the properties that an object has.
struct GraphType
{
    /// A property that a listing shows even when it was never set: as null, or as [].
    struct Known
    {
        enum class When : std::uint8_t
        {
            Default,
            Selected
        };
        const char* name;
        const char* empty;
        When when;
    };

    World::Kind kind;
    const char* collection; ///< "users"
    std::vector<Known> properties;

    std::vector<std::string> defaultSelect() const;
    /// "null" or "[]" for a property that an object lacks; empty when the type has no such
    /// property.
    std::string_view emptyValue(std::string_view name) const;
};

const GraphType& graphType(World::Kind kind);

/// Writes "#microsoft.graph.user" and so on, in quotes, to the text.
void appendType(std::string& text, World::Kind kind);
/// Writes `,"name":value` to the text.
void appendProperty(std::string& text, std::string_view name, std::string_view json);

} // namespace muster::sandbox
