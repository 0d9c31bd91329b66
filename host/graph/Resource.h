#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::graph {

/// What a property of an object holds; a value of another type counts as absent.
enum class PropertyType
{
    Text,
    Flag,
    Texts
};

struct Property
{
    std::string_view name;
    PropertyType type = PropertyType::Text;
};

/// One of the resources that are mirrored by delta: "users", "devices" or "groups".
struct Resource
{
    std::string name;
    std::string kind; ///< of its objects: "user", "device" or "group"
    std::vector<Property> properties;
    bool hasMembers = false; ///< members and owners are selected too

    /// The value of $select. It is kept with a cursor: another one needs another chain.
    std::string selected() const;

    /// Where a chain starts.
    std::string firstUrl(const std::string& graph) const;
};

/// In the order they are read: who is deleted is known before the groups.
const std::vector<Resource>& resources();

} // namespace muster::graph
