#include "DocumentExpectation.h"
#include "Installation.h"
#include "support/FreshTest.h"

namespace muster::integration {

namespace {

constexpr int kOrganization = 7;

/// What the register tells of a document in its list.
Json listed(const std::string& id, const DocumentState& state)
{
    const auto count = [&](const std::string& field) {
        const auto found = state.fields.find(field);
        return found == state.fields.end() ? size_t{0} : found->second.size();
    };
    return {{"id", id},
            {"name", *state.fields.at("Group Name").begin()},
            {"type", state.type},
            {"status", lowerCase(*state.fields.at("Sync Status").begin())},
            {"members",
             {{"matched", count("Members (Matched To A Contact)")},
              {"unmatched", count("Members (Not Matched To A Contact)")}}},
            {"devices",
             {{"matched", count("Devices (Matched To A Configuration)")},
              {"unmatched", count("Devices (Not Matched To A Configuration)")}}},
            {"nested", count("Nested Groups") + count("Nested Microsoft 365 Groups") +
                           count("Nested Security Groups")}};
}

std::string sorted(const Json& json)
{
    return nlohmann::json(json).dump();
}

} // namespace

/// The histories of real organisations, documented as they go: after every step IT Glue and the
/// register hold what the tenant says and nothing else.
class DocumentWorldTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DocumentWorldTest);
    FRESH_TEST(documentsEtcdIo);
    FRESH_TEST(documentsKubernetesClient);
    FRESH_TEST(documentsKubernetesCsi);
    CPPUNIT_TEST_SUITE_END();

    sandbox::SandboxServer _sandbox;
    Installation _host;
    std::string _tenant;
    std::set<std::string> _contacts;
    std::set<std::string> _configurations;

    /// Every second person is a contact, every second device a configuration.
    void seed()
    {
        Json contacts = Json::array();
        Json configurations = Json::array();
        const auto world = _sandbox.world(_tenant);
        size_t number = 0;
        for (const auto& user : world.at("users"))
            if (const auto address = addressIn(user); ++number % 2 == 0 && !address.empty())
            {
                _contacts.insert(address);
                contacts.push_back({{"id", 1000 + number},
                                    {"organization-id", kOrganization},
                                    {"first-name", "Contact"},
                                    {"last-name", std::to_string(number)},
                                    {"contact-emails", {address}}});
            }
        for (const auto& device : world.at("devices"))
            if (++number % 2 == 0)
            {
                const auto name = textIn(device, "displayName");
                _configurations.insert(lowerCase(name));
                configurations.push_back(
                    {{"id", 1000 + number}, {"organization-id", kOrganization}, {"name", name}});
            }
        _sandbox.seedGlue({{"contacts", contacts}, {"configurations", configurations}});
    }

    void isRight(const std::string& where, const Documents& expected)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(
            where, std::string(),
            difference(expected, documentsIn(_sandbox.glue(), kOrganization)));
        std::map<std::string, Json> register_;
        auto all = _host.json({"documents"});
        for (auto& document : all.at("documents"))
        {
            for (const auto* field : {"tenant", "organization", "archived", "updated"})
                document.erase(field);
            register_.emplace(document.at("id").get<std::string>(), document);
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE(where, expected.size(), register_.size());
        for (const auto& [id, state] : expected)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(where, sorted(listed(id, state)), sorted(register_[id]));
    }

    /// Syncs after every `step` lines of the world's history, to its end.
    void documents(const std::string& world, size_t step)
    {
        _tenant = _sandbox.addWorld(MUSTER_SOURCE_DIR "/tests/worlds/" + world + ".ndjson");
        seed();
        _host.apply(EstateText::documenting(_tenant, _sandbox.baseUrl()));
        DocumentExpectation expected(world + ".example", _contacts, _configurations);
        size_t left = 1;
        for (size_t line = 1; left > 0; line += step)
        {
            const auto run = onlyRun(_host.json({"sync"}));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                         run.at("state").get<std::string>());
            expected.follow(_sandbox.world(_tenant));
            isRight(world + ", line " + std::to_string(line), expected.documents());
            left = _sandbox.advance(_tenant, step).at("applied").get<size_t>();
        }
        _sandbox.clearRequests();
        onlyRun(_host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL(0, _sandbox.requests().at("services").value("itglue", 0));
    }

public:
    void documentsEtcdIo() { documents("etcd-io", 2); }
    void documentsKubernetesClient() { documents("kubernetes-client", 3); }
    void documentsKubernetesCsi() { documents("kubernetes-csi", 5); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DocumentWorldTest);

} // namespace muster::integration
