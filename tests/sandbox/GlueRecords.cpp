#include "GlueRecords.h"

#include "World.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

constexpr const char* kAssets = "flexible_assets";

/// Calls visit(field, ids) for each Tag trait of an asset that points to records of a kind.
template <typename Visit>
void forEachTag(const GlueType& type, const GlueAsset& asset, Visit visit)
{
    for (const auto& [id, value] : asset.traits)
    {
        const auto field = type.fields.find(id);
        if (field != type.fields.end() && value.is_array() && field->second.target() != nullptr)
            visit(field->second, value);
    }
}

bool hasId(const Json& ids, GlueId id)
{
    return std::any_of(ids.begin(), ids.end(),
                       [&](const Json& each) { return each.get<GlueId>() == id; });
}

} // namespace

const GlueKind* GlueField::target() const
{
    return tagType.is_string() ? GlueKind::ofTagType(tagType.get<std::string>()) : nullptr;
}

const GlueField* GlueType::field(const std::string& nameKey) const
{
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& entry) {
        return entry.second.nameKey == nameKey;
    });
    return found == fields.end() ? nullptr : &found->second;
}

std::vector<const GlueField*> GlueType::fieldsInOrder() const
{
    std::vector<const GlueField*> result;
    for (const auto& [id_, field] : fields)
        result.push_back(&field);
    std::stable_sort(result.begin(), result.end(),
                     [](const auto* a, const auto* b) { return a->order < b->order; });
    return result;
}

void GlueRecords::reserve(GlueId id)
{
    _lastId = std::max(_lastId, id);
}

std::chrono::milliseconds GlueRecords::now()
{
    _lastWrite = std::max(_clock.milliseconds(), _lastWrite + std::chrono::milliseconds(1));
    return _lastWrite;
}

GlueTimes GlueRecords::born()
{
    const auto at = now();
    return {at, at};
}

const GlueRecord* GlueRecords::find(const GlueRef& ref) const
{
    const auto kind = _records.find(ref.kind);
    if (kind == _records.end())
        return nullptr;
    const auto found = kind->second.find(ref.id);
    return found == kind->second.end() ? nullptr : &found->second;
}

std::string GlueRecords::displayName(const GlueRef& ref) const
{
    if (ref.kind == kAssets)
    {
        const auto asset = _assets.find(ref.id);
        return asset == _assets.end() ? "" : asset->second.name;
    }
    const GlueRecord* const record = find(ref);
    if (record == nullptr)
        return "";
    const auto text = [&](const char* name) {
        const auto found = record->attributes.find(name);
        return found != record->attributes.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string();
    };
    if (ref.kind != "contacts" && ref.kind != "users")
        return text("name");
    const std::string first = text("first-name");
    const std::string last = text("last-name");
    return first.empty() || last.empty() ? first + last : first + ' ' + last;
}

GlueId GlueRecords::organizationOf(const GlueRef& ref) const
{
    if (ref.kind == kAssets)
    {
        const auto asset = _assets.find(ref.id);
        return asset == _assets.end() ? 0 : asset->second.organization;
    }
    const GlueRecord* const record = find(ref);
    return record == nullptr ? 0 : record->organization;
}

bool GlueRecords::exists(const GlueRef& ref) const
{
    return ref.kind == kAssets ? hasAsset(ref.id) : find(ref) != nullptr;
}

GlueType& GlueRecords::type(GlueId id)
{
    return const_cast<GlueType&>(std::as_const(*this).type(id));
}

const GlueType& GlueRecords::type(GlueId id) const
{
    const auto found = _types.find(id);
    if (found == _types.end())
        throw GlueError::notFound();
    return found->second;
}

GlueType& GlueRecords::typeOfField(GlueId field)
{
    const auto found = std::find_if(_types.begin(), _types.end(), [&](const auto& entry) {
        return entry.second.fields.count(field) > 0;
    });
    if (found == _types.end())
        throw GlueError::notFound();
    return found->second;
}

std::vector<const GlueAsset*> GlueRecords::assetsOf(GlueId type) const
{
    std::vector<const GlueAsset*> result;
    const auto found = _assetsByType.find(type);
    if (found == _assetsByType.end())
        return result;
    result.reserve(found->second.size());
    for (const auto& [id_, asset] : found->second)
        result.push_back(asset);
    return result;
}

GlueAsset& GlueRecords::asset(GlueId id)
{
    const auto found = _assets.find(id);
    if (found == _assets.end())
        throw GlueError::notFound();
    return found->second;
}

GlueAsset& GlueRecords::add(GlueAsset asset)
{
    if (asset.id == 0)
        asset.id = newId();
    reserve(asset.id);
    asset.birth = _lists;
    const GlueId id = asset.id;
    GlueAsset& stored = _assets.insert_or_assign(id, std::move(asset)).first->second;
    _assetsByType[stored.type][id] = &stored;
    return stored;
}

void GlueRecords::erase(const GlueRef& ref)
{
    eraseTags(ref);
    for (const GlueAttachment* const attachment : attachmentsOf(ref))
        _attachments.erase(attachment->id);
    _attachmentsByOwner.erase(ref);
    std::erase_if(_relations, [&](const auto& entry) {
        return entry.second.from == ref || entry.second.to == ref;
    });
    if (ref.kind != kAssets)
    {
        _records[ref.kind].erase(ref.id);
        return;
    }
    _assetsByType[asset(ref.id).type].erase(ref.id);
    _assets.erase(ref.id);
}

void GlueRecords::eraseTags(const GlueRef& target)
{
    for (auto& [id_, asset] : _assets)
    {
        std::vector<GlueId> touched;
        forEachTag(type(asset.type), asset, [&](const GlueField& field, const Json& ids) {
            if (field.target()->path == target.kind && hasId(ids, target.id))
                touched.push_back(field.id);
        });
        for (const GlueId field : touched)
        {
            Json left = Json::array();
            for (const Json& id : asset.traits[field])
            {
                if (id.get<GlueId>() != target.id)
                    left.push_back(id);
            }
            if (left.empty())
                asset.traits.erase(field);
            else
                asset.traits[field] = std::move(left);
        }
    }
}

bool GlueRecords::hasTraits(const GlueField& field) const
{
    const auto assets = assetsOf(field.type);
    return std::any_of(assets.begin(), assets.end(),
                       [&](const GlueAsset* asset) { return asset->traits.count(field.id) > 0; });
}

void GlueRecords::eraseTraits(const GlueField& field)
{
    for (const GlueAsset* const each : assetsOf(field.type))
        asset(each->id).traits.erase(field.id);
}

std::vector<const GlueAttachment*> GlueRecords::attachmentsOf(const GlueRef& owner) const
{
    std::vector<const GlueAttachment*> result;
    const auto [first, last] = _attachmentsByOwner.equal_range(owner);
    for (auto each = first; each != last; ++each)
    {
        const auto found = _attachments.find(each->second);
        if (found != _attachments.end())
            result.push_back(&found->second);
    }
    return result;
}

const GlueAttachment& GlueRecords::attach(const GlueRef& owner, std::string name,
                                          std::string content)
{
    const GlueId id = newId();
    _attachmentsByOwner.emplace(owner, id);
    return _attachments[id] = {id, owner, std::move(name), std::move(content), born()};
}

GlueAttachment& GlueRecords::attachment(const GlueRef& owner, GlueId id)
{
    const auto found = _attachments.find(id);
    if (found == _attachments.end() || found->second.owner != owner)
        throw GlueError::notFound();
    return found->second;
}

void GlueRecords::renameAttachment(const GlueRef& owner, GlueId id, const std::string& name)
{
    GlueAttachment& found = attachment(owner, id);
    found.name = name;
    found.times.updated = now();
}

void GlueRecords::eraseAttachment(const GlueRef& owner, GlueId id)
{
    attachment(owner, id);
    _attachments.erase(id);
}

GlueRelated GlueRecords::tagRelation(const GlueRef& ref, const GlueRef& other,
                                     const GlueTimes& times)
{
    GlueId& id = _tagRelationIds[std::minmax(ref, other)];
    if (id == 0)
        id = newId();
    return {.id = id, .other = other, .isTag = true, .times = times};
}

std::vector<GlueRelated> GlueRecords::relatedTo(const GlueRef& ref)
{
    std::map<GlueRef, GlueRelated> byOther;
    for (const auto& [id, asset] : _assets)
    {
        const GlueRef self{kAssets, id};
        forEachTag(type(asset.type), asset, [&](const GlueField& field, const Json& ids) {
            const std::string& kind = field.target()->path;
            if (self == ref)
            {
                for (const Json& each : ids)
                {
                    const GlueRef other{kind, each.get<GlueId>()};
                    byOther[other] = tagRelation(ref, other, asset.times);
                }
            }
            else if (kind == ref.kind && hasId(ids, ref.id))
                byOther[self] = tagRelation(ref, self, asset.times);
        });
    }
    for (const auto& [id, relation] : _relations)
    {
        if (relation.from != ref && relation.to != ref)
            continue;
        const GlueRef& other = relation.from == ref ? relation.to : relation.from;
        byOther.insert(
            {other, {.id = id, .other = other, .notes = relation.notes, .times = relation.times}});
    }
    std::vector<GlueRelated> result;
    for (const auto& [other_, related] : byOther)
        result.push_back(related);
    return result;
}

GlueRelated GlueRecords::relate(const GlueRef& from, const GlueRef& to, const Json& notes)
{
    const auto all = relatedTo(from);
    if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.other == to; }))
        throw GlueError{422, "The resource cannot be related to an item its already related to"};
    const GlueId id = newId();
    const Relation& made = _relations[id] = {from, to, notes, born()};
    return {.id = id, .other = to, .notes = notes, .times = made.times};
}

/// 422 for one that a tag made.
GlueRecords::Relation& GlueRecords::relation(const GlueRef& ref, GlueId related)
{
    const auto found = _relations.find(related);
    if (found != _relations.end() && (found->second.from == ref || found->second.to == ref))
        return found->second;
    const auto all = relatedTo(ref);
    if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.id == related; }))
        throw GlueError{422, "A related item that a Tag field made cannot be changed"};
    throw GlueError::notFound();
}

void GlueRecords::setNotes(const GlueRef& ref, GlueId related, const Json& notes)
{
    Relation& found = relation(ref, related);
    found.notes = notes;
    found.times.updated = now();
}

void GlueRecords::eraseRelated(const GlueRef& ref, GlueId related)
{
    relation(ref, related);
    _relations.erase(related);
}

Json GlueRecords::relationsJson() const
{
    Json json = Json::array();
    for (const auto& [id, relation] : _relations)
        json.push_back({{"id", id},
                        {"from", {relation.from.kind, relation.from.id}},
                        {"to", {relation.to.kind, relation.to.id}},
                        {"notes", relation.notes},
                        {"tag", false}});
    for (const auto& [id, asset] : _assets)
    {
        const GlueId from = id;
        forEachTag(type(asset.type), asset, [&](const GlueField& field, const Json& ids) {
            for (const Json& each : ids)
                json.push_back({{"from", {kAssets, from}},
                                {"to", {field.target()->path, each}},
                                {"tag", true}});
        });
    }
    return json;
}

void GlueRecords::log(const std::string& action, const GlueRef& ref)
{
    const GlueKind* const kind = GlueKind::ofPath(ref.kind);
    _logs.push_back({{"id", newId()},
                     {"created-at", timeText(now())},
                     {"level", 2},
                     {"organization-id", organizationOf(ref)},
                     {"action", action},
                     {"resource-type", kind == nullptr ? ref.kind : kind->destinationType},
                     {"resource-name", displayName(ref)}});
}

void GlueRecords::beginList(const SettingsValues& settings)
{
    ++_lists;
    _missedLists = settings.glueStaleLists;
}

bool GlueRecords::sees(const GlueAsset& asset) const
{
    return !asset.birth || _lists - *asset.birth > _missedLists;
}

} // namespace muster::sandbox
