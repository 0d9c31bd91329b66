#include "sync/Owners.h"

#include <muster/Digest.h>
#include <muster/Keys.h>

#include <unordered_map>
#include <vector>

namespace muster::sync {

namespace {

constexpr const char* kMark = " owners ";

} // namespace

Owners::Owners(store::Database& database, int64_t tenant, int64_t scope)
    : _database(database), _directory(database, tenant), _scope(scope)
{}

std::string Owners::ownerOf(int64_t record)
{
    load();
    const auto found = _owners.find(record);
    return found == _owners.end() ? std::string() : found->second;
}

std::string Owners::fingerprint(const std::string& base, int64_t lastSequence,
                                const std::string& last)
{
    if (last.rfind(base + kMark, 0) == 0 && lastSequence == _directory.sequence())
        return last;
    load();
    std::string text;
    for (const auto& [record, person] : _owners)
        text += std::to_string(record) + " " + person + " ";
    return base + kMark + digest(text);
}

void Owners::load()
{
    if (_isLoaded)
        return;
    _isLoaded = true;
    std::unordered_map<std::string, std::vector<int64_t>> records;
    _database.query<std::string, int64_t>(
        "SELECT alias, record FROM record_alias WHERE scope = $1 AND alias LIKE '%@%'", {_scope},
        [&](std::string alias, int64_t record) { records[std::move(alias)].push_back(record); });
    if (records.empty())
        return;
    _directory.eachPerson([&](const Person& person) {
        const auto own = [&](const std::string& address) {
            const auto found = records.find(address);
            if (found == records.end())
                return;
            for (const auto record : found->second)
                if (auto& owner = _owners[record]; owner.empty() || person.id < owner)
                    owner = person.id;
        };
        for (const auto& address : person.addresses)
            own(address);
        own(lowered(person.userPrincipalName));
    });
}

} // namespace muster::sync
