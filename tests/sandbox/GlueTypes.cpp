#include "GlueTypes.h"

#include "GlueView.h"
#include "World.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

constexpr const char* kField = "Flexible Asset Field";

const GlueListRules& typeRules()
{
    static const GlueListRules rules{.filters = {"id", "name", "icon", "enabled"},
                                     .sorts = {"id", "name", "created-at", "updated-at"},
                                     .includes = {"flexible-asset-fields"}};
    return rules;
}

const GlueListRules& fieldRules()
{
    static const GlueListRules rules{.filters = {"id"},
                                     .sorts = {"created-at", "updated-at"},
                                     .includes = {"remote-asset-field"}};
    return rules;
}

Json typeValue(const GlueType& type, const std::string& name)
{
    if (name == "id")
        return type.id;
    if (name == "name")
        return type.name;
    if (name == "icon")
        return type.icon;
    if (name == "enabled")
        return type.enabled;
    return timeText(name == "created-at" ? type.times.created : type.times.updated);
}

Json fieldValue(const GlueField& field, const std::string& name)
{
    if (name == "id")
        return field.id;
    return timeText(name == "created-at" ? field.times.created : field.times.updated);
}

bool isOneOfKinds(const std::string& kind, std::initializer_list<const char*> kinds)
{
    return std::any_of(kinds.begin(), kinds.end(), [&](const char* each) { return kind == each; });
}

GlueError wrongField(const std::string& attribute, const std::string& what)
{
    return {422, attribute + ' ' + what, "data/attributes/" + attribute};
}

std::string nameKeyOf(const std::string& name)
{
    std::string key;
    for (const char c : lowerCase(name))
    {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (isPlain)
            key += c;
        else if (!key.empty() && key.back() != '-')
            key += '-';
    }
    while (!key.empty() && key.back() == '-')
        key.pop_back();
    return key;
}

template <typename Value>
void take(const Json& attributes, const char* name, Value& value)
{
    const auto found = attributes.find(name);
    if (found == attributes.end())
        return;
    if (found->is_null())
        value = Value{};
    else
        found->get_to(value);
}

} // namespace

Response GlueTypes::listTypes(const GlueCall& call)
{
    const GlueQuery query(call.request, typeRules(), GlueQuery::Route::List);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    std::vector<const GlueType*> types;
    for (const auto& [id_, type] : _records.types())
        types.push_back(&type);
    return glueAnswer(200, query.page(types, typeValue, [&](const GlueType& type, Json& included) {
        if (!query.includes().empty())
            view.includeFields(type, included);
        return view.type(type);
    }));
}

Response GlueTypes::getType(const GlueCall& call, GlueId id)
{
    const GlueQuery query(call.request, typeRules(), GlueQuery::Route::Single);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    const GlueType& type = _records.type(id);
    Json document{{"data", view.type(type)}};
    if (!query.includes().empty())
    {
        document["included"] = Json::array();
        view.includeFields(type, document["included"]);
    }
    return glueAnswer(200, document);
}

Response GlueTypes::createType(const GlueCall& call)
{
    const Json attributes = call.attributes("Flexible Asset Type");
    GlueType type{.id = _records.newId()};
    change(type, attributes);
    if (type.name.empty())
        throw wrongField("name", "can't be blank");
    const Json relationships = kebabNames(call.data().value("relationships", Json::object()));
    const Json fields =
        relationships.value("flexible-asset-fields", Json::object()).value("data", Json::array());
    for (const Json& each : fields)
    {
        GlueField field = makeField(type, kebabNames(each.value("attributes", Json::object())));
        const GlueId id = field.id;
        type.fields.emplace(id, std::move(field));
    }
    const bool isListed = std::any_of(type.fields.begin(), type.fields.end(),
                                      [](const auto& entry) { return entry.second.showInList; });
    if (!isListed)
        throw GlueError{422, "At least one field with show-in-list is needed",
                        "data/relationships/flexible-asset-fields"};
    type.times = _records.born();
    const GlueId id = type.id;
    const GlueType& made = _records.types().emplace(id, std::move(type)).first->second;
    return glueAnswer(201, {{"data", GlueView(_records, _settings.values()).type(made)}});
}

Response GlueTypes::patchType(const GlueCall& call, GlueId id)
{
    const Json attributes = call.attributes("Flexible Asset Type");
    if (call.data().contains("relationships"))
        throw GlueError{422, "Relationships cannot be changed here", "data/relationships"};
    GlueType& type = _records.type(id);
    change(type, attributes);
    type.times.updated = _records.now();
    return glueAnswer(200, {{"data", GlueView(_records, _settings.values()).type(type)}});
}

void GlueTypes::change(GlueType& type, const Json& attributes)
{
    take(attributes, "name", type.name);
    take(attributes, "description", type.description);
    take(attributes, "icon", type.icon);
    take(attributes, "enabled", type.enabled);
    take(attributes, "show-in-menu", type.showInMenu);
}

Response GlueTypes::listFields(const GlueCall& call, GlueId type)
{
    const GlueQuery query(call.request, fieldRules(), GlueQuery::Route::List);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    return glueAnswer(200, query.page(_records.type(type).fieldsInOrder(), fieldValue,
                                      [&](const GlueField& field, Json& included) {
                                          Json object = view.field(field);
                                          if (!query.includes().empty())
                                              view.includeRemote(object, field, included);
                                          return object;
                                      }));
}

Response GlueTypes::getField(const GlueCall& call, std::optional<GlueId> type, GlueId id)
{
    const GlueQuery query(call.request, fieldRules(), GlueQuery::Route::Single);
    const SettingsValues settings = _settings.values();
    const GlueView view(_records, settings);
    const GlueField& field = typeHolding(type, id).fields.at(id);
    Json document{{"data", view.field(field)}};
    if (!query.includes().empty())
    {
        document["included"] = Json::array();
        view.includeRemote(document["data"], field, document["included"]);
    }
    return glueAnswer(200, document);
}

Response GlueTypes::createField(const GlueCall& call)
{
    const Json attributes = call.attributes(kField);
    const auto type = glueIdOf(attributes, "flexible-asset-type-id");
    if (!type)
        throw wrongField("flexible-asset-type-id", "can't be blank");
    if (_records.types().count(*type) == 0)
        throw GlueError::inaccessible();
    return glueAnswer(201, {{"data", prepareField(*type, attributes)()}});
}

Response GlueTypes::createFields(const GlueCall& call, GlueId type)
{
    _records.type(type);
    Json made = applyBulk(call.list(), _settings.values(),
                          [&](const Json& attributes) { return prepareField(type, attributes); });
    return glueAnswer(201, {{"data", call.sendsList() ? std::move(made) : made.at(0)}});
}

Response GlueTypes::patchField(const GlueCall& call, std::optional<GlueId> type, GlueId id)
{
    typeHolding(type, id);
    return glueAnswer(200, {{"data", preparePatch(id, call.attributes(kField))()}});
}

Response GlueTypes::patchFields(const GlueCall& call)
{
    return glueAnswer(
        200, {{"data", applyBulk(call.list(), _settings.values(), [&](const Json& attributes) {
                   return preparePatch(glueIdOf(attributes, "id").value_or(0), attributes);
               })}});
}

/// The data of the field's traits are lost.
Response GlueTypes::eraseField(std::optional<GlueId> type, GlueId id)
{
    GlueType& holder = typeHolding(type, id);
    if (holder.fields.at(id).isRemote)
        throw GlueError{422, "A synced field cannot be deleted"};
    _records.eraseTraits(holder.fields.at(id));
    holder.fields.erase(id);
    retitle(holder);
    return {.status = 204};
}

GlueType& GlueTypes::typeHolding(std::optional<GlueId> type, GlueId field)
{
    GlueType& holder = _records.typeOfField(field);
    if (type && holder.id != *type)
        throw GlueError::notFound();
    return holder;
}

std::function<Json()> GlueTypes::prepareField(GlueId type, const Json& attributes)
{
    const GlueField field = makeField(_records.type(type), attributes);
    return [this, field] {
        GlueType& holder = _records.type(field.type);
        const GlueField& made = holder.fields.emplace(field.id, field).first->second;
        return GlueView(_records, _settings.values()).field(made);
    };
}

std::function<Json()> GlueTypes::preparePatch(GlueId id, const Json& attributes)
{
    const GlueType& type = _records.typeOfField(id);
    const GlueField& field = type.fields.at(id);
    if (field.isRemote)
        throw GlueError{422, "A synced field cannot be changed"};
    GlueField changed = field;
    change(changed, attributes);
    check(type, changed);
    return [this, changed] {
        GlueType& holder = _records.type(changed.type);
        GlueField& stored = holder.fields.at(changed.id);
        stored = changed;
        stored.times.updated = _records.now();
        retitle(holder);
        return GlueView(_records, _settings.values()).field(stored);
    };
}

GlueField GlueTypes::makeField(const GlueType& type, const Json& attributes)
{
    for (const char* const name : {"order", "name", "kind"})
    {
        if (!attributes.contains(name))
            throw wrongField(name, "can't be blank");
    }
    if (isOneOfKinds(attributes["kind"].get<std::string>(), {"Number", "Percent"}) &&
        !attributes.contains("decimals"))
        throw wrongField("decimals", "can't be blank");
    GlueField field{.id = _records.newId(), .type = type.id, .times = _records.born()};
    _records.newId(); // for the remote asset field that it may have
    change(field, attributes);
    check(type, field);
    const std::string key = nameKeyOf(field.name) + _settings.values().glueNameKeyEnd;
    field.nameKey = key;
    for (int i = 1; type.field(field.nameKey) != nullptr; ++i)
        field.nameKey = key + '-' + std::to_string(i);
    return field;
}

void GlueTypes::change(GlueField& field, const Json& attributes) const
{
    for (const auto& [name, now] :
         {std::pair{"kind", Json(field.kind)}, {"tag-type", field.tagType}})
    {
        if (attributes.value(name, now) != now && _records.hasTraits(field))
            throw wrongField(name, "cannot be changed once there are traits");
    }
    take(attributes, "order", field.order);
    take(attributes, "name", field.name);
    take(attributes, "kind", field.kind);
    take(attributes, "hint", field.hint);
    take(attributes, "decimals", field.decimals);
    take(attributes, "default-value", field.defaultValue);
    take(attributes, "tag-type", field.tagType);
    take(attributes, "required", field.required);
    take(attributes, "use-for-title", field.useForTitle);
    take(attributes, "expiration", field.expiration);
    take(attributes, "show-in-list", field.showInList);
    if (isOneOfKinds(field.kind, {"Checkbox", "Header", "Number", "Password", "Percent", "Tag",
                                  "Textbox", "Upload"}))
        field.useForTitle = false;
    if (field.kind == "Header")
        field.required = false;
}

void GlueTypes::check(const GlueType& type, const GlueField& field) const
{
    if (!isOneOfKinds(field.kind, {"Checkbox", "Date", "Header", "Number", "Select", "Text",
                                   "Textbox", "Upload", "Tag", "Percent", "Password"}))
        throw wrongField("kind", "is not included in the list");
    if (field.name.empty())
        throw wrongField("name", "can't be blank");
    for (const auto& [id, other] : type.fields)
    {
        if (id != field.id && other.name == field.name)
            throw wrongField("name", "has already been taken");
        if (id != field.id && other.order == field.order)
            throw wrongField("order", "has already been taken");
    }
    if (field.kind == "Select" &&
        (!field.defaultValue.is_string() || field.defaultValue.get<std::string>().empty()))
        throw wrongField("default-value", "can't be blank");
    if (field.kind == "Tag")
        checkTagType(field);
}

void GlueTypes::checkTagType(const GlueField& field) const
{
    static const std::string kStart = "FlexibleAssetType: ";
    if (field.target() == nullptr)
        throw wrongField("tag-type", "is not included in the list");
    const auto tagType = field.tagType.get<std::string>();
    if (tagType.rfind(kStart, 0) != 0)
        return;
    const auto& types = _records.types();
    const bool isKnown = std::any_of(types.begin(), types.end(), [&](const auto& entry) {
        return tagType == kStart + std::to_string(entry.first);
    });
    if (!isKnown)
        throw wrongField("tag-type", "names a flexible asset type that does not exist");
}

void GlueTypes::retitle(const GlueType& type)
{
    for (const GlueAsset* const each : _records.assetsOf(type.id))
    {
        GlueAsset asset = *each;
        asset.name = GlueTraits::title(type, asset);
        if (asset.name != each->name)
            _records.put(std::move(asset));
    }
}

} // namespace muster::sandbox
