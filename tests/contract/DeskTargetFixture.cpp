#include "DeskTargetFixture.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

namespace muster::tests {

using namespace plugins;

DeskTargetFixture::DeskTargetFixture() : TargetFixture(Json{{"account", 42}})
{}

std::unique_ptr<TargetChannel> DeskTargetFixture::open(const Json& changes)
{
    Json settings{{"site", server.baseUrl()},
                  {"apiKey", "sandbox-key"},
                  {"pace", {{"perSecond", 1000}, {"parallel", 8}}}};
    settings.merge_patch(changes);
    return catalog.openTarget("deskdirector", {"desk", settings});
}

DeskTargetFixture::Content DeskTargetFixture::read(TargetChannel& channel,
                                                   const std::vector<std::string>& kinds,
                                                   const std::vector<std::string>& groups)
{
    ReadRequest request{scope, kinds};
    for (const auto& id : groups)
        request.linksInto.push_back({"contact-group", id});
    return TargetFixture::read(channel, request);
}

ChangeRequest DeskTargetFixture::contact(int64_t id, const std::string& address)
{
    ChangeRequest result;
    result.id = id;
    result.kind = "contact";
    result.key = address;
    result.name = "Ann Bo";
    result.fields = {{"email", address}, {"firstName", "Ann"}, {"lastName", "Bo"}};
    return result;
}

ChangeRequest DeskTargetFixture::group(int64_t id, const std::string& name)
{
    ChangeRequest result;
    result.id = id;
    result.kind = "contact-group";
    result.key = name;
    result.name = name;
    result.fields = {{"name", name}};
    return result;
}

ChangeRequest DeskTargetFixture::link(int64_t id, const std::string& contactId,
                                      const std::string& groupId, const std::string& role)
{
    ChangeRequest result;
    result.id = id;
    result.action = Action::Link;
    result.from = {"contact", "contact " + contactId, contactId};
    result.to = {"contact-group", "group " + groupId, groupId};
    result.role = role;
    return result;
}

ChangeRequest DeskTargetFixture::unlink(int64_t id, const std::string& contactId,
                                        const std::string& groupId)
{
    auto result = link(id, contactId, groupId, {});
    result.action = Action::Unlink;
    return result;
}

void DeskTargetFixture::seedContacts(int count)
{
    sandbox::Json contacts = sandbox::Json::array();
    for (int i = 1; i <= count; ++i)
        contacts.push_back({{"id", i},
                            {"companyId", 42},
                            {"email", "p" + std::to_string(i) + "@contoso.example"},
                            {"firstName", "P"},
                            {"lastName", std::to_string(i)}});
    server.seedDeskDirector({{"contacts", contacts}});
}

size_t DeskTargetFixture::writes() const
{
    return server.deskDirector()["writes"].size();
}

} // namespace muster::tests
