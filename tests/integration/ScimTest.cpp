#include "Scenario.h"
#include "http/HttpClient.h"
#include "support/Child.h"
#include "support/FreshTest.h"
#include "support/Skipped.h"
#include "support/TemporaryDirectory.h"

#include <chrono>
#include <filesystem>
#include <thread>

namespace muster::integration {

namespace {

const std::string kClients = MUSTER_SOURCE_DIR "/tests/integration/clients/";

/// A SCIM service that was not written here (clients/scim-server.mjs), with the token
/// sandbox-token.
class ScimService
{
public:
    ScimService() : _process(command(), _directory / "output")
    {
        constexpr std::chrono::seconds kPatienceWithScim{30};
        constexpr std::chrono::milliseconds kBetweenLooksAtScim{10};
        const auto until = std::chrono::steady_clock::now() + kPatienceWithScim;
        while (_url.find('\n') == _url.npos)
        {
            CPPUNIT_ASSERT_MESSAGE("the SCIM service did not start: " + _url,
                                   _process.isRunning() &&
                                       std::chrono::steady_clock::now() < until);
            std::this_thread::sleep_for(kBetweenLooksAtScim);
            _url = tests::readFile(_directory / "output");
        }
        _url = _url.substr(0, _url.find('\n'));
    }

    std::string scim() const { return _url + "/scim"; }

    Json get(const std::string& path) const { return send("GET", path); }

    Json send(const std::string& method, const std::string& path, const Json& body = {}) const
    {
        http::HttpRequest request;
        request.method = method;
        request.url = _url + path;
        request.headers = {{"Authorization", "Bearer sandbox-token"},
                           {"Content-Type", "application/scim+json"}};
        if (!body.is_null())
            request.body = body.dump();
        const auto answer = http::HttpClient({}).send(request, runtime::Cancellation());
        CPPUNIT_ASSERT_MESSAGE(answer.body, answer.isAnswer() && answer.status < 300);
        return answer.body.empty() ? Json() : Json::parse(answer.body);
    }

    /// What it holds. Fails the test when a user or a group is there twice.
    DeskState state() const
    {
        DeskState state;
        std::map<std::string, std::string> addresses;
        const auto users = get("/scim/Users?count=1000");
        const auto groups = get("/scim/Groups?count=1000");
        for (const auto& user : users.at("Resources"))
        {
            const auto address = lowerCase(user.at("emails").at(0).at("value"));
            addresses[user.at("id")] = address;
            const auto name = user.value("name", Json::object());
            const DeskState::Contact contact{.firstName = textIn(name, "givenName"),
                                             .lastName = textIn(name, "familyName"),
                                             .title = textIn(user, "title"),
                                             .active = user.value("active", true)};
            CPPUNIT_ASSERT_MESSAGE(address, state.contacts.emplace(address, contact).second);
        }
        for (const auto& group : groups.at("Resources"))
        {
            DeskState::Roles members;
            for (const auto& member : group.value("members", Json::array()))
                CPPUNIT_ASSERT_MESSAGE(
                    group.dump(),
                    members.emplace(addresses.at(member.at("value")), "regular").second);
            CPPUNIT_ASSERT_MESSAGE(group.dump(),
                                   state.groups.emplace(group.at("displayName"), members).second);
        }
        return state;
    }

    /// Requests that change something.
    size_t writes() const
    {
        size_t count = 0;
        for (const auto& request : get("/log"))
            count += request.get<std::string>().rfind("GET ", 0) == 0 ? 0 : 1;
        return count;
    }

private:
    static std::vector<std::string> command()
    {
        if (!std::filesystem::exists(kClients + "node_modules/scimmy"))
            throw tests::Skipped(
                "the npm packages are missing; scripts/setup --tests installs them");
        return {"/usr/bin/env", "node", kClients + "scim-server.mjs"};
    }

    tests::TemporaryDirectory _directory;
    tests::Child _process;
    std::string _url;
};

} // namespace

/// The modes that deal with people, into a SCIM service.
class ScimTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ScimTest);
    FRESH_TEST(serviceNotWrittenHereKeepsTheContract);
    FRESH_TEST(contactsBecomeUsers);
    FRESH_TEST(contactGroupsBecomeGroups);
    FRESH_TEST(ownersBecomeMembersAsTheOthers);
    FRESH_TEST(usersThatAreThereAreAdopted);
    FRESH_TEST(checkSaysWhetherTheTokenIsTaken);
    CPPUNIT_TEST_SUITE_END();

public:
    void serviceNotWrittenHereKeepsTheContract()
    {
        const auto finished =
            run({.program = MUSTER_BINARY_DIR "/bin/muster-target-check",
                 .arguments = {MUSTER_BINARY_DIR "/lib/muster/targets/scim.so", "--trial",
                               MUSTER_SOURCE_DIR "/plugins/targets/scim/trial.json", "--sandbox",
                               _service.scim(), "--json"}});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(0), finished.json().at("skipped").get<size_t>());
    }

    void contactsBecomeUsers() { followATenant(Mode::Contacts, "contacts"); }

    void contactGroupsBecomeGroups() { followATenant(Mode::ContactGroups, "contact-groups"); }

    void ownersBecomeMembersAsTheOthers()
    {
        followATenant(Mode::OwnersAndMembers, "owners-and-members");
    }

    void usersThatAreThereAreAdopted()
    {
        const auto address = contoso::address(1);
        _service.send(
            "POST", "/scim/Users",
            {{"schemas", {"urn:ietf:params:scim:schemas:core:2.0:User"}},
             {"userName", "ann"},
             {"emails",
              {{{"value", "old@contoso.example"}}, {{"value", address}, {"primary", true}}}}});
        start("contacts", contoso::tenant(3, 1, 3));
        sync();
        const auto users = _service.get("/scim/Users?count=1000").at("Resources");
        CPPUNIT_ASSERT_EQUAL(size_t(3), users.size());
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), users.at(0).at("userName").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(2), users.at(0).at("emails").size());
    }

    void checkSaysWhetherTheTokenIsTaken()
    {
        start("contacts", contoso::tenant(1, 1, 1));
        const auto good = _tenant.host.muster({"check"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(good.describe(), 0, good.exitCode);
        CPPUNIT_ASSERT_MESSAGE(good.output,
                               good.output.find("takes the token") != std::string::npos);
        _tenant.host.environment["SCIM_TOKEN"] = "another";
        const auto bad = _tenant.host.muster({"check"});
        CPPUNIT_ASSERT_MESSAGE(bad.describe(), bad.exitCode != 0);
        CPPUNIT_ASSERT_MESSAGE(bad.output, bad.output.find("token") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(bad.output, bad.output.find("another") == std::string::npos);
    }

private:
    void start(const std::string& mode, const Json& ops)
    {
        _tenant.host.environment["SCIM_TOKEN"] = "sandbox-token";
        _tenant.sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        _tenant.change(ops);
        const auto file = _tenant.host.write(
            "estate.yaml", _tenant.estate.tenantText() +
                               "    groups:\n"
                               "      app: all\n"
                               "targets:\n"
                               "  - name: app\n"
                               "    plugin: scim\n"
                               "    settings: {url: \"" +
                               _service.scim() +
                               "\", token: {env: SCIM_TOKEN}, pace: {perSecond: 1000}}\n"
                               "syncs:\n"
                               "  - {name: app, tenant: contoso, target: app, mode: " +
                               mode + "}\n");
        const auto applied = _tenant.host.muster({"apply", file});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(applied.describe(), 0, applied.exitCode);
    }

    Json sync(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments{"sync"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto done = onlyRun(_tenant.host.json(arguments));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(done.dump(), std::string("succeeded"),
                                     done.at("state").get<std::string>());
        return done;
    }

    void isRight(Expectation& expected)
    {
        expected.follow(_tenant.sandbox.world(contoso::kTenant));
        auto state = expected.state();
        // SCIM knows no roles.
        for (auto& [name, members] : state.groups)
            for (auto& [address, role] : members)
                role = "regular";
        CPPUNIT_ASSERT_EQUAL(std::string(), state.difference(_service.state()));
    }

    void followATenant(Mode mode, const std::string& name)
    {
        Expectation expected(mode);
        start(name, contoso::tenant(30, 4, 9));
        sync();
        isRight(expected);

        _tenant.change(Json::array({contoso::link("member-", 1, 2), contoso::link("member+", 1, 20),
                                    contoso::link("owner+", 2, 25),
                                    contoso::changePerson(3, {{"surname", "Bo \"Ö\""}}),
                                    contoso::changePerson(4, {{"jobTitle", "Clerk"}}),
                                    contoso::changeGroup(3, {{"displayName", "Renamed & co"}})}));
        sync();
        isRight(expected);

        const auto writes = _service.writes();
        const auto verified = sync({"--verify"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(verified.dump(), 0,
                                     verified.at("changes").at("planned").get<int>());
        CPPUNIT_ASSERT_EQUAL(writes, _service.writes());
    }

    ScimService _service;
    Scenario _tenant;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ScimTest);

} // namespace muster::integration
