/// What people do by hand in IT Glue, and what other systems put there.
#include "Glue.h"
#include "GlueTraits.h"

#include <set>
#include <stdexcept>

namespace muster::sandbox {

namespace {

/// A hand at work in IT Glue. Used by one thread.
class GlueHand
{
public:
    GlueHand(GlueRecords& records, GlueTypes& types, const SettingsValues& settings)
        : _records(records), _types(types), _settings(settings)
    {}

    void putRecord(const GlueKind& kind, const Json& record);
    void putType(const Json& record);
    void putField(const Json& record);
    void putAsset(const Json& record);

private:
    GlueId idOf(const Json& record);
    void putFieldOf(GlueType& type, Json record);
    void eraseType(GlueId id);
    void setTraits(GlueAsset& asset, const Json& traits);

    GlueRecords& _records;
    GlueTypes& _types;
    const SettingsValues& _settings;
};

bool isErased(const Json& record)
{
    return record.value("delete", false);
}

/// A contact's addresses may be given as plain texts, the primary one first.
Json emailsOf(const Json& given)
{
    Json emails = Json::array();
    for (const Json& each : given)
    {
        if (each.is_string())
            emails.push_back(
                {{"value", each}, {"primary", emails.empty()}, {"label-name", "Work"}});
        else
            emails.push_back(each);
    }
    return emails;
}

/// The record's own id, or a new one.
GlueId GlueHand::idOf(const Json& record)
{
    const GlueId id = glueIdOf(record, "id").value_or(0);
    _records.reserve(id);
    return id == 0 ? _records.newId() : id;
}

void GlueHand::putRecord(const GlueKind& kind, const Json& given)
{
    const Json record = kebabNames(given);
    const GlueId id = idOf(record);
    auto& all = _records.records(kind.path);
    if (isErased(record))
    {
        _records.log("delete", {kind.path, id});
        _records.erase({kind.path, id});
        return;
    }
    const bool isNew = all.count(id) == 0;
    GlueRecord& stored = all[id];
    stored.id = id;
    stored.organization = glueIdOf(record, "organization-id").value_or(stored.organization);
    if (isNew && !kind.belongsToAll && !_records.exists({"organizations", stored.organization}))
    {
        all.erase(id);
        throw GlueError{422, kind.path + " needs an organization-id that exists"};
    }
    stored.isSynced = record.value("synced", stored.isSynced);
    for (const auto& [name, value] : record.items())
    {
        if (name == "contact-emails")
            stored.attributes[name] = emailsOf(value);
        else if (name != "id" && name != "organization-id" && name != "synced")
            stored.attributes[name] = value;
    }
    stored.times.updated = _records.now();
    if (isNew)
        stored.times.created = stored.times.updated;
    _records.log(isNew ? "create" : "update", {kind.path, id});
}

void GlueHand::putType(const Json& given)
{
    const Json record = kebabNames(given);
    const GlueId id = idOf(record);
    if (isErased(record))
        return eraseType(id);
    auto& types = _records.types();
    if (types.count(id) == 0)
        types[id] = {.id = id, .times = _records.born()};
    GlueType& type = types[id];
    GlueTypes::change(type, record);
    type.isNative = record.value("native", type.isNative);
    type.times.updated = _records.now();
    for (const Json& field : record.value("fields", Json::array()))
        putFieldOf(type, kebabNames(field));
}

void GlueHand::eraseType(GlueId id)
{
    for (const GlueAsset* const asset : _records.assetsOf(id))
        _records.erase({"flexible_assets", asset->id});
    _records.types().erase(id);
}

void GlueHand::putField(const Json& given)
{
    const Json record = kebabNames(given);
    const auto type = glueIdOf(record, "flexible-asset-type-id");
    putFieldOf(type ? _records.type(*type)
                    : _records.typeOfField(glueIdOf(record, "id").value_or(0)),
               record);
}

void GlueHand::putFieldOf(GlueType& type, Json record)
{
    const GlueId id = glueIdOf(record, "id").value_or(0);
    if (isErased(record))
    {
        _records.eraseTraits(type.fields.at(id));
        type.fields.erase(id);
        return _types.retitle(type);
    }
    if (type.fields.count(id) == 0)
    {
        const auto fields = type.fieldsInOrder();
        if (!record.contains("order"))
            record["order"] = fields.empty() ? 1 : fields.back()->order + 1;
        GlueField made = _types.makeField(type, record);
        made.id = id == 0 ? made.id : id;
        made.isRemote = record.value("remote", type.isNative);
        made.nameKey = record.value("name-key", made.nameKey);
        _records.reserve(made.id + 1);
        const GlueId madeId = made.id;
        type.fields.emplace(madeId, std::move(made));
        return;
    }
    GlueField& field = type.fields.at(id);
    _types.change(field, record);
    field.nameKey = record.value("name-key", field.nameKey);
    field.isRemote = record.value("remote", field.isRemote);
    field.times.updated = _records.now();
    _types.retitle(type);
}

void GlueHand::putAsset(const Json& given)
{
    const Json record = kebabNames(given);
    const GlueId id = idOf(record);
    const GlueRef ref{"flexible_assets", id};
    if (isErased(record))
    {
        _records.log("delete", ref);
        return _records.erase(ref);
    }
    const bool isNew = !_records.hasAsset(id);
    GlueAsset asset = isNew ? GlueAsset{.id = id, .times = _records.born()} : _records.asset(id);
    if (isNew)
    {
        asset.organization = glueIdOf(record, "organization-id").value_or(0);
        asset.type = glueIdOf(record, "flexible-asset-type-id").value_or(0);
        if (!_records.exists({"organizations", asset.organization}) ||
            _records.types().count(asset.type) == 0)
            throw GlueError{422, "an asset needs the ids of an organization and of a type"};
    }
    setTraits(asset, record.value("traits", Json::object()));
    asset.archived = record.value("archived", asset.archived);
    asset.restricted = record.value("restricted", asset.restricted);
    asset.times.updated = _records.now();
    _records.put(std::move(asset));
    _records.log(isNew ? "create" : "update", ref);
}

/// A person changes the traits that are given and leaves the others.
void GlueHand::setTraits(GlueAsset& asset, const Json& traits)
{
    const GlueType& type = _records.type(asset.type);
    for (const auto& [key, value] : traits.items())
    {
        const GlueField* const field = type.field(key);
        if (field == nullptr)
            throw GlueError{422,
                            "the type " + type.name + " has no field with the name-key " + key};
        Json kept = GlueTraits(_records, _settings).readOne(*field, asset.organization, value);
        if (kept.is_null())
            asset.traits.erase(field->id);
        else
            asset.traits[field->id] = std::move(kept);
    }
    asset.name = GlueTraits::title(type, asset);
}

} // namespace

void Glue::seed(const Json& records)
{
    std::set<std::string> known{"types", "fields", "assets"};
    for (const GlueKind& kind : GlueKind::all())
        known.insert(kind.path);
    known.erase("flexible_assets");
    for (const auto& [key, value] : records.items())
    {
        if (known.count(key) == 0 || !value.is_array())
            throw std::invalid_argument("itglue: \"" + key + "\" is no list of records");
    }
    const SettingsValues settings = _settings.values();
    const std::lock_guard lock(_mutex);
    GlueHand hand(_records, _types, settings);
    try
    {
        const auto each = [&](const std::string& list, auto put) {
            for (const auto& record : records.value(list, Json::array()))
                put(record);
        };
        for (const GlueKind& kind : GlueKind::all())
            each(kind.path, [&](const Json& record) { hand.putRecord(kind, record); });
        each("types", [&](const Json& record) { hand.putType(record); });
        each("fields", [&](const Json& record) { hand.putField(record); });
        each("assets", [&](const Json& record) { hand.putAsset(record); });
    }
    catch (const GlueError& error)
    {
        throw std::invalid_argument(
            "itglue: " + (error.status == 404 ? "there is no record with that id" : error.detail));
    }
    catch (const nlohmann::json::exception& error)
    {
        throw std::invalid_argument(std::string("itglue: ") + error.what());
    }
}

} // namespace muster::sandbox
