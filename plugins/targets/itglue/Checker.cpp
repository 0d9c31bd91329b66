#include "Checker.h"

#include "Reader.h"

#include <algorithm>
#include <string>

namespace itglue {

using muster::target::Answer;
using muster::target::Finding;
using muster::target::Output;
using muster::target::SettingError;
using muster::target::Severity;

namespace {

void checkOrganization(const Account& account, const std::string& organization,
                       const Output& output)
{
    const auto answer = account.host().send(organizationRequest(organization));
    const auto body = answer.isSuccess() ? answer.json() : Json();
    const auto data = body.is_object() ? body.value("data", Json()) : Json();
    const auto name = textOf(attributesOf(data), "name");
    if (!name.empty())
        output.say(Finding{"organization-found", Severity::Info,
                           "organization " + organization + " is " + name});
    else if (answer.status == 404)
        output.say(Finding{"organization-missing", Severity::Error,
                           "there is no organization " + organization +
                               ": mend scope.organization of the sync"});
    else
        output.say(Finding{"organization-unknown", Severity::Error,
                           account.describe("look at organization " + organization, answer)});
}

void checkType(const Catalogue& catalogue, Group group, const Output& output)
{
    const auto& name = catalogue.nameOf(group);
    const auto* type = catalogue.find(group);
    if (!type)
        return output.say(Finding{"type-missing", Severity::Info,
                                  "the flexible asset type " + name +
                                      " is not there: the first sync that needs it makes it"});
    if (type->name != name)
        output.say(Finding{"type-renamed", Severity::Info,
                           "the flexible asset type " + name + " is called " + type->name +
                               " there, and is used under that name"});
    std::string missing;
    for (const auto& field : fieldsOf(group))
        if (type->key(field.name).empty() && field.shape != Shape::Heading)
            missing += (missing.empty() ? "" : ", ") + field.title;
    if (missing.empty())
        output.say(Finding{"type-found", Severity::Info,
                           "the flexible asset type " + type->name + " has all fields"});
    else
        output.say(Finding{"type-incomplete", Severity::Info,
                           "the flexible asset type " + type->name + " lacks " + missing +
                               ": the next sync that writes adds what it lacks"});
    if (!type->secrets.empty())
        output.say(Finding{"type-has-secrets", Severity::Warning,
                           "the flexible asset type " + type->name + " has the password field " +
                               type->secrets.front() +
                               ", whose value Muster would lose: documents of the type are not "
                               "written. Delete the field, and keep passwords as embedded "
                               "passwords"});
}

/// IT Glue documents the same groups itself.
void checkNatives(const Account& account, const Catalogue& catalogue,
                  const std::vector<std::string>& organizations, const Output& output)
{
    for (const auto& [name, id] : catalogue.natives())
        for (const auto& organization : organizations)
        {
            Type native;
            native.id = id;
            native.name = name;
            if (const auto count = account.count(Catalogue::documentsOf(native, organization)))
                output.say(
                    Finding{"documented-twice", Severity::Warning,
                            "IT Glue itself documents " + std::to_string(count) +
                                " groups of organization " + organization + " as " + name +
                                ": with Muster they are documented twice. Clear the check "
                                "box in IT Glue's Microsoft integration, or remove the sync"});
        }
}

} // namespace

void check(const Account& account, Catalogue& catalogue, const std::vector<Json>& scopes,
           const Output& output)
{
    try
    {
        catalogue.read();
    }
    catch (const SettingError& error)
    {
        const auto isKey = error.setting() == "apiKey";
        output.say(Finding{isKey ? "key-refused" : "type-refused", Severity::Error,
                           error.setting() + ": " + sentence(error.what())});
        if (isKey)
            return;
    }
    output.say(Finding{"connected", Severity::Info, account.place() + " takes the API key"});
    std::vector<std::string> organizations;
    for (const auto& scope : scopes)
        if (auto id = organizationIn(scope);
            std::find(organizations.begin(), organizations.end(), id) == organizations.end())
            organizations.push_back(std::move(id));
    for (const auto& organization : organizations)
        checkOrganization(account, organization, output);
    for (const auto group : kGroups)
        checkType(catalogue, group, output);
    checkNatives(account, catalogue, organizations, output);
}

} // namespace itglue
