#include "GlueView.h"

#include "Http.h"
#include "World.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

Json resource(const std::string& type, GlueId id, Json attributes)
{
    return {{"id", std::to_string(id)},
            {"type", type},
            {"attributes", std::move(attributes)},
            {"relationships", Json::object()}};
}

void addTimes(Json& attributes, const GlueTimes& times)
{
    attributes["created-at"] = timeText(times.created);
    attributes["updated-at"] = timeText(times.updated);
}

/// "Entra: Security Groups" as a part of an address.
std::string slugOf(const std::string& name)
{
    std::string slug;
    for (const char c : lowerCase(name))
    {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (isPlain)
            slug += c;
        else if (!slug.empty() && slug.back() != '-')
            slug += '-';
    }
    return slug;
}

void refer(Json& object, const std::string& relation, const Json& other)
{
    Json& data = object["relationships"][relation]["data"];
    if (data.is_null())
        data = Json::array();
    if (!other.is_null())
        data.push_back({{"id", other["id"]}, {"type", other["type"]}});
}

std::string addressOf(GlueId organization, const GlueRef& ref)
{
    return kGlueSite + '/' + std::to_string(organization) + '/' + ref.kind + '/' +
           std::to_string(ref.id);
}

} // namespace

Json GlueView::asset(const GlueAsset& asset) const
{
    const GlueType& type = _records.type(asset.type);
    Json attributes{
        {"organization-id", asset.organization},
        {"organization-name", _records.displayName({"organizations", asset.organization})},
        {"resource-url", kGlueSite + '/' + std::to_string(asset.organization) + "/assets/" +
                             std::to_string(type.id) + '-' + slugOf(type.name) + "/records/" +
                             std::to_string(asset.id)},
        {"restricted", asset.restricted},
        {"my-glue", false},
        {"flexible-asset-type-id", asset.type},
        {"flexible-asset-type-name", type.name},
        {"name", asset.name},
        {"traits", _traits.shown(type, asset)},
        {"archived", asset.archived}};
    addTimes(attributes, asset.times);
    return resource("flexible-assets", asset.id, std::move(attributes));
}

Json GlueView::type(const GlueType& type) const
{
    Json attributes{{"name", type.name}, {"description", type.description}};
    addTimes(attributes, type.times);
    attributes["icon"] = type.icon;
    attributes["show-in-menu"] = type.showInMenu;
    attributes["enabled"] = type.enabled;
    Json object = resource("flexible-asset-types", type.id, std::move(attributes));
    refer(object, "flexible-asset-fields", nullptr);
    for (const GlueField* const each : type.fieldsInOrder())
        refer(object, "flexible-asset-fields",
              {{"id", std::to_string(each->id)}, {"type", "flexible-asset-fields"}});
    return object;
}

Json GlueView::field(const GlueField& field) const
{
    Json attributes{{"flexible-asset-type-id", field.type},
                    {"order", field.order},
                    {"name", field.name},
                    {"kind", field.kind},
                    {"hint", field.hint},
                    {"decimals", field.decimals},
                    {"default-value", field.defaultValue},
                    {"tag-type", field.tagType},
                    {"required", field.required},
                    {"use-for-title", field.useForTitle},
                    {"expiration", field.expiration},
                    {"show-in-list", field.showInList},
                    {"name-key", field.nameKey}};
    addTimes(attributes, field.times);
    Json object = resource("flexible-asset-fields", field.id, std::move(attributes));
    object["relationships"]["flexible-asset-type"]["data"] = {{"id", std::to_string(field.type)},
                                                              {"type", "flexible-asset-types"}};
    return object;
}

Json GlueView::record(const GlueKind& kind, const GlueRecord& record) const
{
    const GlueRef ref{kind.path, record.id};
    Json attributes = Json::object();
    if (!kind.belongsToAll)
    {
        attributes["organization-id"] = record.organization;
        attributes["organization-name"] =
            _records.displayName({"organizations", record.organization});
        attributes["resource-url"] = addressOf(record.organization, ref);
    }
    attributes.update(kind.shown);
    attributes.update(record.attributes);
    if (kind.shown.contains("name"))
        attributes["name"] = _records.displayName(ref);
    if (attributes.contains("parent-id") && attributes["parent-id"].is_number())
        attributes["parent-id"] = attributes["parent-id"].dump();
    addTimes(attributes, record.times);
    std::string type = kebabCase(kind.path);
    return resource(type, record.id, std::move(attributes));
}

Json GlueView::attachment(const GlueAttachment& attachment) const
{
    const auto dot = attachment.name.rfind('.');
    Json attributes{{"name", attachment.name},
                    {"attachment-file-name", attachment.name},
                    {"attachment-content-type", contentTypeOf(attachment.name)},
                    {"attachment-file-size", attachment.content.size()},
                    {"ext", dot == std::string::npos ? "" : attachment.name.substr(dot + 1)},
                    {"viewable", false},
                    {"download-url", kGlueSite + "/attachments/" + std::to_string(attachment.id)}};
    addTimes(attributes, attachment.times);
    return resource("attachments", attachment.id, std::move(attributes));
}

Json GlueView::related(const GlueRelated& related) const
{
    const GlueKind* const kind = GlueKind::ofPath(related.other.kind);
    const std::string& word = kind->destinationType;
    std::string assetType = slugOf(word);
    std::replace(assetType.begin(), assetType.end(), '-', '_');
    const std::string name = _records.displayName(related.other);
    bool isArchived = false;
    if (related.other.kind == "flexible_assets")
        isArchived = _records.asset(related.other.id).archived;
    Json attributes{
        {"name", name},
        {"resource-id", related.other.id},
        {"resource-url", addressOf(_records.organizationOf(related.other), related.other)},
        {"resource-type-name", word},
        {"asset-type", assetType},
        {"destination-id", related.other.id},
        {"destination-type", word},
        {"destination-name", name},
        {"notes", related.notes},
        {"archived", isArchived}};
    addTimes(attributes, related.times);
    return resource("related-items", related.id, std::move(attributes));
}

void GlueView::include(Json& object, const GlueRef& ref, const std::set<std::string>& names,
                       Json& included) const
{
    for (const auto& name : names)
    {
        refer(object, name, nullptr);
        const auto add = [&](Json other) {
            refer(object, name, other);
            included.push_back(std::move(other));
        };
        if (name == "attachments")
        {
            for (const GlueAttachment* const each : _records.attachmentsOf(ref))
                add(attachment(*each));
        }
        else if (name == "related-items")
        {
            for (const GlueRelated& each : _records.relatedTo(ref))
                add(related(each));
        }
    }
}

/// The ids of included fields are numbers, unlike all others.
void GlueView::includeFields(const GlueType& type, Json& included) const
{
    for (const GlueField* const each : type.fieldsInOrder())
    {
        Json other = field(*each);
        other["id"] = each->id;
        included.push_back(std::move(other));
    }
}

void GlueView::includeRemote(Json& object, const GlueField& field, Json& included) const
{
    object["relationships"]["remote-asset-field"]["data"] = nullptr;
    if (!field.isRemote)
        return;
    const Json remote =
        resource("remote-asset-fields", field.id + 1, {{"flexible-asset-field-id", field.id}});
    object["relationships"]["remote-asset-field"]["data"] = {{"id", remote["id"]},
                                                             {"type", remote["type"]}};
    included.push_back(remote);
}

} // namespace muster::sandbox
