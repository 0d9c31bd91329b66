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
            if (held.kind == kind && !hidden.count(id))
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
        auto id = idOf(change.kind, change.key);
        outcome.adopted = !id.empty();
        if (id.empty())
            id = add(change.kind, change.key, change.fields);
        outcome.record = remote(id);
        break;
    }
    case Action::Update:
    {
        auto& held = records.at(change.remoteId);
        held.fields.update(change.fields);
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
        links[{change.from.remoteId, change.to.remoteId}] = change.role;
        break;
    case Action::Unlink:
        links.erase({change.from.remoteId, change.to.remoteId});
        break;
    }
    return outcome;
}

std::string FakeTarget::add(const std::string& kind, const std::string& key, Json fields,
                            bool active)
{
    const auto id = std::to_string(_nextId++);
    fields[kind == "contact" ? "email" : "name"] = key;
    records[id] = {kind, key, active, std::move(fields)};
    return id;
}

std::string FakeTarget::idOf(const std::string& kind, const std::string& key) const
{
    for (const auto& [id, held] : records)
        if (held.kind == kind && held.key == key)
            return id;
    return {};
}

RemoteRecord FakeTarget::remote(const std::string& id) const
{
    const auto& held = records.at(id);
    return {held.kind, held.key, id, held.key, held.active, held.fields};
}

std::vector<std::string> FakeTarget::memberships() const
{
    std::map<std::string, std::set<std::string>> groups;
    for (const auto& [id, held] : records)
        if (held.kind == "contact-group")
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
    std::vector<std::string> found;
    for (const auto& [id, held] : records)
        if (held.kind == kind)
            found.push_back(held.key + (held.active ? "" : " (inactive)"));
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace muster::tests
