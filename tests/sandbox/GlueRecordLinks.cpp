/// Attachments and related items.
#include "GlueRecords.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

constexpr const char* kAssetKind = "flexible_assets";

} // namespace

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
    if (ref.kind == kAssetKind)
    {
        const GlueAsset& self = asset(ref.id);
        for (const GlueRef& other : tagged(self))
            byOther[other] = tagRelation(ref, other, self.times);
    }
    if (const auto taggers = _taggers.find(ref); taggers != _taggers.end())
    {
        for (const GlueId id : taggers->second)
            byOther[{kAssetKind, id}] = tagRelation(ref, {kAssetKind, id}, asset(id).times);
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
        for (const GlueRef& to : tagged(asset))
            json.push_back({{"from", {kAssetKind, id}}, {"to", {to.kind, to.id}}, {"tag", true}});
    }
    return json;
}

} // namespace muster::sandbox
