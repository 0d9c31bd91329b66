#include "Document.h"

#include "Texts.h"

#include <muster/Digest.h>
#include <muster/Keys.h>

#include <algorithm>
#include <cstdlib>

namespace itglue {

using muster::target::Record;

namespace {

constexpr int64_t kOwnWriteSeconds = 5; ///< between our clock and IT Glue's, and for the write

std::string textIn(const Json& trait)
{
    return trait.is_string()   ? trait.get<std::string>()
           : trait.is_number() ? trait.dump()
                               : std::string();
}

bool isOfClaims(const Field& field)
{
    return field.shape != Shape::Ours && field.shape != Shape::Heading;
}

} // namespace

std::set<std::string> idsIn(const Json& trait)
{
    std::set<std::string> ids;
    const auto add = [&](const Json& value) {
        if (auto id = idOf(value.is_object() ? value.value("id", Json()) : value); !id.empty())
            ids.insert(std::move(id));
    };
    const auto values = trait.is_object() && trait.contains("values") ? trait["values"] : trait;
    if (values.is_array())
        std::for_each(values.begin(), values.end(), add);
    else
        add(values);
    return ids;
}

Json traitOf(const Type& type, const Asset& asset, const std::string& field)
{
    const auto& key = type.key(field);
    return key.empty() ? Json() : asset.traits.value(key, Json());
}

Json detailsIn(const Type& type, const Asset& asset)
{
    const auto lines = linesOf(textIn(traitOf(type, asset, kDetails)));
    auto details = Json::parse(joined(lines, " "), nullptr, false);
    return details.is_object() ? details : Json::object();
}

Json shownAs(const Field& field, const Json& trait)
{
    if (field.kind == "Tag")
    {
        const auto ids = idsIn(trait);
        return ids.empty() ? Json() : Json(ids);
    }
    const auto text = textIn(trait);
    if (field.shape == Shape::Lines)
    {
        auto lines = linesOf(text);
        std::erase(lines, "");
        std::sort(lines.begin(), lines.end());
        return lines.empty() ? Json() : Json(lines);
    }
    const auto value =
        muster::trimmed(field.shape == Shape::Paragraph ? joined(linesOf(text), "\n") : text);
    return value.empty() ? Json() : Json(value);
}

std::optional<Asset> Asset::from(const Json& resource)
{
    const auto attributes = attributesOf(resource);
    Asset asset;
    asset.id = resource.is_object() ? idOf(resource.value("id", Json())) : std::string();
    asset.traits = attributes.value("traits", Json());
    if (asset.id.empty() || !asset.traits.is_object())
        return std::nullopt;
    asset.typeId = idOf(attributes.value("flexible-asset-type-id", Json()));
    asset.typeName = textOf(attributes, "flexible-asset-type-name");
    asset.isArchived = attributes.value("archived", Json()) == true;
    asset.changedAt = textOf(attributes, "updated-at");
    return asset;
}

Json claimsOf(const Type& type, const Asset& asset)
{
    Json claims{{"type", toText(type.group)}};
    if (asset.isArchived)
        claims["archived"] = true;
    const auto details = detailsIn(type, asset);
    for (const auto& field : fieldsOf(type.group))
    {
        if (!isOfClaims(field))
            continue;
        auto value = shownAs(field, traitOf(type, asset, field.name));
        // What is shown stands for something else, as long as it is what we wrote.
        if (const auto detail = details.value(field.name, Json());
            detail.is_object() && textOf(detail, "shown") == muster::digest(value.dump()))
            value = detail.value("is", Json());
        if (!value.is_null())
            claims[field.name] = std::move(value);
    }
    return claims;
}

std::set<std::string> nestedIn(const Type& type, const Asset& asset)
{
    auto ids = idsIn(traitOf(type, asset, kNested));
    ids.merge(idsIn(traitOf(type, asset, kNestedOther)));
    return ids;
}

std::string keyOf(const Type& type, const Asset& asset)
{
    return muster::lowered(muster::trimmed(textIn(traitOf(type, asset, kKey))));
}

Record recordOf(const Type& type, const Asset& asset)
{
    Record record;
    record.kind = kDocument;
    record.key = keyOf(type, asset);
    record.remoteId = asset.id;
    record.fields = claimsOf(type, asset);
    record.name = textOf(record.fields, "name");
    return record;
}

bool isPlain(const Type& presumed, const Asset& asset)
{
    const auto isOurs = [&](const std::string& key) {
        return std::any_of(presumed.keys.begin(), presumed.keys.end(),
                           [&](const auto& known) { return known.second == key; });
    };
    for (const auto& [key, value] : asset.traits.items())
        if (!isOurs(key))
            return false;
    const auto ours = secondsOf(textIn(traitOf(presumed, asset, kSynchronized)));
    const auto last = secondsOf(asset.changedAt);
    return ours && last && std::abs(*last - *ours) <= kOwnWriteSeconds;
}

bool isSame(const Json& wanted, const Json& present)
{
    if (present.is_object() && present.contains("digest"))
        return present == wanted || present["digest"] == muster::digest(wanted.dump());
    if (wanted.is_string() && present.is_string())
        return muster::trimmed(wanted.get<std::string>()) ==
               muster::trimmed(present.get<std::string>());
    const auto isBlank = [](const Json& value) {
        return value.is_null() || value == "" || (value.is_array() && value.empty());
    };
    return wanted == present || (isBlank(wanted) && isBlank(present));
}

} // namespace itglue
