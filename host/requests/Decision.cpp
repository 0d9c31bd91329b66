#include "requests/Decision.h"

#include "estate/Documents.h"
#include "requests/Modes.h"

#include <muster/Keys.h>

#include <algorithm>
#include <map>

namespace muster::requests {

using estate::Json;
using estate::Tenant;

namespace {

constexpr size_t kLongestName = 63; ///< of a sync
constexpr size_t kMostNames = 30;   ///< in a note

const Json kDaily = {{"daily", "02:30"}, {"zone", "UTC"}};

std::string shown(const Chosen& chosen)
{
    const auto& text = chosen.name.empty() ? chosen.identifier : chosen.name;
    constexpr size_t kLongest = 100;
    return "\"" + text.substr(0, kLongest) + "\"";
}

} // namespace

Decision Decider::decide(const Answers& answers)
{
    const auto* const tenant = findTenant(answers);
    if (!tenant || !findMode(answers))
        return {.problem = _problem};
    Decision decision{.tenant = tenant->name, .mode = _mode};
    const auto& manifest = _catalog.target(_setup.target.plugin);
    const auto needsScope =
        !plugins::missingInScope(_catalog.mode(_mode), manifest, Json::object()).empty();
    const auto scope = needsScope ? findScope(*tenant, answers) : Json::object();
    if (const auto lacks = _lacks(*tenant); scope && !lacks.empty())
        _problem = "The tenant " + tenant->displayName + " cannot be synced yet: " + lacks +
                   ". Mend that; `muster check --tenant " + tenant->name + "` shows when it is.";
    decision.problem = _problem;
    if (!_problem.empty())
        return decision;
    for (const auto& sync : _tenants.syncs())
        if (sync.tenant == tenant->name && sync.mode == _mode &&
            (!needsScope || sync.scope == *scope))
        {
            decision.sync = sync.name;
            return decision;
        }
    decision.sync = unusedName(*tenant, _mode, *scope);
    decision.entry = {{"name", decision.sync},
                      {"tenant", tenant->name},
                      {"target", _setup.target.name},
                      {"mode", _mode},
                      {"schedule", kDaily}};
    if (needsScope)
        decision.entry["scope"] = *scope;
    return decision;
}

const Tenant* Decider::findTenant(const Answers& answers)
{
    if (!answers.account)
        _problem = "The form names no account. Choose one of: " + known() + ".";
    else if (answers.account->isOther)
        _problem = "\"Other\" is no account that Muster knows. Choose one of: " + known() +
                   ". A customer that is not among them is declared with `muster apply` first.";
    else if (answers.account->isSeveral)
        _problem = "The form names several accounts. Choose one; submit a form for each.";
    if (!_problem.empty())
        return nullptr;
    auto found = _tenants.named(answers.account->identifier);
    if (found.empty())
        found = _tenants.named(answers.account->name);
    if (found.size() == 1)
        return found.front();
    if (found.empty())
        _problem = "Muster knows no tenant for the account " + shown(*answers.account) +
                   ". It knows: " + known() +
                   ". Choose one of them, or declare the customer with `muster apply`.";
    else
    {
        _problem = "The account " + shown(*answers.account) + " may mean several tenants:";
        for (const auto* const tenant : found)
            _problem += " " + tenant->name;
        _problem += ". Choose the tenant by one of these names.";
    }
    return nullptr;
}

const std::string* Decider::findMode(const Answers& answers)
{
    const auto modes = modesFor(_catalog, _catalog.target(_setup.target.plugin));
    if (answers.mode && !answers.mode->isOther && !answers.mode->isSeveral)
        if (const auto* const found = requests::findMode(modes, *answers.mode))
        {
            _mode = found->id;
            return &_mode;
        }
    std::string list;
    for (const auto& mode : modes)
        list += (list.empty() ? "" : ", ") + std::to_string(mode.number) + " " + mode.title;
    _problem = (!answers.mode             ? std::string("The form names no sync mode")
                : answers.mode->isSeveral ? std::string("The form names several sync modes")
                                          : shown(*answers.mode) + " is no sync mode") +
               ". Choose one of: " + list + ".";
    return nullptr;
}

std::optional<Json> Decider::findScope(const Tenant& tenant, const Answers& answers)
{
    auto scopes = _tenants.scopesOf(tenant);
    // Somebody who chose an account rather than a tenant said which.
    if (scopes.size() > 1)
        std::erase_if(scopes, [&](const Json& scope) {
            const auto title = nameKeyNoCase(_tenants.titleOf(scope));
            const auto id = nameKeyNoCase(answers.account->identifier);
            const auto name = nameKeyNoCase(answers.account->name);
            return title != id + " " + name && !(title.starts_with(id + " ") && !id.empty()) &&
                   !(title.ends_with(" " + name) && !name.empty());
        });
    if (scopes.size() == 1)
        return scopes.front();
    const auto remedy = " Declare one sync of " + tenant.name + " into " + _setup.target.name +
                        " with the account, as in scope: {account: ID}, and `muster apply` it.";
    const auto there = _tenants.scopesOf(tenant);
    if (there.empty())
        _problem = "It is not known which account of " + _setup.target.name + " is that of " +
                   tenant.displayName + ": there is no sync yet, and no account has that name." +
                   remedy;
    else
    {
        _problem = "The tenant " + tenant.displayName + " may have several accounts in " +
                   _setup.target.name + ":";
        for (const auto& scope : there)
            _problem += " " + _tenants.titleOf(scope) + ";";
        _problem.back() = '.';
        _problem += remedy;
    }
    return std::nullopt;
}

/// TENANT-MODE, with a number when that is another sync's. One that was removed and was the same
/// comes back.
std::string Decider::unusedName(const Tenant& tenant, const std::string& mode, const Json& scope)
{
    std::map<std::string, estate::Sync> taken;
    _database.query<std::string, std::string>(
        "SELECT name, document FROM sync", {},
        [&](const std::string& name, const std::string& document) {
            taken[name] = estate::syncFrom(name, Json::parse(document));
        });
    for (int number = 1;; ++number)
    {
        const auto end = "-" + mode + (number == 1 ? "" : "-" + std::to_string(number));
        const auto name = tenant.name.substr(0, kLongestName - end.size()) + end;
        const auto found = taken.find(name);
        if (found == taken.end())
            return name;
        const auto& other = found->second;
        if (other.tenant == tenant.name && other.target == _setup.target.name &&
            other.mode == mode && other.scope == scope)
            return name;
    }
}

std::string Decider::known() const
{
    std::string list;
    size_t count = 0;
    for (const auto& tenant : _tenants.all())
        if (++count <= kMostNames)
            list += (list.empty() ? "" : ", ") + tenant.displayName + " (" + tenant.name + ")";
    return list.empty() ? "none yet" : count > kMostNames ? list + " …" : list;
}

} // namespace muster::requests
