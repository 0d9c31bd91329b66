#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

namespace contoso {

namespace {

std::string idOf(const char* prefix, int number)
{
    const auto digits = std::to_string(1'000'000 + number);
    return std::string(prefix) + "-0000-4000-8000-00000" + digits;
}

} // namespace

std::string person(int number)
{
    return idOf("aaaaaaaa", number);
}

std::string group(int number)
{
    return idOf("bbbbbbbb", number);
}

std::string address(int number)
{
    return "person" + std::to_string(number) + "@contoso.example";
}

Json addPerson(int number, const Json& attributes)
{
    const auto n = std::to_string(number);
    Json all{{"displayName", "Person " + n}, {"givenName", "Given" + n},
             {"surname", "Surname" + n},     {"userPrincipalName", address(number)},
             {"mail", address(number)},      {"userType", "Member"},
             {"accountEnabled", true}};
    all.update(attributes);
    return {"user+", person(number), all};
}

Json addGroup(int number, const std::string& name, const Json& attributes)
{
    Json all{{"displayName", name},
             {"groupTypes", Json::array()},
             {"securityEnabled", true},
             {"mailEnabled", false}};
    all.update(attributes);
    return {"group+", group(number), all};
}

Json changePerson(int number, const Json& attributes)
{
    return {"user~", person(number), attributes};
}

Json changeGroup(int number, const Json& attributes)
{
    return {"group~", group(number), attributes};
}

Json link(const std::string& op, int groupNumber, int personNumber)
{
    return {op, group(groupNumber), person(personNumber)};
}

Json tenant(int people, int groups, int size)
{
    Json ops = Json::array();
    for (int number = 1; number <= people; ++number)
        ops.push_back(addPerson(number));
    int next = 0;
    for (int number = 1; number <= groups; ++number)
    {
        ops.push_back(addGroup(number, "Team " + std::to_string(number)));
        for (int i = 0; i < size; ++i)
        {
            const int member = next++ % people + 1;
            ops.push_back(link("member+", number, member));
            if (i == 0)
                ops.push_back(link("owner+", number, member));
        }
    }
    return ops;
}

} // namespace contoso

namespace {

const char* nameOf(Mode mode)
{
    switch (mode)
    {
    case Mode::Contacts:
        return "contacts";
    case Mode::ContactGroups:
        return "contact-groups";
    case Mode::ServiceGroups:
        return "service-groups";
    case Mode::OwnersAndMembers:
        break;
    }
    return "owners-and-members";
}

} // namespace

Scenario::Scenario(Mode mode, const sandbox::SandboxOptions& options)
    : sandbox(options), expected(mode)
{
    estate.tenant = contoso::kTenant;
    estate.url = sandbox.baseUrl();
    estate.syncs.front().mode = nameOf(mode);
}

void Scenario::start(const Json& ops)
{
    sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
    change(ops);
    host.apply(estate);
}

void Scenario::change(const Json& ops)
{
    // A list with a single op in braces is that op to the compiler.
    const bool isOne = !ops.empty() && ops.front().is_string();
    sandbox.ops(contoso::kTenant, isOne ? Json::array({ops}) : ops);
}

Json Scenario::sync(int exitCode, const std::vector<std::string>& more)
{
    std::vector<std::string> arguments{"sync"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = onlyRun(host.json(arguments, exitCode));
    if (exitCode == 0)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                     run.at("state").get<std::string>());
        isRight();
    }
    return run;
}

Finished Scenario::trySync(const std::vector<std::string>& more) const
{
    std::vector<std::string> arguments{"sync", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return host.muster(arguments);
}

void Scenario::isRight(const std::string& where)
{
    expected.follow(sandbox.world(contoso::kTenant), serviceGroupsOf(sandbox.deskDirector()));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where, std::string(), expected.state().difference(desk()));
}

size_t Scenario::requests(const std::string& service) const
{
    return sandbox.requests().at("services").value(service, size_t(0));
}

size_t Scenario::route(const std::string& name) const
{
    return sandbox.requests().at("routes").value(name, size_t(0));
}

void nothingRemoved(const DeskState& before, const DeskState& after)
{
    for (const auto& [address, contact] : before.contacts)
    {
        const auto found = after.contacts.find(address);
        CPPUNIT_ASSERT_MESSAGE(address + " is gone", found != after.contacts.end());
        CPPUNIT_ASSERT_MESSAGE(address + " was deactivated",
                               found->second.active || !contact.active);
    }
    for (const auto& [name, roles] : before.groups)
    {
        const auto found = after.groups.find(name);
        CPPUNIT_ASSERT_MESSAGE(name + " is gone", found != after.groups.end());
        for (const auto& [address, role] : roles)
            CPPUNIT_ASSERT_MESSAGE(address + " is gone from " + name,
                                   found->second.count(address) > 0);
    }
}

} // namespace muster::integration
