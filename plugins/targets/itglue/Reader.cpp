#include "Reader.h"

#include "Document.h"
#include "Files.h"

#include <muster/Keys.h>

#include <algorithm>
#include <utility>

namespace itglue {

using muster::target::Link;
using muster::target::Output;
using muster::target::ReadRequest;
using muster::target::Record;
using muster::target::Request;
using muster::target::SettingError;

namespace {

constexpr const char* kContact = "contact";
constexpr const char* kConfiguration = "configuration";

/// Several may have one address or name: all are said, each under its id, and told apart by whoever
/// looks for an alias.
Record thingOf(const char* kind, const Json& resource)
{
    Record record;
    record.kind = kind;
    record.remoteId = idOf(resource["id"]);
    record.key = record.remoteId;
    record.name = muster::trimmed(textOf(attributesOf(resource), "name"));
    return record;
}

void addAlias(Record& record, const std::string& text)
{
    auto alias = muster::nameKeyNoCase(text);
    if (!alias.empty() &&
        std::find(record.aliases.begin(), record.aliases.end(), alias) == record.aliases.end())
        record.aliases.push_back(std::move(alias));
}

Record contactOf(const Json& resource)
{
    auto record = thingOf(kContact, resource);
    const auto attributes = attributesOf(resource);
    const auto name = muster::trimmed(textOf(attributes, "first-name")) + " " +
                      muster::trimmed(textOf(attributes, "last-name"));
    if (record.name.empty())
        record.name = muster::trimmed(name);
    for (const auto& address : addressesOf(resource))
        addAlias(record, address);
    addAlias(record, name);
    if (const auto addresses = addressesOf(resource); !addresses.empty())
        record.fields["email"] = addresses.front();
    record.fields["name"] = record.name;
    return record;
}

Record configurationOf(const Json& resource)
{
    auto record = thingOf(kConfiguration, resource);
    const auto host = muster::trimmed(textOf(attributesOf(resource), "hostname"));
    addAlias(record, record.name);
    addAlias(record, host);
    addAlias(record, host.substr(0, host.find('.')));
    record.fields["name"] = record.name;
    return record;
}

bool isAsked(const ReadRequest& request, const std::string& kind)
{
    return std::find(request.kinds.begin(), request.kinds.end(), kind) != request.kinds.end() ||
           std::any_of(request.find.begin(), request.find.end(),
                       [&](const auto& name) { return name.kind == kind; });
}

/// Without it every list is empty, and everything would count as gone.
void requireOrganization(const Account& account, const std::string& organization)
{
    const auto answer = account.host().send(organizationRequest(organization));
    if (answer.status == 404)
        throw SettingError("scope.organization", "there is no organization " + organization +
                                                     ": mend scope.organization of the sync");
    const auto body = answer.isSuccess() ? answer.json() : Json();
    const auto data = body.is_object() ? body.value("data", Json()) : Json();
    if (!data.is_object() || idOf(data.value("id", Json())) != organization)
        account.fail("look at organization " + organization, answer);
}

/// The older ones first: of several for one group the same counts each time.
void sayDocuments(std::vector<std::pair<Record, std::set<std::string>>> documents,
                  const Output& output)
{
    std::sort(documents.begin(), documents.end(), [](const auto& left, const auto& right) {
        const auto rank = [](const Record& record) {
            return std::pair(record.remoteId.size(), record.remoteId);
        };
        return rank(left.first) < rank(right.first);
    });
    for (const auto& [record, nested] : documents)
    {
        output.say(record);
        for (const auto& id : nested)
            output.say(Link{{kDocument, {}, record.remoteId}, {kDocument, {}, id}, "nested"});
    }
}

} // namespace

void read(const Account& account, Catalogue& catalogue, const ReadRequest& request,
          const Output& output)
{
    const auto organization = organizationIn(request.scope);
    const auto isDocuments = isAsked(request, kDocument);
    std::vector<List> lists;
    if (isAsked(request, kContact))
        lists.push_back(contactsOf(organization));
    if (isAsked(request, kConfiguration))
        lists.push_back(configurationsOf(organization));
    if (lists.empty() && !isDocuments)
        return;
    requireOrganization(account, organization);
    const auto things = lists.size();
    std::vector<const Type*> types;
    if (isDocuments)
    {
        catalogue.read();
        for (const auto group : kGroups)
            if (const auto* type = catalogue.find(group))
            {
                types.push_back(type);
                lists.push_back(Catalogue::documentsOf(*type, organization));
            }
    }
    std::vector<std::pair<Record, std::set<std::string>>> documents;
    account.readAll(lists, [&](size_t list, const Json& resource) {
        if (list < things)
            return output.say(lists[list].path.rfind("/contacts", 0) == 0
                                  ? contactOf(resource)
                                  : configurationOf(resource));
        const auto& type = *types[list - things];
        const auto asset = Asset::from(resource);
        if (!asset)
            return;
        catalogue.remember(asset->id, type.group);
        documents.emplace_back(recordOf(type, *asset), nestedIn(type, *asset));
    });
    sayDocuments(std::move(documents), output);
}

Request organizationRequest(const std::string& organization)
{
    Request request;
    request.path = "/organizations/" + organization;
    return request;
}

} // namespace itglue
