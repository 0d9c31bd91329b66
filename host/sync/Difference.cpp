#include "sync/Difference.h"

#include <muster/Digest.h>
#include <muster/Keys.h>

#include <string>

namespace muster::sync {

using nlohmann::json;

namespace {

bool isSameField(const std::string& field, const json& wanted, const json& known)
{
    if (wanted.is_string() && known.is_string())
    {
        const auto& left = wanted.get_ref<const std::string&>();
        const auto& right = known.get_ref<const std::string&>();
        return field == "email" ? addressKey(left) == addressKey(right)
                                : trimmed(left) == trimmed(right);
    }
    // Held in a form that does not give it back (target.h, read).
    if (known.is_object() && known.contains("digest"))
        return known["digest"] == digest(wanted.dump());
    return wanted == known;
}

} // namespace

json difference(const json& claimed, const json& known)
{
    const auto& wanted = claimed.at("fields");
    json changed = json::object();
    if (claimed.value("whole", false))
        for (const auto& [name, value] : known.items())
            if (!wanted.contains(name))
                changed[name] = nullptr;
    for (const auto& [name, value] : wanted.items())
    {
        if (value.is_null() || value == "")
            continue;
        const auto found = known.find(name);
        if (found == known.end() || !isSameField(name, value, *found))
            changed[name] = value;
    }
    return changed;
}

} // namespace muster::sync
