#include "web/Tokens.h"

#include "runtime/Errors.h"
#include "store/GivenSecret.h"

namespace muster::web {

namespace {

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

std::string Tokens::add(const std::string& name, Role role)
{
    requireName(name);
    const auto token = "muster_" + store::newSecret(kBytes);
    const auto added = _database.execute(
        "INSERT INTO token(name, role, digest, created_at) VALUES($1, $2, $3, $4) ON CONFLICT DO "
        "NOTHING",
        {name, toText(role), store::digestOf(token), runtime::toMilliseconds(_clock.now())});
    if (added == 0)
        throw UsageError("there is a token '" + name + "' already: remove it first");
    return token;
}

bool Tokens::remove(const std::string& name)
{
    return _database.execute("DELETE FROM token WHERE name = $1", {name}) > 0;
}

std::vector<Tokens::Entry> Tokens::list()
{
    std::vector<Entry> entries;
    _database.query<std::string, std::string, int64_t>(
        "SELECT name, role, created_at FROM token ORDER BY name", {},
        [&](const std::string& name, const std::string& role, int64_t at) {
            entries.push_back({name, roleFromText(role), runtime::fromMilliseconds(at)});
        });
    return entries;
}

std::optional<Caller> Tokens::callerOf(const std::string& token)
{
    std::optional<Caller> caller;
    _database.query<std::string, std::string>(
        "SELECT name, role FROM token WHERE digest = $1", {store::digestOf(token)},
        [&](const std::string& name, const std::string& role) {
            caller = {name, roleFromText(role)};
        });
    return caller;
}

} // namespace muster::web
