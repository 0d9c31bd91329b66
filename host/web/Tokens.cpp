#include "web/Tokens.h"

#include "runtime/Errors.h"
#include "store/GivenSecret.h"

#include <nlohmann/json.hpp>

namespace muster::web {

namespace {

using Json = nlohmann::json;

constexpr size_t kBytes = 32;
constexpr size_t kLongestName = 64;

void requireName(const std::string& name)
{
    const auto isFine =
        !name.empty() && name.size() <= kLongestName &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789._-") == name.npos;
    if (!isFine)
        throw UsageError("'" + name +
                         "' is no name for a token: use at most 64 letters, digits, '.', '_' "
                         "and '-'");
}

} // namespace

Tokens::Tokens(const store::Store& store, const runtime::Clock& clock)
    : _database(store.connect()), _clock(clock)
{}

std::string Tokens::add(const Caller& caller)
{
    requireName(caller.name);
    if (!caller.tenants.empty() && may(caller.role, Right::SetUp))
        throw UsageError("the role " + toText(caller.role) +
                         " looks after all tenants: leave the tenants out, or use the role "
                         "documents or reader");
    const auto token = "muster_" + store::newSecret(kBytes);
    const auto added = _database.execute(
        "INSERT INTO token(name, role, tenants, in_groups, digest, created_at) VALUES($1, $2, $3, "
        "$4, "
        "$5, $6) ON CONFLICT DO NOTHING",
        {caller.name, toText(caller.role), Json(caller.tenants).dump(), Json(caller.groups).dump(),
         store::digestOf(token), runtime::toMilliseconds(_clock.now())});
    if (added == 0)
        throw UsageError("there is a token '" + caller.name + "' already: remove it first");
    return token;
}

bool Tokens::remove(const std::string& name)
{
    return _database.execute("DELETE FROM token WHERE name = $1", {name}) > 0;
}

std::vector<Tokens::Entry> Tokens::list()
{
    return read("TRUE ORDER BY name", {});
}

std::optional<Caller> Tokens::callerOf(const std::string& token)
{
    auto found = read("digest = $1", {store::digestOf(token)});
    return found.empty() ? std::nullopt : std::optional(std::move(found.front().caller));
}

std::vector<Tokens::Entry> Tokens::read(const std::string& where, const store::Values& values)
{
    std::vector<Entry> entries;
    using Text = std::string;
    _database.query<Text, Text, Text, Text, int64_t>(
        "SELECT name, role, tenants, in_groups, created_at FROM token WHERE " + where, values,
        [&](const Text& name, const Text& role, const Text& tenants, const Text& groups,
            int64_t at) {
            entries.push_back(
                {{name, roleFromText(role), Json::parse(tenants), Json::parse(groups)},
                 runtime::fromMilliseconds(at)});
        });
    return entries;
}

} // namespace muster::web
