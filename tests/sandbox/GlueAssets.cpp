#include "GlueAssets.h"

#include "GlueView.h"
#include "World.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

constexpr const char* kAsset = "flexible_assets";
constexpr const char* kResource = "Flexible Asset";

const GlueListRules& indexRules()
{
    static const GlueListRules rules{
        .filters = {"flexible-asset-type-id", "organization-id", "name"},
        .sorts = {"name", "created-at", "updated-at"},
        .includes = {"adapters-resources", "distinct-remote-assets", "attachments", "passwords",
                     "user-resource-accesses", "group-resource-accesses"}};
    return rules;
}

GlueListRules showRules()
{
    GlueListRules rules{.includes = indexRules().includes};
    rules.includes.insert(rules.includes.end(),
                          {"recent-versions", "related-items", "authorized-users"});
    return rules;
}

Json assetValue(const GlueAsset& asset, const std::string& name)
{
    if (name == "id")
        return asset.id;
    if (name == "organization-id")
        return asset.organization;
    if (name == "flexible-asset-type-id")
        return asset.type;
    if (name == "archived")
        return asset.archived;
    if (name == "name")
        return asset.name;
    return timeText(name == "created-at" ? asset.times.created : asset.times.updated);
}

GlueError blank(const std::string& attribute)
{
    return {422, attribute + " can't be blank", "data/attributes/" + attribute};
}

} // namespace

GlueRoute GlueAssets::find(const std::string& method, const GluePath& path)
{
    if (path.size() == 1)
    {
        if (method == "GET")
            return {"flexibleAssets.list", [this](const GlueCall& c) { return list(c); }};
        if (method == "POST")
            return {"flexibleAssets.create", [this](const GlueCall& c) { return create(c); }};
        if (method == "PATCH")
            return {"flexibleAssets.bulkPatch", [this](const GlueCall& c) { return patchMany(c); }};
        if (method == "DELETE")
            return {"flexibleAssets.bulkDelete",
                    [this](const GlueCall& c) { return eraseMany(c); }};
    }
    if (path.size() != 2)
        return {};
    if (method == "GET")
        return {"flexibleAssets.get",
                [this, path](const GlueCall& c) { return get(c, glueIdOf(path[1])); }};
    if (method == "PATCH")
        return {"flexibleAssets.patch",
                [this, path](const GlueCall& c) { return patch(c, glueIdOf(path[1])); }};
    if (method == "DELETE")
        return {"flexibleAssets.delete",
                [this, path](const GlueCall&) { return erase(glueIdOf(path[1])); }};
    return {};
}

Response GlueAssets::list(const GlueCall& call)
{
    const GlueQuery query(call.request, indexRules(), GlueQuery::Route::List);
    const SettingsValues settings = _settings.values();
    const auto types = query.filter("flexible-asset-type-id");
    if (types.empty())
        throw GlueError{422, "filter[flexible-asset-type-id] is required", "filter"};
    const GlueView view(_records, settings);
    _records.beginList(settings);
    std::vector<const GlueAsset*> assets;
    for (const auto& type : types)
    {
        for (const GlueAsset* const asset : _records.assetsOf(glueIdOf(type)))
        {
            if (_records.sees(*asset) && (settings.glueListsArchived || !asset->archived))
                assets.push_back(asset);
        }
    }
    return glueAnswer(200,
                      query.page(assets, assetValue, [&](const GlueAsset& asset, Json& included) {
                          Json object = view.asset(asset);
                          view.include(object, {kAsset, asset.id}, query.includes(), included);
                          return object;
                      }));
}

Response GlueAssets::get(const GlueCall& call, GlueId id)
{
    const GlueQuery query(call.request, showRules(), GlueQuery::Route::Single);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    Json document{{"data", view.asset(_records.asset(id))}};
    Json included = Json::array();
    view.include(document["data"], {kAsset, id}, query.includes(), included);
    if (!query.includes().empty())
        document["included"] = std::move(included);
    return glueAnswer(200, document);
}

Response GlueAssets::create(const GlueCall& call)
{
    const SettingsValues settings = _settings.values();
    const Json attributes = call.attributes(kResource);
    return glueAnswer(201, {{"data", prepareCreate(attributes, {}, settings)()}});
}

Response GlueAssets::createIn(const GlueCall& call, GlueId organization)
{
    if (!_records.exists({"organizations", organization}))
        throw GlueError::notFound();
    const SettingsValues settings = _settings.values();
    Json made = applyBulk(call.list(), settings, [&](const Json& attributes) {
        return prepareCreate(attributes, organization, settings);
    });
    return glueAnswer(201, {{"data", call.sendsList() ? std::move(made) : made.at(0)}});
}

Response GlueAssets::patch(const GlueCall& call, GlueId id)
{
    const SettingsValues settings = _settings.values();
    const Json attributes = call.attributes(kResource);
    return glueAnswer(200, {{"data", preparePatch(id, attributes, settings)()}});
}

Response GlueAssets::patchMany(const GlueCall& call)
{
    const SettingsValues settings = _settings.values();
    return glueAnswer(200, {{"data", applyBulk(call.list(), settings, [&](const Json& attributes) {
                                 const auto id = glueIdOf(attributes, "id");
                                 if (!id)
                                     throw blank("id");
                                 return preparePatch(*id, attributes, settings);
                             })}});
}

Response GlueAssets::erase(GlueId id)
{
    writableType(_records.asset(id).type);
    _records.log("delete", {kAsset, id});
    _records.erase({kAsset, id});
    return {.status = 204};
}

Response GlueAssets::eraseMany(const GlueCall& call)
{
    const SettingsValues settings = _settings.values();
    std::vector<Json> changes;
    for (const GlueId id : chosen(call))
        changes.push_back({{"id", id}});
    return glueAnswer(200, {{"data", applyBulk(changes, settings, [&](const Json& change) {
                                 const auto id = change.at("id").get<GlueId>();
                                 writableType(_records.asset(id).type);
                                 return [this, id, &settings] {
                                     Json object =
                                         GlueView(_records, settings).asset(_records.asset(id));
                                     erase(id);
                                     return object;
                                 };
                             })}});
}

/// What a bulk deletion names: by a list in the body, or by filters.
std::vector<GlueId> GlueAssets::chosen(const GlueCall& call)
{
    GlueListRules rules = indexRules();
    rules.filters.insert(rules.filters.end(), {"id", "archived"});
    const GlueQuery query(call.request, rules, GlueQuery::Route::List);
    if (call.hasBody() && query.hasFilters())
        throw GlueError{422, "Give filters or a list, not both"};
    std::vector<GlueId> ids;
    if (!query.hasFilters())
    {
        for (const Json& attributes : call.list())
            ids.push_back(glueIdOf(attributes, "id").value_or(0));
        return ids;
    }
    const auto types = query.filter("flexible-asset-type-id");
    if (types.empty() || query.filter("organization-id").empty())
        throw GlueError{422,
                        "filter[organization-id] and filter[flexible-asset-type-id] are required",
                        "filter"};
    for (const auto& type : types)
    {
        for (const GlueAsset* const asset : _records.assetsOf(glueIdOf(type)))
        {
            if (query.passes(*asset, assetValue))
                ids.push_back(asset->id);
        }
    }
    return ids;
}

/// 422 for a type that IT Glue itself keeps in step with another system.
const GlueType& GlueAssets::writableType(GlueId id) const
{
    const GlueType& type = _records.type(id);
    const bool isSynced = std::any_of(type.fields.begin(), type.fields.end(),
                                      [](const auto& entry) { return entry.second.isRemote; });
    if (isSynced)
        throw GlueError{422,
                        "Flexible assets of " + type.name + " are synced and cannot be changed"};
    return type;
}

std::function<Json()> GlueAssets::prepareCreate(const Json& attributes,
                                                std::optional<GlueId> organization,
                                                const SettingsValues& settings)
{
    if (!organization)
        organization = glueIdOf(attributes, "organization-id");
    if (!organization)
        throw blank("organization-id");
    const auto typeId = glueIdOf(attributes, "flexible-asset-type-id");
    if (!typeId)
        throw blank("flexible-asset-type-id");
    if (!_records.exists({"organizations", *organization}) || _records.types().count(*typeId) == 0)
        throw GlueError::inaccessible();
    if (!attributes.contains("traits"))
        throw blank("traits");
    const GlueType& type = writableType(*typeId);
    GlueAsset asset{.organization = *organization, .type = *typeId};
    asset.archived = attributes.value("archived", false);
    asset.restricted = attributes.value("restricted", false);
    asset.traits =
        GlueTraits(_records, settings).read(type, *organization, attributes.at("traits"));
    asset.name = GlueTraits::title(type, asset);
    return [this, asset, &settings]() mutable {
        asset.times = _records.born();
        asset.birth = _records.lists();
        const GlueAsset& made = _records.put(std::move(asset));
        _records.log("create", {kAsset, made.id});
        return GlueView(_records, settings).asset(made);
    };
}

std::function<Json()> GlueAssets::preparePatch(GlueId id, const Json& attributes,
                                               const SettingsValues& settings)
{
    const GlueAsset& asset = _records.asset(id);
    const GlueType& type = writableType(asset.type);
    GlueAsset changed = asset;
    changed.archived = attributes.value("archived", asset.archived);
    changed.restricted = attributes.value("restricted", asset.restricted);
    if (attributes.contains("traits"))
        changed.traits =
            GlueTraits(_records, settings).read(type, asset.organization, attributes.at("traits"));
    else if (!settings.gluePatchKeepsTraits)
        changed.traits.clear();
    changed.name = GlueTraits::title(type, changed);
    return [this, changed, &settings]() mutable {
        changed.times.updated = _records.now();
        const GlueAsset& stored = _records.put(std::move(changed));
        _records.log("update", {kAsset, stored.id});
        return GlueView(_records, settings).asset(stored);
    };
}

} // namespace muster::sandbox
