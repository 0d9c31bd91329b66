#include "GlueObjects.h"

#include "GlueView.h"
#include "World.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

/// "glue." keeps the names apart from DeskDirector's.
std::string routeName(const GlueKind& kind, const std::string& what)
{
    const bool isAmbiguous = kind.path != "organizations" && kind.path != "configurations";
    return (isAmbiguous ? "glue." : "") + kind.path + '.' + what;
}

bool names(const std::vector<std::string>& list, const std::string& name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

GlueRoute GlueObjects::find(const std::string& method, const GluePath& path)
{
    const GlueKind* const kind = GlueKind::ofPath(path[0]);
    if (kind == nullptr || path.size() > 2)
        return {};
    const bool isWritable = !kind->writable.empty();
    if (method == "GET" && path.size() == 1)
        return {routeName(*kind, "list"),
                [=, this](const GlueCall& c) { return list(c, *kind, {}); }};
    if (method == "GET")
        return {routeName(*kind, "get"),
                [=, this](const GlueCall& c) { return get(c, *kind, glueIdOf(path[1]), {}); }};
    if (method == "POST" && path.size() == 1 && isWritable)
        return {routeName(*kind, "create"),
                [=, this](const GlueCall& c) { return create(c, *kind, {}); }};
    if (method == "PATCH" && path.size() == 1 && isWritable)
        return {routeName(*kind, "bulkPatch"),
                [=, this](const GlueCall& c) { return patchMany(c, *kind); }};
    if (method == "PATCH" && isWritable)
        return {routeName(*kind, "patch"),
                [=, this](const GlueCall& c) { return patch(c, *kind, glueIdOf(path[1]), {}); }};
    if (method == "DELETE" && path.size() == 1 && isWritable && !kind->belongsToAll)
        return {routeName(*kind, "bulkDelete"),
                [=, this](const GlueCall& c) { return eraseMany(c, *kind, {}); }};
    return {};
}

GlueRoute GlueObjects::findIn(GlueId organization, const std::string& method, const GluePath& path,
                              bool sendsList)
{
    const GlueKind* const kind = GlueKind::ofPath(path[0]);
    if (kind == nullptr || kind->belongsToAll || kind->writable.empty() || path.size() > 2)
        return {};
    if (method == "GET" && path.size() == 1)
        return {routeName(*kind, "list"),
                [=, this](const GlueCall& c) { return list(c, *kind, organization); }};
    if (method == "GET")
        return {routeName(*kind, "get"), [=, this](const GlueCall& c) {
                    return get(c, *kind, glueIdOf(path[1]), organization);
                }};
    if (method == "POST" && path.size() == 1)
        return {routeName(*kind, sendsList ? "bulkCreate" : "create"),
                [=, this](const GlueCall& c) { return create(c, *kind, organization); }};
    if (method == "PATCH" && path.size() == 2)
        return {routeName(*kind, "patch"), [=, this](const GlueCall& c) {
                    return patch(c, *kind, glueIdOf(path[1]), organization);
                }};
    if (method == "DELETE" && path.size() == 1)
        return {routeName(*kind, "bulkDelete"),
                [=, this](const GlueCall& c) { return eraseMany(c, *kind, organization); }};
    return {};
}

Response GlueObjects::list(const GlueCall& call, const GlueKind& kind, Owner owner)
{
    if (owner && !_records.exists({"organizations", *owner}))
        throw GlueError::notFound();
    const GlueQuery query(call.request, kind.list,
                          owner ? GlueQuery::Route::Nested : GlueQuery::Route::List);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    std::vector<const GlueRecord*> all;
    for (const auto& [id_, record] : _records.records(kind.path))
    {
        if (!owner || record.organization == *owner)
            all.push_back(&record);
    }
    return glueAnswer(
        200, query.page(
                 all,
                 [&](const GlueRecord& record, const std::string& name) {
                     return valueOf(kind, record, name);
                 },
                 [&](const GlueRecord& record, Json& included) {
                     Json object = view.record(kind, record);
                     view.include(object, {kind.path, record.id}, query.includes(), included);
                     return object;
                 }));
}

Response GlueObjects::get(const GlueCall& call, const GlueKind& kind, GlueId id, Owner owner)
{
    GlueListRules rules = kind.list;
    if (!kind.writable.empty())
        rules.includes.insert(rules.includes.end(),
                              {"recent-versions", "related-items", "authorized-users"});
    const GlueQuery query(call.request, rules, GlueQuery::Route::Single);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    Json document{{"data", view.record(kind, record(kind, id, owner))}};
    Json included = Json::array();
    view.include(document["data"], {kind.path, id}, query.includes(), included);
    if (!query.includes().empty())
        document["included"] = std::move(included);
    return glueAnswer(200, document);
}

Response GlueObjects::create(const GlueCall& call, const GlueKind& kind, Owner owner)
{
    if (owner && !_records.exists({"organizations", *owner}))
        throw GlueError::notFound();
    if (!owner)
    {
        const Json attributes = call.attributes(kind.destinationType);
        return glueAnswer(201, {{"data", prepareCreate(kind, attributes, {})()}});
    }
    Json made = applyBulk(call.list(), _settings.values(), [&](const Json& attributes) {
        return prepareCreate(kind, attributes, owner);
    });
    return glueAnswer(201, {{"data", call.sendsList() ? std::move(made) : made.at(0)}});
}

Response GlueObjects::patch(const GlueCall& call, const GlueKind& kind, GlueId id, Owner owner)
{
    const Json attributes = call.attributes(kind.destinationType);
    return glueAnswer(200, {{"data", preparePatch(kind, id, attributes, owner)()}});
}

Response GlueObjects::patchMany(const GlueCall& call, const GlueKind& kind)
{
    Json changed = applyBulk(call.list(), _settings.values(), [&](const Json& attributes) {
        return preparePatch(kind, glueIdOf(attributes, "id").value_or(0), attributes, {});
    });
    return glueAnswer(200, {{"data", std::move(changed)}});
}

Response GlueObjects::eraseMany(const GlueCall& call, const GlueKind& kind, Owner owner)
{
    const SettingsValues settings = _settings.values();
    Json erased = applyBulk(call.list(), settings, [&](const Json& attributes) {
        const GlueId id = glueIdOf(attributes, "id").value_or(0);
        record(kind, id, owner);
        return [this, &kind, &settings, id, owner] {
            Json object = GlueView(_records, settings).record(kind, record(kind, id, owner));
            _records.log("delete", {kind.path, id});
            _records.erase({kind.path, id});
            return object;
        };
    });
    return glueAnswer(200, {{"data", std::move(erased)}});
}

GlueRecord& GlueObjects::record(const GlueKind& kind, GlueId id, Owner owner)
{
    auto& all = _records.records(kind.path);
    const auto found = all.find(id);
    if (found == all.end() || (owner && found->second.organization != *owner))
        throw GlueError::notFound();
    return found->second;
}

std::function<Json()> GlueObjects::prepareCreate(const GlueKind& kind, const Json& attributes,
                                                 Owner owner)
{
    for (const auto& name : kind.required)
    {
        if (attributes.value(name, Json()).is_null())
            throw GlueError{422, name + " can't be blank", "data/attributes/" + name};
    }
    if (!owner)
        owner = glueIdOf(attributes, "organization-id");
    GlueRecord made;
    if (!kind.belongsToAll)
    {
        if (!owner)
            throw GlueError{422, "organization-id can't be blank",
                            "data/attributes/organization-id"};
        if (!_records.exists({"organizations", *owner}))
            throw GlueError::inaccessible();
        made.organization = *owner;
    }
    for (const auto& [name, value] : attributes.items())
    {
        if (names(kind.writable, name) && name != "organization-id")
            made.attributes[name] = value;
    }
    return [this, &kind, made]() mutable {
        made.id = _records.newId();
        made.times = _records.born();
        const GlueRecord& stored = _records.records(kind.path).emplace(made.id, made).first->second;
        _records.log("create", {kind.path, stored.id});
        return GlueView(_records, _settings.values()).record(kind, stored);
    };
}

/// A record that another system owns takes some attributes only, or none.
std::function<Json()> GlueObjects::preparePatch(const GlueKind& kind, GlueId id,
                                                const Json& attributes, Owner owner)
{
    GlueRecord changed = record(kind, id, owner);
    for (const auto& [name, value] : attributes.items())
    {
        if (!names(kind.writable, name) || name == "organization-id")
            continue;
        if (changed.isSynced && !names(kind.writableWhenSynced, name))
            throw GlueError{422, name + " cannot be changed: the record is synced",
                            "data/attributes/" + name};
        changed.attributes[name] = value;
    }
    return [this, &kind, changed]() mutable {
        GlueRecord& stored = _records.records(kind.path).at(changed.id);
        stored = std::move(changed);
        stored.times.updated = _records.now();
        _records.log("update", {kind.path, stored.id});
        return GlueView(_records, _settings.values()).record(kind, stored);
    };
}

Json GlueObjects::valueOf(const GlueKind& kind, const GlueRecord& record,
                          const std::string& name) const
{
    if (name == "id")
        return record.id;
    if (name == "organization-id")
        return record.organization;
    if (name == "name")
        return _records.displayName({kind.path, record.id});
    if (name == "created-at")
        return timeText(record.times.created);
    if (name == "updated-at")
        return timeText(record.times.updated);
    if (name == "primary-email")
    {
        for (const Json& each : record.attributes.value("contact-emails", Json::array()))
        {
            if (each.value("primary", false))
                return each.value("value", "");
        }
        return nullptr;
    }
    return record.attributes.value(name, kind.shown.value(name, Json()));
}

} // namespace muster::sandbox
