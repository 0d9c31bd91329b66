#include "Catalogue.h"

#include <algorithm>
#include <stdexcept>

namespace itglue {

using muster::target::Answer;
using muster::target::Repeat;
using muster::target::SettingError;

namespace {

constexpr size_t kTypePage = 200;
constexpr size_t kDocumentPage = 200; ///< larger ones time out (contract, section 1.3)
constexpr std::chrono::minutes kFresh{10};

const std::map<Group, std::string> kNatives{{Group::Microsoft365, "Microsoft 365: Groups"},
                                            {Group::Security, "Entra ID: Security Groups"}};

std::string descriptionOf(Group group)
{
    return (group == Group::Security ? std::string("Security groups")
                                     : std::string("Microsoft 365 groups")) +
           " of Microsoft Entra ID, documented by Muster";
}

std::string settingOf(Group group)
{
    return "types." + toText(group);
}

bool beginsWith(const std::string& text, const std::string& start)
{
    return text.compare(0, start.size(), start) == 0;
}

/// IT Glue fills the field itself, from what it synchronizes.
bool isRemote(const Json& field)
{
    const Json::json_pointer related("/relationships/remote-asset-field/data");
    if (field.contains(related) && !field.at(related).is_null() && !field.at(related).empty())
        return true;
    const auto own = attributesOf(field).value("remote-asset-field", Json());
    return !own.is_null() && own != false && !own.empty();
}

bool isLower(const std::string& left, const std::string& right)
{
    return std::pair(left.size(), left) < std::pair(right.size(), right);
}

} // namespace

/// A type that may be one of ours.
struct Catalogue::Found
{
    Group group;
    std::string id;
    std::string name;
    int rank; ///< the smaller the surer
};

const std::string& Type::key(const std::string& field) const
{
    static const std::string kNone;
    const auto found = keys.find(field);
    return found == keys.end() ? kNone : found->second;
}

Catalogue::Catalogue(const Account& account, const Json& settings) : _account(account)
{
    const auto said = settings.value("types", Json::object());
    _names = {{Group::Microsoft365, said.value("microsoft365", "Entra: Microsoft 365 Groups")},
              {Group::Security, said.value("security", "Entra: Security Groups")}};
    for (const auto group : kGroups)
    {
        for (const auto& [other, native] : kNatives)
            if (_names[group] == native)
                throw SettingError(settingOf(group), native +
                                                         " is IT Glue's own type: give another "
                                                         "name, Muster makes a type of its own");
        auto& type = _presumed[group];
        type.group = group;
        type.name = _names[group];
        type.isPresumed = true;
        for (const auto& field : fieldsOf(group))
            type.keys[field.name] = usualKey(field.title);
    }
    if (_names[Group::Microsoft365] == _names[Group::Security])
        throw SettingError(settingOf(Group::Security),
                           "it has the name of types.microsoft365: give each type its own");
}

const Type* Catalogue::find(Group group) const
{
    const auto found = _types.find(group);
    return found == _types.end() ? nullptr : &found->second;
}

const Type* Catalogue::typeOf(const std::string& id, const std::string& name) const
{
    for (const auto& [group, type] : _types)
        if (type.id == id)
            return &type;
    if (!_isRead)
        for (const auto& [group, type] : _presumed)
            if (type.name == name)
                return &type;
    return nullptr;
}

std::optional<Group> Catalogue::groupOf(const std::string& document) const
{
    const auto found = _groups.find(document);
    return found == _groups.end() ? std::nullopt : std::optional(found->second);
}

List Catalogue::documentsOf(const Type& type, const std::string& organization)
{
    return {"/flexible_assets?filter%5Bflexible-asset-type-id%5D=" + type.id +
                "&filter%5Borganization-id%5D=" + organization + "&sort=created_at",
            "read the documents of the type " + type.name, kDocumentPage};
}

void Catalogue::read()
{
    std::vector<Found> found;
    const auto onType = [&](size_t, const Json& resource) {
        const auto attributes = attributesOf(resource);
        const auto name = textOf(attributes, "name");
        for (const auto group : kGroups)
            if (name == _names[group] || textOf(attributes, "description") == descriptionOf(group))
                found.push_back({group, idOf(resource["id"]), name, name == _names[group] ? 2 : 3});
    };
    // Fields that came along show which type is ours, whatever it is called now.
    std::map<std::string, Group> marked;
    const auto onField = [&](size_t, const Json& resource) {
        const auto attributes = attributesOf(resource);
        for (const auto group : kGroups)
            if (beginsWith(textOf(attributes, "hint"), markOf(group, *findField(group, kKey))))
                marked.emplace(idOf(attributes.value("flexible-asset-type-id", Json())), group);
    };
    std::map<std::string, std::string> names;
    _account.readAll(
        {{"/flexible_asset_types?include=flexible_asset_fields&sort=name",
          "read the flexible asset types", kTypePage}},
        [&](size_t list, const Json& resource) {
            const auto name = textOf(attributesOf(resource), "name");
            names[idOf(resource["id"])] = name;
            for (const auto& [group, native] : kNatives)
                if (name == native)
                    _nativeIds[native] = idOf(resource["id"]);
            onType(list, resource);
        },
        onField);
    for (const auto& [id, group] : marked)
        found.push_back({group, id, names[id], names[id] == _names[group] ? 0 : 1});
    std::sort(found.begin(), found.end(), [](const Found& left, const Found& right) {
        return left.rank != right.rank ? left.rank < right.rank : isLower(left.id, right.id);
    });
    readFields(found);
    _isRead = true;
    _readAt = std::chrono::steady_clock::now();
}

/// Takes the first of each group for ours.
void Catalogue::readFields(std::vector<Found>& found)
{
    std::vector<Type> types;
    std::vector<List> lists;
    for (const auto& one : found)
    {
        const auto isTaken = std::any_of(types.begin(), types.end(), [&](const Type& type) {
            return type.group == one.group || type.id == one.id;
        });
        if (isTaken)
            continue;
        Type type;
        type.group = one.group;
        type.id = one.id;
        type.name = one.name;
        types.push_back(std::move(type));
        lists.push_back({"/flexible_asset_types/" + one.id +
                             "/relationships/flexible_asset_fields?include=remote_asset_field",
                         "read the fields of the type " + one.name, kTypePage});
    }
    std::vector<std::vector<Json>> fields(types.size());
    if (!lists.empty())
        _account.readAll(lists,
                         [&](size_t list, const Json& field) { fields[list].push_back(field); });
    _types.clear();
    for (size_t i = 0; i < types.size(); ++i)
    {
        for (const auto& field : fields[i])
            adoptField(types[i], field);
        // A mark says more than a name: one who renamed our field may have made one of that name.
        for (const auto& field : fields[i])
            for (const auto& ours : fieldsOf(types[i].group))
                if (const auto attributes = attributesOf(field);
                    types[i].key(ours.name).empty() && textOf(attributes, "name") == ours.title)
                {
                    if (textOf(attributes, "kind") != ours.kind)
                        throw SettingError(settingOf(types[i].group),
                                           "the type " + types[i].name + " has a field " +
                                               ours.title + " of the kind " +
                                               textOf(attributes, "kind") +
                                               " that is not Muster's: give it another name");
                    types[i].keys[ours.name] = textOf(attributes, "name-key");
                }
        const auto group = types[i].group;
        _types[group] = std::move(types[i]);
    }
}

void Catalogue::adoptField(Type& type, const Json& field) const
{
    const auto attributes = attributesOf(field);
    if (isRemote(field))
        throw SettingError(settingOf(type.group),
                           "the type " + type.name +
                               " is IT Glue's own (it fills its fields itself): give another name, "
                               "Muster makes a type of its own");
    if (const auto order = attributes.value("order", Json()); order.is_number_integer())
        type.lastOrder = std::max(type.lastOrder, order.get<int>());
    if (textOf(attributes, "kind") == "Password")
        type.secrets.push_back(textOf(attributes, "name"));
    for (const auto& ours : fieldsOf(type.group))
        if (textOf(attributes, "kind") == ours.kind &&
            beginsWith(textOf(attributes, "hint"), markOf(type.group, ours)))
            type.keys[ours.name] = textOf(attributes, "name-key");
}

void Catalogue::complete()
{
    if (!_isRead || std::chrono::steady_clock::now() - _readAt > kFresh)
        read();
    bool isChanged = false;
    for (const auto group : kGroups)
        if (!find(group))
        {
            makeType(group);
            isChanged = true;
        }
    if (isChanged)
        read();
    isChanged = false;
    for (const auto group : kGroups)
    {
        const auto* type = find(group);
        if (!type)
            throw UnknownFate("the type " + _names[group] + " was made and is not listed yet");
        if (const auto missing = missingIn(*type); !missing.empty())
        {
            addFields(*type, missing);
            isChanged = true;
        }
    }
    if (isChanged)
        read();
    for (const auto group : kGroups)
        if (!find(group) || !missingIn(*find(group)).empty())
            throw UnknownFate("fields of the type " + _names[group] +
                              " were made and are not listed yet");
}

std::vector<const Field*> Catalogue::missingIn(const Type& type) const
{
    std::vector<const Field*> missing;
    for (const auto& field : fieldsOf(type.group))
        if (type.key(field.name).empty() && field.shape != Shape::Heading)
            missing.push_back(&field);
    return missing;
}

/// Without the fields that tag documents: these need the ids of the types.
void Catalogue::makeType(Group group)
{
    Json fields = Json::array();
    int order = 0;
    for (const auto& field : fieldsOf(group))
        if (++order; field.name != kNested && field.name != kNestedOther)
            fields.push_back({{"type", "flexible_asset_fields"},
                              {"attributes", attributesFor(field, group, order)}});
    const Json document{
        {"data",
         {{"type", "flexible_asset_types"},
          {"attributes",
           {{"name", _names[group]},
            {"description", descriptionOf(group)},
            {"icon", group == Group::Security ? "shield" : "users"},
            {"show-in-menu", true}}},
          {"relationships", {{"flexible-asset-fields", {{"data", std::move(fields)}}}}}}}};
    const auto what = "make the type " + _names[group];
    _isRead = false; // what is made and not answered shows in another look only
    const auto answer =
        _account.host().send(writeOf("POST", "/flexible_asset_types", document, Repeat::Never));
    const auto body = answer.json();
    const auto data = body.is_object() ? body.value("data", Json()) : Json();
    const auto isAnswered = data.is_object() && !idOf(data.value("id", Json())).empty();
    if (answer.isUnknown() || (answer.isSuccess() && !isAnswered))
        throw UnknownFate(_account.describe(what, answer));
    if (!answer.isSuccess())
        _account.fail(what, answer);
}

void Catalogue::addFields(const Type& type, const std::vector<const Field*>& missing)
{
    Json fields = Json::array();
    int next = type.lastOrder;
    for (const auto* field : missing)
    {
        // The places of the fields that tag documents were left free for them.
        const auto isTag = field->name == kNested || field->name == kNestedOther;
        const auto place = static_cast<int>(field - fieldsOf(type.group).data()) + 1;
        const auto isNew = type.lastOrder == static_cast<int>(fieldsOf(type.group).size());
        fields.push_back(
            {{"type", "flexible_asset_fields"},
             {"attributes", attributesFor(*field, type.group, isTag && isNew ? place : ++next)}});
    }
    _isRead = false;
    const auto what = "add fields to the type " + type.name;
    const auto answer = _account.host().send(
        writeOf("POST", "/flexible_asset_types/" + type.id + "/relationships/flexible_asset_fields",
                {{"data", std::move(fields)}}, Repeat::Never));
    if (answer.isUnknown())
        throw UnknownFate(_account.describe(what, answer));
    if (!answer.isSuccess())
        _account.fail(what, answer);
}

Json Catalogue::attributesFor(const Field& field, Group group, int order) const
{
    Json attributes{{"order", order},
                    {"name", field.title},
                    {"kind", field.kind},
                    {"hint", markOf(group, field) + ": what is edited here is put right again."},
                    {"show-in-list", field.isListed},
                    {"required", field.name == "name" || field.name == kKey},
                    {"use-for-title", field.name == "name"}};
    if (field.kind == "Select")
        attributes["default-value"] = field.details;
    const auto isSecurity = group == Group::Security;
    const auto* own = find(group);
    const auto* other = find(isSecurity ? Group::Microsoft365 : Group::Security);
    if (field.name == kNested && own)
        attributes["tag-type"] = "FlexibleAssetType: " + own->id;
    else if (field.name == kNestedOther && other)
        attributes["tag-type"] = "FlexibleAssetType: " + other->id;
    else if (field.kind == "Tag")
        attributes["tag-type"] = field.details;
    return attributes;
}

} // namespace itglue
