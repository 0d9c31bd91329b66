#include "sync/Drift.h"

#include "runtime/Shortened.h"

#include <algorithm>
#include <set>
#include <vector>

namespace muster::sync {

using nlohmann::json;

namespace {

constexpr size_t kShownBytes = 80;
constexpr size_t kShownItems = 3;

std::string joined(const std::vector<std::string>& parts)
{
    std::string text;
    for (const auto& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

/// In quotes, cut between two characters.
std::string quoted(const json& value)
{
    if (value.is_null())
        return "empty";
    const auto text = value.is_string()                               ? value.get<std::string>()
                      : value.is_object() && value.contains("digest") ? std::string("a long list")
                                                                      : value.dump();
    return "\"" + runtime::shortened(text, kShownBytes) + "\"";
}

std::vector<std::string> itemsOf(const json& list)
{
    std::vector<std::string> items;
    for (const auto& item : list)
        items.push_back(item.is_string() ? item.get<std::string>() : item.dump());
    std::sort(items.begin(), items.end());
    return items;
}

/// Those of one list that the other one does not have.
std::string missingIn(const json& other, const json& list, const std::string& field,
                      const DriftWords& words)
{
    const auto all = itemsOf(list);
    const auto known = itemsOf(other);
    std::vector<std::string> missing;
    std::set_difference(all.begin(), all.end(), known.begin(), known.end(),
                        std::back_inserter(missing));
    const auto more = missing.size() > kShownItems ? missing.size() - kShownItems : 0;
    missing.resize(missing.size() - more);
    for (auto& item : missing)
        item = words.itemOf ? words.itemOf(field, item) : item;
    return joined(missing) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string changeOf(const std::string& field, const json& before, const json& after,
                     const DriftWords& words)
{
    const auto title = words.titleOf ? words.titleOf(field) : field;
    const auto isList = [](const json& value) { return value.is_array() || value.is_null(); };
    if (!isList(before) || !isList(after))
        return title + " was " + quoted(after) + " in place of " + quoted(before);
    std::vector<std::string> parts;
    if (const auto lost = missingIn(after, before, field, words); !lost.empty())
        parts.push_back("lacked " + lost);
    if (const auto added = missingIn(before, after, field, words); !added.empty())
        parts.push_back("had " + added + " too");
    return title + " " + joined(parts);
}

} // namespace

std::string driftText(const json& before, const json& after, const DriftWords& words)
{
    std::set<std::string> fields;
    for (const auto& [name, value] : before.items())
        fields.insert(name);
    for (const auto& [name, value] : after.items())
        fields.insert(name);
    std::vector<std::string> parts;
    for (const auto& field : fields)
        if (const auto was = before.value(field, json()), is = after.value(field, json());
            was != is)
            parts.push_back(changeOf(field, was, is, words));
    return joined(parts);
}

} // namespace muster::sync
