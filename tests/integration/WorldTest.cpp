#include "Expectation.h"
#include "Installation.h"
#include "support/FreshTest.h"

namespace muster::integration {

namespace {

struct Case
{
    const char* name;
    Mode mode;
    int account;
};
constexpr Case kCases[] = {{"contacts", Mode::Contacts, 41},
                           {"contact-groups", Mode::ContactGroups, 42},
                           {"owners-and-members", Mode::OwnersAndMembers, 45}};

std::string worldFile(const std::string& name)
{
    return MUSTER_SOURCE_DIR "/tests/worlds/" + name + ".ndjson";
}

sandbox::SandboxOptions withAccounts()
{
    sandbox::SandboxOptions options;
    for (const auto& [name, mode, account] : kCases)
        options.accounts.emplace_back(account, name);
    return options;
}

} // namespace

/// The histories of real organisations, synced as they go: after every step DeskDirector holds what
/// the modes say and nothing else.
class WorldTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorldTest);
    FRESH_TEST(keepsEveryModeRightThroughEtcdIo);
    FRESH_TEST(keepsEveryModeRightThroughKubernetesClient);
    FRESH_TEST(keepsEveryModeRightThroughKubernetesCsi);
    FRESH_TEST(doesExactlyWhatThePlanSays);
    CPPUNIT_TEST_SUITE_END();

    sandbox::SandboxServer _sandbox{withAccounts()};
    Installation _host;

    /// Syncs after every `step` lines of the world's history, to its end.
    void keepsRight(const std::string& world, size_t step)
    {
        const auto tenant = _sandbox.addWorld(worldFile(world));
        EstateText estate{.tenant = tenant, .url = _sandbox.baseUrl()};
        estate.syncs.clear();
        std::vector<Expectation> expected;
        for (const auto& [name, mode, account] : kCases)
        {
            estate.syncs.push_back({.name = name, .mode = name, .account = account});
            expected.emplace_back(mode);
        }
        _host.apply(estate);
        size_t left = 1;
        for (size_t line = 1; left > 0; line += step)
        {
            const auto runs = _host.json({"sync", "--approve"}).at("runs");
            for (const auto& run : runs)
                CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                             run.at("state").get<std::string>());
            const auto now = _sandbox.world(tenant);
            const auto desk = _sandbox.deskDirector();
            for (size_t i = 0; i < expected.size(); ++i)
            {
                expected[i].follow(now);
                const auto difference =
                    beyondTheLimit(expected[i].state(), deskState(desk, kCases[i].account));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(world + ", mode " + kCases[i].name + ", line " +
                                                 std::to_string(line),
                                             std::string(), difference);
            }
            left = _sandbox.advance(tenant, step).at("applied").get<size_t>();
        }
    }

    static Json withoutOutcome(const Json& changes)
    {
        Json list = Json::array();
        for (const auto& change : changes)
            list.push_back({change.at("action"), change.at("kind"), change.at("key"),
                            change.at("name"), change.at("group"), change.at("reason")});
        return list;
    }

public:
    void keepsEveryModeRightThroughEtcdIo() { keepsRight("etcd-io", 1); }
    void keepsEveryModeRightThroughKubernetesClient() { keepsRight("kubernetes-client", 2); }
    void keepsEveryModeRightThroughKubernetesCsi() { keepsRight("kubernetes-csi", 4); }

    void doesExactlyWhatThePlanSays()
    {
        const auto tenant = _sandbox.addWorld(worldFile("etcd-io"));
        EstateText estate{.tenant = tenant, .url = _sandbox.baseUrl()};
        estate.syncs = {{.mode = "owners-and-members"}};
        _host.apply(estate);
        do
        {
            _sandbox.clearRequests();
            const auto plan = onlyPlan(_host.json({"plan"}));
            CPPUNIT_ASSERT_MESSAGE("a plan writes nothing",
                                   _sandbox.requests().at("services").value("deskdirector", 0) ==
                                           0 ||
                                       _sandbox.deskDirector().at("writes").empty());
            const auto id = std::to_string(plan.at("id").get<int>());
            const auto run = onlyRun(_host.json({"sync", "--plan", id, "--approve"}));
            const auto done =
                _host.json({"run", std::to_string(run.at("id").get<int>())}).at("changes");
            CPPUNIT_ASSERT_EQUAL(withoutOutcome(plan.at("changes")).dump(1),
                                 withoutOutcome(done).dump(1));
            for (const auto& change : done)
                CPPUNIT_ASSERT_EQUAL_MESSAGE(change.dump(), std::string("applied"),
                                             change.at("state").get<std::string>());
            CPPUNIT_ASSERT_EQUAL(plan.at("changes").size(),
                                 run.at("changes").at("applied").get<size_t>());
        } while (_sandbox.advance(tenant, 6).at("applied") != 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorldTest);

} // namespace muster::integration
