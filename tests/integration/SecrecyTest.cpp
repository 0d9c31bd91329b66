#include "Scenario.h"
#include "support/FreshTest.h"

#include <http/Certificates.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace muster::integration {

namespace {

constexpr const char* kClientSecret = "Gr4ph~s3cret.value-that_is_long";
constexpr const char* kApiKey = "d3sk-k3y-value-that-is-long";

sandbox::SandboxOptions tlsWithSecrets()
{
    sandbox::SandboxOptions options;
    options.transport = sandbox::SandboxOptions::Transport::Tls;
    options.clientSecret = kClientSecret;
    options.deskDirectorKey = kApiKey;
    return options;
}

} // namespace

/// Sign-in over TLS, and that nothing secret shows up anywhere.
class SecrecyTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SecrecyTest);
    FRESH_TEST(syncsOverTlsWithACaFile);
    FRESH_TEST(refusesATlsServerThatNobodyVouchesFor);
    FRESH_TEST(signsInWithACertificate);
    FRESH_TEST(saysSoWhenTheCertificateIsNotRegistered);
    FRESH_TEST(showsNoSecretInAnyOutputOrFile);
    FRESH_TEST(showsNoSecretWhenItIsRefused);
    CPPUNIT_TEST_SUITE_END();

    std::vector<Finished> _said;

    Finished say(const Scenario& scenario, const std::vector<std::string>& arguments,
                 const std::string& input = {})
    {
        _said.push_back(scenario.host.muster(arguments, input));
        return _said.back();
    }

    static void trust(Scenario& scenario)
    {
        const auto file = scenario.host.write("ca.pem", scenario.sandbox.caPem());
        scenario.estate.directory = "      caFile: " + file + "\n";
        scenario.estate.target = "      caFile: " + file + "\n";
    }

    void setSecrets(Scenario& scenario)
    {
        for (const auto& [name, value] : {std::pair("graph", kClientSecret), {"desk", kApiKey}})
        {
            const auto finished = say(scenario, {"secret", "set", name}, std::string(value) + "\n");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        }
        scenario.estate.credential = "clientSecret: {secret: graph}";
        scenario.estate.apiKey = "{secret: desk}";
    }

    static void startTls(Scenario& scenario)
    {
        scenario.host.environment = {{"GRAPH_SECRET", kClientSecret}, {"DESK_KEY", kApiKey}};
        trust(scenario);
        scenario.start(contoso::tenant(4, 2, 3));
    }

    void assertSecret(const std::string& where, const std::string& text) const
    {
        for (const auto* secret : {kClientSecret, kApiKey})
            CPPUNIT_ASSERT_MESSAGE(where + " shows a secret",
                                   text.find(secret) == std::string::npos);
    }

    void assertAllSecret(const Scenario& scenario) const
    {
        for (const auto& finished : _said)
            assertSecret(finished.command, finished.output + finished.errors);
        size_t files = 0;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(scenario.host.data()))
        {
            if (!entry.is_regular_file())
                continue;
            std::ifstream file(entry.path(), std::ios::binary);
            assertSecret(entry.path(),
                         {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
            ++files;
        }
        CPPUNIT_ASSERT(files > 0);
    }

public:
    void syncsOverTlsWithACaFile()
    {
        Scenario scenario(Mode::OwnersAndMembers, tlsWithSecrets());
        startTls(scenario);
        scenario.sync();
        const auto check = scenario.host.muster({"check"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(check.describe(), 0, check.exitCode);
    }

    void refusesATlsServerThatNobodyVouchesFor()
    {
        Scenario scenario(Mode::OwnersAndMembers, tlsWithSecrets());
        scenario.host.environment = {{"GRAPH_SECRET", kClientSecret}, {"DESK_KEY", kApiKey}};
        scenario.start(contoso::tenant(4, 2, 3));
        const auto finished = scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_EQUAL(0, scenario.sandbox.requests().at("total").get<int>());
    }

    void signsInWithACertificate()
    {
        const auto identity = testing::makeIdentity("muster");
        sandbox::SandboxOptions options;
        options.certificates = {identity.certificate};
        Scenario scenario(Mode::OwnersAndMembers, options);
        scenario.estate.credential =
            "certificate: {file: " + scenario.host.write("app.pem", identity.certificate) +
            ", key: " + scenario.host.write("app.key", identity.key) + "}";
        scenario.start(contoso::tenant(4, 2, 3));
        scenario.sync();
    }

    void saysSoWhenTheCertificateIsNotRegistered()
    {
        const auto identity = testing::makeIdentity("muster");
        Scenario scenario;
        scenario.estate.credential =
            "certificate: {file: " + scenario.host.write("app.pem", identity.certificate) +
            ", key: " + scenario.host.write("app.key", identity.key) + "}";
        scenario.start(contoso::tenant(4, 2, 3));
        const auto finished = scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("certificate") != std::string::npos);
    }

    void showsNoSecretInAnyOutputOrFile()
    {
        Scenario scenario(Mode::OwnersAndMembers, tlsWithSecrets());
        trust(scenario);
        setSecrets(scenario);
        scenario.start(contoso::tenant(4, 2, 3));
        for (const auto& arguments : std::vector<std::vector<std::string>>{
                 {"apply", scenario.host.directory() / "estate.yaml"},
                 {"secret", "list"},
                 {"secret", "list", "--json"},
                 {"check"},
                 {"check", "--json"},
                 {"groups", "contoso", "--refresh"},
                 {"plan"},
                 {"sync", "--json"},
                 {"runs"},
                 {"run", "1", "--json"},
                 {"plugins", "--json"},
                 {"tenants", "--json"},
                 {"why", "desk", contoso::address(1), "--json"}})
        {
            const auto finished = say(scenario, arguments);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        }
        scenario.isRight();
        assertAllSecret(scenario);
    }

    /// Servers that say back what they were sent.
    void showsNoSecretWhenItIsRefused()
    {
        Scenario scenario(Mode::OwnersAndMembers, tlsWithSecrets());
        trust(scenario);
        setSecrets(scenario);
        scenario.start(contoso::tenant(4, 2, 3));
        const Json echo{{"message", std::string("DdApi ") + kApiKey + " is not valid"}};
        const Json entra{{"error", "invalid_client"},
                         {"error_description",
                          std::string("AADSTS7000215: Invalid client secret ") + kClientSecret},
                         {"error_codes", {7000215}}};
        for (const auto& [path, status, body] :
             {std::tuple("/api/", 400, echo), {"/api/", 401, echo}, {"/api/", 500, echo}})
        {
            scenario.sandbox.addFault({{"kind", "status"},
                                       {"status", status},
                                       {"body", body},
                                       {"times", 3},
                                       {"match", {{"path", path}}}});
            say(scenario, {"sync"});
            say(scenario, {"check", "--json"});
            scenario.sandbox.clearFaults();
        }
        scenario.sandbox.addFault({{"kind", "status"},
                                   {"status", 401},
                                   {"body", entra},
                                   {"times", -1},
                                   {"match", {{"route", "token"}}}});
        CPPUNIT_ASSERT_EQUAL(78, say(scenario, {"sync", "--json"}).exitCode);
        CPPUNIT_ASSERT_EQUAL(78, say(scenario, {"check"}).exitCode);
        say(scenario, {"runs", "--json"});
        assertAllSecret(scenario);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecrecyTest);

} // namespace muster::integration
