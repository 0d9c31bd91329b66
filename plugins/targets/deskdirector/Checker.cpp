#include "Checker.h"

#include "Records.h"

#include <map>
#include <optional>
#include <string>

namespace deskdirector {

using muster::target::Answer;
using muster::target::Finding;
using muster::target::Output;
using muster::target::Request;
using muster::target::Severity;

namespace {

void add(std::string& list, const std::string& what)
{
    list += (list.empty() ? "" : ", ") + what;
}

/// Says what is wrong with the connection; true when there is one.
bool checkConnection(const Answer& answer, const Output& output)
{
    if (isKeyRefused(answer))
        output.say(Finding{"key-refused", Severity::Error, std::string("apiKey: ") + kKeyRefused});
    else if (answer.isSuccess())
        output.say(Finding{"connected", Severity::Info, "the site takes the API key"});
    else
        output.say(Finding{"site-unreachable", Severity::Error,
                           sentence(describe("test the connection", answer)) +
                               " Look at the setting site, and whether the site is up."});
    return answer.isSuccess();
}

void checkAccount(const std::string& account, const Answer& answer, const Output& output)
{
    const auto record = answer.isSuccess() ? accountOf(answer.json()) : std::nullopt;
    if (!record && answer.status == 404)
        output.say(Finding{"account-missing", Severity::Error,
                           "there is no account " + account + ": mend scope.account of the sync"});
    else if (!record)
        output.say(Finding{"account-unknown", Severity::Error,
                           describe("look at account " + account, answer)});
    else if (!record->active)
        output.say(Finding{"account-inactive", Severity::Warning,
                           "account " + account + " is " + record->name +
                               ", and it is not active: its contacts cannot sign in"});
    else
        output.say(
            Finding{"account-found", Severity::Info, "account " + account + " is " + record->name});
}

/// The fields of a call that the site's schema lacks.
std::string missingFields(const Call& call, const Json& schema)
{
    const auto properties = field(schema, "properties");
    std::string missing;
    for (const auto& name : call.fields)
    {
        const auto renamed = call.renamed.find(name);
        const auto& theirs = renamed == call.renamed.end() ? name : renamed->second;
        if (!properties.contains(theirs))
            add(missing, theirs);
    }
    return missing;
}

/// A site describes a part of its calls only: what it does not describe is used as it is.
void checkProfile(const Site& site, const std::map<std::string, Answer>& schemas,
                  const Output& output)
{
    std::string fitting;
    std::string unknown;
    for (const auto& call : site.profile().calls())
    {
        if (call.name == "test" || call.name == "schema" || call.name == "accounts.get")
            continue;
        const auto answer = schemas.find(call.schema);
        const auto schema = answer == schemas.end() ? Json() : answer->second.json();
        if (answer == schemas.end() || !answer->second.isSuccess() ||
            !field(schema, "properties").is_object())
            add(unknown, call.name);
        else if (const auto missing = missingFields(call, schema); missing.empty())
            add(fitting, call.name);
        else
            output.say(Finding{"profile-misfit", Severity::Warning,
                               "the site's " + call.schema + " has no " + missing +
                                   ": say in the setting profile, " + call.name +
                                   ", fields, how this site names it"});
    }
    if (!fitting.empty())
        output.say(Finding{"profile-fits", Severity::Info,
                           "the site's own description fits these calls: " + fitting});
    if (!unknown.empty())
        output.say(Finding{"profile-unknown", Severity::Info,
                           "the site does not describe these calls, and they are used as the "
                           "profile has them: " +
                               unknown});
}

} // namespace

bool check(const Site& site, const std::vector<Json>& scopes, const Output& output)
{
    const auto& profile = site.profile();
    std::vector<Request> requests{profile.request("test", {})};
    std::vector<std::string> accounts;
    for (const auto& scope : scopes)
    {
        if (!scope.contains("account"))
            continue; // a sync whose groups name their accounts
        accounts.push_back(std::to_string(accountIn(scope)));
        requests.push_back(profile.request("accounts.get", {{"account", accounts.back()}}));
    }
    std::vector<std::string> types;
    for (const auto& call : profile.calls())
        if (!call.schema.empty())
        {
            types.push_back(call.schema);
            requests.push_back(profile.request("schema", {{"type", call.schema}}));
        }

    const auto answers = site.host().send(requests);
    if (site.host().isCancelled())
        throw muster::target::CancelledError();
    if (!checkConnection(answers[0], output))
        return false;
    for (size_t i = 0; i < accounts.size(); ++i)
        checkAccount(accounts[i], answers[1 + i], output);
    std::map<std::string, Answer> schemas;
    for (size_t i = 0; i < types.size(); ++i)
        schemas[types[i]] = answers[1 + accounts.size() + i];
    checkProfile(site, schemas, output);
    return true;
}

} // namespace deskdirector
