#include "Delta.h"

#include "Base64.h"
#include "GraphTypes.h"
#include "Http.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

using Life = World::Life;
using Relation = World::Relation;

constexpr std::array kRelationNames{"members", "owners"};

void appendRemoved(std::string& text, bool restorable)
{
    text += R"(,"@removed":{"reason":")";
    text += restorable ? "changed" : "deleted";
    text += "\"}";
}

} // namespace

std::string DeltaCursor::encode() const
{
    const Json fields{tenant.toString(), kind, round,    select, ids, issued, since, until,
                      position,          pass, relation, link};
    return base64Url(fields.dump());
}

std::optional<DeltaCursor> DeltaCursor::decode(const std::string& text)
{
    const auto bytes = fromBase64(text);
    const Json fields = Json::parse(bytes.value_or(""), nullptr, false);
    if (!fields.is_array() || fields.size() != 12)
        return std::nullopt;
    try
    {
        const auto tenant = Guid::parse(fields[0].get<std::string>());
        if (!tenant)
            return std::nullopt;
        return DeltaCursor{.tenant = *tenant,
                           .kind = fields[1],
                           .round = fields[2],
                           .select = fields[3],
                           .ids = fields[4],
                           .issued = fields[5],
                           .since = fields[6],
                           .until = fields[7],
                           .position = fields[8],
                           .pass = fields[9],
                           .relation = fields[10],
                           .link = fields[11]};
    }
    catch (const nlohmann::json::exception&)
    {
        return std::nullopt;
    }
}

DeltaReader::DeltaReader(const World& world, const SettingsValues& settings, Options options,
                         DeltaCursor cursor)
    : _world(world), _settings(settings), _options(options), _cursor(std::move(cursor))
{
    readSelect();
    for (const auto& id : _cursor.ids)
        _ids.push_back(Guid::parse(id).value_or(Guid{}));
}

DeltaReader::Page DeltaReader::read()
{
    if (_cursor.round == DeltaCursor::Round::Initial)
        readInitial();
    else
        readChanges();
    for (const auto& slot : _slots)
        appendSlot(slot);
    if (_page.isLast)
        finish();
    _page.next = _cursor;
    return std::move(_page);
}

/// The names that this world has; others cannot have been set on any object. Without $select a
/// group's members are part of the answer, its owners are not (contract 3.1).
void DeltaReader::readSelect()
{
    const bool isDefault = _cursor.select.empty();
    const auto names = isDefault ? graphType(_cursor.kind).defaultSelect() : _cursor.select;
    for (const auto& name : names)
    {
        if (const auto id = _world.propertyId(name))
            _select.push_back({name, *id});
    }
    if (_cursor.kind != World::Kind::Group)
        return;
    for (std::size_t relation = 0; relation < kRelationNames.size(); ++relation)
        _relations[relation] =
            std::find(names.begin(), names.end(), kRelationNames[relation]) != names.end();
    if (isDefault)
        _relations[0] = true;
}

/// Objects in the order of their creation, a big group's links over as many pages as they need.
/// Links keep their places when they are removed, so a page goes on exactly where the last ended;
/// what changes meanwhile comes in the next round, which starts from `until`.
void DeltaReader::readInitial()
{
    const std::uint32_t lastPass =
        _settings.scatterLinks > 0 && (_relations[0] || _relations[1]) ? 1 : 0;
    const auto& objects = _world.objects();
    for (; _cursor.pass <= lastPass; ++_cursor.pass, _cursor.position = 0)
    {
        for (; _cursor.position < objects.size(); ++_cursor.position)
        {
            const auto& object = objects[_cursor.position];
            if (!isShownInitially(object) || (_cursor.pass > 0 && !hasLinksLeft(object)))
                continue;
            if (_slots.size() == _settings.pageObjects ||
                (!_slots.empty() && _links >= _settings.pageLinks))
                return;
            if (!showInitial(_cursor.position))
                return;
            _cursor.relation = 0;
            _cursor.link = 0;
        }
    }
    _page.isLast = true;
}

bool DeltaReader::isShownInitially(const World::Object& object) const
{
    return object.kind == _cursor.kind && matchesFilter(object) && object.bornAt <= _cursor.until &&
           (object.life == Life::Live || (_settings.initialRemoved && _cursor.pass == 0));
}

bool DeltaReader::hasLinksLeft(const World::Object& object) const
{
    const auto first = _settings.scatterLinks;
    return (_relations[0] && object.members.size() > first) ||
           (_relations[1] && object.owners.size() > first);
}

/// Shows an object with as many links as the page still takes. False: some are left for the next.
bool DeltaReader::showInitial(World::Index index)
{
    const auto& object = _world.object(index);
    Slot& slot = *slotFor(index);
    if (object.life != Life::Live || !showsMembers(object))
        return true;
    for (; _cursor.relation < 2; ++_cursor.relation, _cursor.link = 0)
    {
        if (!_relations[_cursor.relation])
            continue;
        const auto& links = object.links(static_cast<Relation>(_cursor.relation));
        std::size_t first = 0;
        std::size_t end = links.size();
        if (_settings.scatterLinks > 0)
            (_cursor.pass == 0 ? end : first) = std::min(links.size(), _settings.scatterLinks);
        _cursor.link = std::max(_cursor.link, static_cast<std::uint32_t>(first));
        for (; _cursor.link < end; ++_cursor.link)
        {
            if (!isLinkShown(links[_cursor.link]))
                continue;
            if (_links == _settings.pageLinks)
                return false;
            appendLink(slot.links[_cursor.relation], links[_cursor.link]);
            ++_links;
        }
    }
    return true;
}

bool DeltaReader::isLinkShown(const World::Link& link) const
{
    if (link.present == 0)
        return _settings.initialRemoved;
    return _settings.softDeletedMembersListed || _world.object(link.target).life == Life::Live;
}

/// Walks the log. An object comes once a page in its present state, a link only with its last
/// change, so that a page never says what is no longer so.
void DeltaReader::readChanges()
{
    for (; _cursor.position < _cursor.until; ++_cursor.position)
    {
        const std::uint32_t sequence = _cursor.position + 1;
        const auto& change = _world.changeAt(sequence);
        if (!isSurfaced(change, sequence))
            continue;
        if (change.target != World::kNone && _links == _settings.pageLinks)
            return;
        Slot* const slot = slotFor(change.object);
        if (slot == nullptr)
            return;
        if (change.target == World::kNone)
            continue;
        appendLink(slot->links[static_cast<std::size_t>(change.relation)], *changedLink(change));
        ++_links;
    }
    _page.isLast = true;
}

bool DeltaReader::isSurfaced(const World::Change& change, std::uint32_t sequence) const
{
    const auto& object = _world.object(change.object);
    if (object.kind != _cursor.kind || !matchesFilter(object))
        return false;
    if (change.target != World::kNone)
    {
        const World::Link* const link = changedLink(change);
        return object.life == Life::Live && link != nullptr && link->changedAt == sequence &&
               _relations[static_cast<std::size_t>(change.relation)] && showsMembers(object);
    }
    if (object.life != Life::Live || object.bornAt > _cursor.since)
        return true;
    return std::any_of(_select.begin(), _select.end(), [&](const Selected& selected) {
        const auto* property = object.property(selected.id);
        return property != nullptr && property->changedAt > _cursor.since;
    });
}

const World::Link* DeltaReader::changedLink(const World::Change& change) const
{
    const auto& links = _world.object(change.object).links(change.relation);
    const auto found = std::find_if(links.begin(), links.end(), [&](const World::Link& link) {
        return link.target == change.target;
    });
    return found == links.end() ? nullptr : &*found;
}

/// The object's place on this page; null when the page is full.
DeltaReader::Slot* DeltaReader::slotFor(World::Index object)
{
    const auto found = _slotOf.find(object);
    if (found != _slotOf.end())
        return &_slots[found->second];
    if (_slots.size() == _settings.pageObjects)
        return nullptr;
    _slotOf.emplace(object, _slots.size());
    _slots.push_back({.object = object, .links = {}});
    return &_slots.back();
}

void DeltaReader::finish()
{
    _cursor.round = DeltaCursor::Round::Changes;
    _cursor.since = _cursor.until;
    _cursor.position = _cursor.until;
    _cursor.pass = 0;
    _cursor.relation = 0;
    _cursor.link = 0;
}

bool DeltaReader::matchesFilter(const World::Object& object) const
{
    return _ids.empty() || std::find(_ids.begin(), _ids.end(), object.id) != _ids.end();
}

bool DeltaReader::showsMembers(const World::Object& object) const
{
    if (_options.hiddenMembership)
        return true;
    const auto* visibility = object.property(_world.propertyId("visibility"));
    return visibility == nullptr || !equalsWithoutCase(visibility->json, "\"HiddenMembership\"");
}

/// In rel@delta the reason is "deleted" also when the user lives on (contract 3.2).
void DeltaReader::appendLink(std::string& text, const World::Link& link) const
{
    const auto& target = _world.object(link.target);
    text += text.empty() ? "{\"@odata.type\":" : ",{\"@odata.type\":";
    appendType(text, target.kind);
    text += ",\"id\":\"";
    target.id.appendTo(text);
    text += '"';
    if (link.present == 0)
        appendRemoved(text, false);
    text += '}';
}

void DeltaReader::appendSlot(const Slot& slot)
{
    const auto& object = _world.object(slot.object);
    std::string& text = _page.values;
    text += text.empty() ? "{\"id\":\"" : ",{\"id\":\"";
    object.id.appendTo(text);
    text += '"';
    if (object.life != Life::Live)
    {
        appendRemoved(text, object.life == Life::SoftDeleted);
        text += '}';
        return;
    }
    const bool onlyChanged = _options.minimal && _cursor.round == DeltaCursor::Round::Changes;
    for (const auto& selected : _select)
    {
        const auto* property = object.property(selected.id);
        if (property != nullptr && (!onlyChanged || property->changedAt > _cursor.since))
            appendProperty(text, selected.name, property->json);
    }
    for (std::size_t relation = 0; relation < kRelationNames.size(); ++relation)
    {
        if (slot.links[relation].empty())
            continue;
        appendProperty(text, std::string(kRelationNames[relation]) + "@delta",
                       '[' + slot.links[relation] + ']');
    }
    text += '}';
}

} // namespace muster::sandbox
