#include "FakeTarget.h"

#include "runtime/Errors.h"

#include <algorithm>

namespace muster::tests {

using namespace plugins;

std::vector<runtime::Finding> FakeTarget::check(const std::vector<Json>&,
                                                const runtime::Cancellation&)
{
    return {};
}

void FakeTarget::read(const ReadRequest& request, const OnRecord& record, const OnLink& link,
                      const runtime::Cancellation&)
{
    for (const auto& kind : request.kinds)
    {
        ++reads;
        for (const auto& [id, held] : records)
            if (held.kind == kind && !hidden.count(id) && isIn(held, request))
            {
                record(remote(id));
                for (const auto& [ends, role] : links)
                    if (ends.first == id && records.at(ends.second).kind != "contact-group")
                        link({held.kind, id, records.at(ends.second).kind, ends.second, role});
            }
    }
    for (const auto& name : request.find)
    {
        ++reads;
        for (const auto& [id, held] : records)
            if (held.kind == name.kind && held.key == name.key)
                record(remote(id));
    }
    for (const auto& destination : request.linksInto)
    {
        ++reads;
        for (const auto& [ends, role] : links)
            if (ends.second == destination.remoteId)
                link({"contact", ends.first, destination.kind, ends.second, role});
    }
}

void FakeTarget::apply(const Json&, const std::vector<ChangeRequest>& changes,
                       const std::function<void(Outcome)>& outcome,
                       const runtime::Cancellation& cancellation)
{
    for (const auto& change : changes)
    {
        cancellation.check();
        ++writes;
        if (fault)
        {
            if (auto failed = fault(change))
            {
                failed->id = change.id;
                outcome(*failed);
                continue;
            }
        }
        outcome(perform(change));
    }
}

Outcome FakeTarget::perform(const ChangeRequest& change)
{
    applied.push_back(change);
    Outcome outcome{change.id, OutcomeState::Applied};
    switch (change.action)
    {
    case Action::Create:
    {
        const auto account = change.within ? change.within->remoteId : std::string();
        auto id = idOf(change.kind, change.key, account);
        outcome.adopted = !id.empty();
        if (id.empty())
            id = add(change.kind, change.key, change.fields, true, account);
        outcome.record = remote(id);
        break;
    }
    case Action::Update:
    {
        auto& held = records.at(change.remoteId);
        held.fields.update(change.fields);
        if (held.kind != "group-document")
            held.key = held.fields.value(held.kind == "contact" ? "email" : "name", held.key);
        outcome.record = remote(change.remoteId);
        break;
    }
    case Action::Activate:
        records.at(change.remoteId).active = true;
        break;
    case Action::Retire:
        records.at(change.remoteId).active = false;
        break;
    case Action::Link:
        if (change.to.kind == "service-group")
            std::erase_if(links, [&](const auto& link) {
                return link.first.first == change.from.remoteId &&
                       records.at(link.first.second).kind == "service-group";
            });
        links[{change.from.remoteId, change.to.remoteId}] = change.role;
        break;
    case Action::Unlink:
        links.erase({change.from.remoteId, change.to.remoteId});
        break;
    }
    return outcome;
}

bool FakeTarget::isIn(const Record& held, const ReadRequest& request)
{
    if (request.within.empty())
        return held.account.empty();
    return std::any_of(request.within.begin(), request.within.end(),
                       [&](const auto& place) { return place.remoteId == held.account; });
}

std::string FakeTarget::add(const std::string& kind, const std::string& key, Json fields,
                            bool active, const std::string& account)
{
    const auto id = std::to_string(_nextId++);
    if (kind != "group-document")
        fields[kind == "contact" ? "email" : "name"] = key;
    records[id] = {kind, key, active, std::move(fields), account};
    return id;
}

std::string FakeTarget::idOf(const std::string& kind, const std::string& key,
                             const std::string& account) const
{
    for (const auto& [id, held] : records)
        if (held.kind == kind && held.key == key && held.account == account)
            return id;
    return {};
}

RemoteRecord FakeTarget::remote(const std::string& id) const
{
    const auto& held = records.at(id);
    RemoteRecord record{held.kind, held.key, id, held.key, held.active, held.fields};
    if (!held.account.empty())
        record.within = RemoteEnd{"account", {}, held.account};
    record.tags = held.tags;
    record.aliases = held.aliases;
    return record;
}

std::vector<std::string> FakeTarget::memberships() const
{
    std::map<std::string, std::set<std::string>> groups;
    for (const auto& [id, held] : records)
        if (held.kind == "contact-group" || held.kind == "service-group")
            groups[held.key];
    for (const auto& [ends, role] : links)
        groups[records.at(ends.second).key].insert(records.at(ends.first).key + " " + role);
    std::vector<std::string> lines;
    for (const auto& [name, members] : groups)
    {
        std::string line = name + ":";
        for (const auto& member : members)
            line += (line.back() == ':' ? " " : ", ") + member;
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> FakeTarget::keys(const std::string& kind) const
{
    return keysOf(kind, {});
}

std::vector<std::string> FakeTarget::keysWithin(const std::string& account) const
{
    return keysOf("contact", account);
}

std::vector<std::string> FakeTarget::keysOf(const std::string& kind,
                                            const std::string& account) const
{
    std::vector<std::string> found;
    for (const auto& [id, held] : records)
        if (held.kind == kind && held.account == account)
            found.push_back(held.key + (held.active ? "" : " (inactive)"));
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace muster::tests
