#include "Expectation.h"
#include "Installation.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::integration {

namespace {

constexpr int kServiceAccount = 42;
constexpr int kFirstAccount = 100; ///< of those that are tagged

/// The same on every machine.
size_t numberOf(const std::string& text)
{
    size_t number = 7;
    for (const unsigned char c : text)
        number = (number * 31 + c) % 1'000'003;
    return number;
}

std::string nameOf(const Json& group)
{
    const auto found = group.find("displayName");
    return found != group.end() && found->is_string() ? found->get<std::string>() : "";
}

} // namespace

/// The people of a site, who make service groups and tag accounts for the groups of a tenant: some
/// before Muster comes by, some long after, and some they take away again.
class SitePeople
{
public:
    explicit SitePeople(sandbox::SandboxServer& sandbox) : _sandbox(sandbox) {}

    /// True when something was taken away, which Muster sees when it verifies.
    bool tend(const Json& world, size_t round)
    {
        bool isLess = false;
        for (const auto& group : world.at("groups"))
        {
            const auto name = nameOf(group);
            if (name.empty())
                continue;
            const auto number = numberOf(name) + round;
            tendServiceGroup(name, number, isLess);
            tendAccount(tagOf(name), number, isLess);
        }
        return isLess;
    }

    /// The accounts that are tagged, by their tags.
    const std::map<std::string, int>& tagged() const { return _tagged; }

private:
    void tendServiceGroup(const std::string& name, size_t number, bool& isLess)
    {
        const auto known = _serviceGroups.find(name);
        if (known == _serviceGroups.end() && number % 3 == 0)
        {
            _serviceGroups[name] = ++_lastServiceGroup;
            _sandbox.seedDeskDirector(
                {{"serviceGroups", {{{"id", _lastServiceGroup}, {"name", " " + name + " "}}}}});
        }
        else if (known != _serviceGroups.end() && number % 7 == 0)
        {
            _sandbox.seedDeskDirector(
                {{"serviceGroups", {{{"id", known->second}, {"delete", true}}}}});
            _serviceGroups.erase(known);
            isLess = true;
        }
    }

    void tendAccount(const std::string& tag, size_t number, bool& isLess)
    {
        const auto tagAccount = [&](int id, const Json& tags) {
            _sandbox.seedDeskDirector({{"accounts", {{{"id", id}, {"tags", tags}}}}});
        };
        const auto known = _tagged.find(tag);
        if (known == _tagged.end() && number % 2 == 0)
        {
            auto& account = _accounts[tag];
            if (account == 0)
                account = kFirstAccount + static_cast<int>(_accounts.size());
            _tagged[tag] = account;
            tagAccount(account, {"customer", tag});
        }
        else if (known != _tagged.end() && number % 5 == 0)
        {
            tagAccount(known->second, Json::array({"customer"}));
            _tagged.erase(known);
            isLess = true;
        }
    }

    sandbox::SandboxServer& _sandbox;
    std::map<std::string, int> _serviceGroups;
    int _lastServiceGroup = 0;
    std::map<std::string, int> _accounts; ///< all that ever had a tag
    std::map<std::string, int> _tagged;
};

/// The histories of real organisations, synced as they go in the modes that need what only people
/// make, while people make it and take it away.
class ModeWorldTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ModeWorldTest);
    FRESH_TEST(keepsServiceGroupsAndAccountsRightThroughEtcdIo);
    FRESH_TEST(keepsServiceGroupsAndAccountsRightThroughKubernetesClient);
    FRESH_TEST(keepsServiceGroupsAndAccountsRightThroughKubernetesCsi);
    CPPUNIT_TEST_SUITE_END();

    sandbox::SandboxServer _sandbox;
    Installation _host;
    SitePeople _people{_sandbox};
    Expectation _serviceGroups{Mode::ServiceGroups};
    std::map<int, Expectation> _accounts;

    void keepsRight(const std::string& world, size_t step)
    {
        const auto tenant =
            _sandbox.addWorld(MUSTER_SOURCE_DIR "/tests/worlds/" + world + ".ndjson");
        EstateText estate{.tenant = tenant, .url = _sandbox.baseUrl()};
        estate.syncs = {{.name = "three", .mode = "3", .account = kServiceAccount},
                        {.name = "four", .mode = "4", .account = {}}};
        _host.apply(estate);
        size_t left = 1;
        for (size_t line = 1; left > 0; line += step)
        {
            std::vector<std::string> arguments{"sync", "--approve"};
            if (_people.tend(_sandbox.world(tenant), line))
                arguments.emplace_back("--verify");
            const auto done = _host.json(arguments);
            for (const auto& run : done.at("runs"))
                CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                             run.at("state").get<std::string>());
            isRight(_sandbox.world(tenant), world + ", line " + std::to_string(line));
            left = _sandbox.advance(tenant, step).at("applied").get<size_t>();
        }
    }

    void isRight(const Json& world, const std::string& where)
    {
        const auto desk = _sandbox.deskDirector();
        _serviceGroups.follow(world, serviceGroupsOf(desk));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(
            where + ", service groups", std::string(),
            _serviceGroups.state().difference(deskState(desk, kServiceAccount)));
        for (const auto& [tag, account] : _people.tagged())
        {
            Json part = world;
            auto& groups = part.at("groups");
            groups.erase(std::remove_if(groups.begin(), groups.end(),
                                        [&, name = tag](const Json& group) {
                                            return tagOf(nameOf(group)) != name;
                                        }),
                         groups.end());
            _accounts.try_emplace(account, Mode::Contacts).first->second.follow(part);
        }
        for (const auto& [account, expected] : _accounts)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(where + ", account " + std::to_string(account),
                                         std::string(),
                                         expected.state().difference(deskState(desk, account)));
    }

public:
    void keepsServiceGroupsAndAccountsRightThroughEtcdIo() { keepsRight("etcd-io", 1); }
    void keepsServiceGroupsAndAccountsRightThroughKubernetesClient()
    {
        keepsRight("kubernetes-client", 2);
    }
    void keepsServiceGroupsAndAccountsRightThroughKubernetesCsi()
    {
        keepsRight("kubernetes-csi", 4);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ModeWorldTest);

} // namespace muster::integration
