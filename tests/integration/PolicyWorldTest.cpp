#include "Expectation.h"
#include "Installation.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::integration {

namespace {

struct PolicyCase
{
    const char* mode;
    Mode expected;
    int account;
};
constexpr PolicyCase kPolicyCases[] = {{"contacts", Mode::Contacts, 41},
                                       {"contact-groups", Mode::ContactGroups, 42},
                                       {"service-groups", Mode::ServiceGroups, 43},
                                       {"owners-and-members", Mode::OwnersAndMembers, 45}};

constexpr int kFirstTaggedAccount = 100;
constexpr size_t kLinesPerStep = 28;

sandbox::SandboxOptions withPolicyAccounts()
{
    sandbox::SandboxOptions options;
    for (const auto& each : kPolicyCases)
        options.accounts.emplace_back(each.account, each.mode);
    return options;
}

std::string asText(const Removal& removal)
{
    return std::string("    removal: {contacts: ") +
           (removal.deactivatesContacts ? "deactivate" : "keep") +
           ", links: " + (removal.removesStrangers ? "all" : "managed") +
           ", groups: " + (removal.retiresGroups ? "retire" : "keep") + "}\n";
}

} // namespace

/// Every removal policy in every mode through the history of a real organisation, while people put
/// others into the groups.
class PolicyWorldTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PolicyWorldTest);
    FRESH_TEST(keepsContactsAndGroupsAndTakesStrangersOut);
    FRESH_TEST(keepsContactsAndGroupsAndStrangers);
    FRESH_TEST(keepsContactsAndEmptiesGroups);
    FRESH_TEST(keepsContactsAndStrangersAndEmptiesGroups);
    FRESH_TEST(deactivatesContactsAndTakesStrangersOut);
    FRESH_TEST(deactivatesContactsAndKeepsStrangers);
    FRESH_TEST(deactivatesContactsAndEmptiesGroups);
    FRESH_TEST(deactivatesContactsKeepsStrangersAndEmptiesGroups);
    CPPUNIT_TEST_SUITE_END();

    sandbox::SandboxServer _sandbox{withPolicyAccounts()};
    Installation _host;
    std::vector<Expectation> _expected;
    std::set<std::string> _serviceGroups;
    struct Tagged
    {
        int account;
        Expectation expected;
    };
    std::map<std::string, Tagged> _accounts; ///< by tag
    size_t _strangers = 0;
    std::string _findings; ///< of the last sync

    void keepsRight(const Removal& removal)
    {
        const auto tenant =
            _sandbox.addWorld(MUSTER_SOURCE_DIR "/tests/worlds/kubernetes-csi.ndjson");
        EstateText estate{.tenant = tenant, .url = _sandbox.baseUrl()};
        estate.syncs.clear();
        for (const auto& each : kPolicyCases)
        {
            estate.syncs.push_back({.name = each.mode,
                                    .mode = each.mode,
                                    .account = each.account,
                                    .more = asText(removal)});
            _expected.emplace_back(each.expected, removal);
        }
        estate.syncs.push_back(
            {.name = "accounts", .mode = "accounts", .account = {}, .more = asText(removal)});
        _host.apply(estate);
        size_t left = 1;
        for (size_t line = 1; left > 0; line += kLinesPerStep)
        {
            makeServiceGroups(_sandbox.world(tenant));
            tagAccounts(_sandbox.world(tenant), removal);
            sync();
            if (isAnyFull())
                sync(); // places in groups that became free are taken by the next one
            isRight(_sandbox.world(tenant), "line " + std::to_string(line));
            putStrangers();
            left = _sandbox.advance(tenant, kLinesPerStep).at("applied").get<size_t>();
        }
    }

    void sync()
    {
        const auto done = _host.json({"sync", "--approve", "--verify"});
        for (const auto& run : done.at("runs"))
            CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), Json("succeeded"), run.at("state"));
        _findings = done.dump();
    }

    bool isAnyFull() const { return _findings.find("refused-by-target") != std::string::npos; }

    /// One for every other group, as it comes.
    void makeServiceGroups(const Json& world)
    {
        for (const auto& group : world.at("groups"))
            if (const std::string name = group.at("displayName");
                name.size() % 2 == 0 && _serviceGroups.insert(name).second)
                _sandbox.seedDeskDirector(
                    {{"serviceGroups", {{{"id", _serviceGroups.size()}, {"name", name}}}}});
    }

    /// One for every group, as it comes.
    void tagAccounts(const Json& world, const Removal& removal)
    {
        for (const auto& group : world.at("groups"))
        {
            const auto tag = tagOf(group.at("displayName"));
            const int next = kFirstTaggedAccount + static_cast<int>(_accounts.size());
            if (_accounts.try_emplace(tag, Tagged{next, Expectation(Mode::Contacts, removal)})
                    .second)
                _sandbox.seedDeskDirector(
                    {{"accounts", {{{"id", next}, {"tags", Json::array({tag})}}}}});
        }
    }

    static Json withGroupsTagged(const Json& world, const std::string& tag)
    {
        auto part = world;
        part["groups"] = Json::array();
        for (const auto& group : world.at("groups"))
            if (tagOf(group.at("displayName")) == tag)
                part["groups"].push_back(group);
        return part;
    }

    void isRight(const Json& world, const std::string& where)
    {
        const auto desk = _sandbox.deskDirector();
        for (size_t i = 0; i < _expected.size(); ++i)
        {
            _expected[i].follow(world, serviceGroupsOf(desk));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                std::string(kPolicyCases[i].mode) + ", " + where, std::string(),
                beyondTheLimit(_expected[i].state(), deskState(desk, kPolicyCases[i].account)));
        }
        for (auto& [tag, tagged] : _accounts)
        {
            tagged.expected.follow(withGroupsTagged(world, tag));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                "account " + tag + ", " + where, std::string(),
                tagged.expected.state().difference(deskState(desk, tagged.account)));
        }
    }

    /// Somebody new in one group of each account, and one with a service group.
    void putStrangers()
    {
        const auto desk = _sandbox.deskDirector();
        const auto number = std::to_string(++_strangers);
        for (size_t i = 0; i < _expected.size(); ++i)
        {
            const auto& [mode, expected, account] = kPolicyCases[i];
            Json contact = {{"companyId", account}, {"email", "stranger" + number + "@x.example"}};
            if (expected == Mode::ServiceGroups)
            {
                const auto& groups = desk.at("serviceGroups");
                if (groups.empty())
                    continue;
                const auto& group = groups.at(_strangers % groups.size());
                contact["serviceGroup"] = {{"id", group.at("id")}};
                _sandbox.seedDeskDirector({{"contacts", {contact}}});
                _expected[i].putStranger(contact.at("email"),
                                         lowered(group.at("name").get<std::string>()));
                continue;
            }
            std::vector<Json> groups;
            for (const auto& group : desk.at("groups"))
                if (group.at("accountId") == account)
                    groups.push_back(group);
            if (groups.empty())
                continue;
            const auto& group = groups.at(_strangers % groups.size());
            const Json member = {{"contact", contact.at("email")}, {"role", "guest"}};
            _sandbox.seedDeskDirector(
                {{"contacts", {contact}},
                 {"groups", {{{"id", group.at("id")}, {"members", {member}}}}}});
            _expected[i].putStranger(contact.at("email"), group.at("name"));
        }
    }

    static std::string lowered(std::string text)
    {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
        return text;
    }

public:
    void keepsContactsAndGroupsAndTakesStrangersOut() { keepsRight({false, true, false}); }
    void keepsContactsAndGroupsAndStrangers() { keepsRight({false, false, false}); }
    void keepsContactsAndEmptiesGroups() { keepsRight({false, true, true}); }
    void keepsContactsAndStrangersAndEmptiesGroups() { keepsRight({false, false, true}); }
    void deactivatesContactsAndTakesStrangersOut() { keepsRight({true, true, false}); }
    void deactivatesContactsAndKeepsStrangers() { keepsRight({true, false, false}); }
    void deactivatesContactsAndEmptiesGroups() { keepsRight({true, true, true}); }
    void deactivatesContactsKeepsStrangersAndEmptiesGroups() { keepsRight({true, false, true}); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PolicyWorldTest);

} // namespace muster::integration
