#include "GlueRecords.h"

#include "World.h"

#include <algorithm>
#include <iterator>

namespace muster::sandbox {

namespace {

constexpr const char* kAssets = "flexible_assets";

} // namespace

const GlueKind* GlueField::target() const
{
    return kind == "Tag" && tagType.is_string() ? GlueKind::ofTagType(tagType.get<std::string>())
                                                : nullptr;
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

const GlueAsset& GlueRecords::asset(GlueId id) const
{
    const auto found = _assets.find(id);
    if (found == _assets.end())
        throw GlueError::notFound();
    return found->second;
}

std::set<GlueRef> GlueRecords::tagged(const GlueAsset& asset) const
{
    std::set<GlueRef> refs;
    for (const auto& [id, field] : type(asset.type).fields)
    {
        const GlueKind* const target = field.target();
        const auto trait = asset.traits.find(id);
        if (target == nullptr || trait == asset.traits.end())
            continue;
        for (const Json& each : trait->second)
            refs.insert({target->path, each.get<GlueId>()});
    }
    return refs;
}

const GlueAsset& GlueRecords::put(GlueAsset asset)
{
    if (asset.id == 0)
        asset.id = newId();
    const GlueId id = asset.id;
    reserve(id);
    if (hasAsset(id))
    {
        for (const GlueRef& ref : tagged(_assets[id]))
            _taggers[ref].erase(id);
    }
    GlueAsset& stored = _assets.insert_or_assign(id, std::move(asset)).first->second;
    for (const GlueRef& ref : tagged(stored))
        _taggers[ref].insert(id);
    _assetsByType[stored.type][id] = &stored;
    return stored;
}

void GlueRecords::erase(const GlueRef& ref)
{
    if (!exists(ref))
        throw GlueError::notFound();
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
    for (const GlueRef& target : tagged(asset(ref.id)))
        _taggers[target].erase(ref.id);
    _assetsByType[asset(ref.id).type].erase(ref.id);
    _assets.erase(ref.id);
}

void GlueRecords::eraseTags(const GlueRef& target)
{
    for (const GlueId id : std::set<GlueId>(_taggers[target]))
    {
        GlueAsset changed = asset(id);
        for (const auto& [field, value] : type(changed.type).fields)
        {
            const auto trait = changed.traits.find(field);
            if (trait == changed.traits.end() || value.target() == nullptr ||
                value.target()->path != target.kind)
                continue;
            Json left = Json::array();
            std::copy_if(trait->second.begin(), trait->second.end(), std::back_inserter(left),
                         [&](const Json& each) { return each.get<GlueId>() != target.id; });
            if (left.empty())
                changed.traits.erase(trait);
            else
                trait->second = std::move(left);
        }
        put(std::move(changed));
    }
    _taggers.erase(target);
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
    {
        GlueAsset changed = *each;
        if (changed.traits.erase(field.id) > 0)
            put(std::move(changed));
    }
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
