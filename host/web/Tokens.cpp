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

std::string Tokens::add(const std::string& name)
{
    requireName(name);
    const auto token = "muster_" + store::newSecret(kBytes);
    const auto added = _database.execute(
        "INSERT INTO token(name, digest, created_at) VALUES($1, $2, $3) ON CONFLICT DO NOTHING",
        {name, store::digestOf(token), runtime::toMilliseconds(_clock.now())});
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
    _database.query<std::string, int64_t>(
        "SELECT name, created_at FROM token ORDER BY name", {},
        [&](const std::string& name, int64_t at) {
            entries.push_back({name, runtime::fromMilliseconds(at)});
        });
    return entries;
}

bool Tokens::isValid(const std::string& token)
{
    return _database
        .value<int64_t>("SELECT 1 FROM token WHERE digest = $1", {store::digestOf(token)})
        .has_value();
}

} // namespace muster::web
