#include "Scenario.h"
#include "support/FreshTest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

namespace muster::integration {

/// What people get wrong: `apply` ends with 78 and says in which file and line, at which key, and
/// what to do; what is stored stays as it was.
class BadInputTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BadInputTest);
    FRESH_TEST(namesAnUnknownKeyAndTheNearestOne);
    FRESH_TEST(namesADuplicateName);
    FRESH_TEST(namesAMissingSecret);
    FRESH_TEST(namesAnUnsetEnvironmentVariable);
    FRESH_TEST(namesAModeThatTheTargetCannotHold);
    FRESH_TEST(namesAnUnknownMode);
    FRESH_TEST(namesPlainHttpToAPublicGraph);
    FRESH_TEST(namesPlainHttpToAPublicSite);
    FRESH_TEST(namesASecretInPlainText);
    FRESH_TEST(namesASettingThatThePluginDoesNotKnow);
    FRESH_TEST(namesAFileThatIsNotThere);
    FRESH_TEST(namesAFolderInTheFilesPlace);
    FRESH_TEST(refusesTenMegabytesOfRandomBytes);
    FRESH_TEST(refusesTenMegabytesOfOpenBrackets);
    FRESH_TEST(refusesTenMegabytesOfAnUnknownKey);
    FRESH_TEST(refusesAnAliasBomb);
    FRESH_TEST(appliesNoFileWhenOneOfTwoIsWrong);
    FRESH_TEST(namesAnUnknownKeyOfTheConfiguration);
    FRESH_TEST(takesTheConfigurationThatIsShipped);
    FRESH_TEST(endsWith2ForAWrongCommandLine);
    FRESH_TEST(endsWith2ForAnUnknownName);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    static constexpr std::chrono::seconds kSoon{20};

    static size_t lineOf(const std::string& text, const std::string& part)
    {
        const auto at = text.rfind(part);
        CPPUNIT_ASSERT_MESSAGE(part + " is not in the estate", at != text.npos);
        return 1 + static_cast<size_t>(
                       std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n'));
    }

    /// What must be the same before and after a refused estate.
    Json stored() const
    {
        const auto checks = _scenario.host.json({"check"});
        auto tenants = _scenario.host.json({"tenants"});
        for (auto& tenant : tenants["tenants"])
            tenant.erase("lookedAt"); // which the check has done
        return {tenants, checks};
    }

    Finished applyFails(const std::vector<std::string>& files)
    {
        const auto before = stored();
        std::vector<std::string> arguments{"apply"};
        arguments.insert(arguments.end(), files.begin(), files.end());
        const auto started = std::chrono::steady_clock::now();
        auto finished = _scenario.host.muster(arguments);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               std::chrono::steady_clock::now() - started < kSoon);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_EQUAL(before.dump(1), stored().dump(1));
        const auto again =
            _scenario.host.json({"apply", _scenario.host.directory() / "estate.yaml"});
        for (const auto& entry : again.at("entries"))
            CPPUNIT_ASSERT_EQUAL_MESSAGE(entry.dump(), std::string("unchanged"),
                                         entry.at("change").get<std::string>());
        return finished;
    }

    static void says(const Finished& finished, const std::string& text)
    {
        CPPUNIT_ASSERT_MESSAGE("should say: " + text + "\n" + finished.describe(),
                               finished.errors.find(text) != std::string::npos);
    }

    /// The estate with that change: the fault is at the line of `part`, at `key`, with the remedy.
    void isWrong(const std::function<void(EstateText&)>& spoil, const std::string& part,
                 const std::string& key, const std::string& remedy)
    {
        auto wrong = _scenario.estate;
        spoil(wrong);
        const auto file = _scenario.host.write("wrong.yaml", wrong.text());
        const auto finished = applyFails({file});
        says(finished, "wrong.yaml:" + std::to_string(lineOf(wrong.text(), part)) + ": " + key);
        says(finished, remedy);
    }

    Finished garbageIsWrong(const std::string& garbage)
    {
        return applyFails({_scenario.host.write("garbage.yaml", garbage)});
    }

public:
    void setUp() override { _scenario.start(contoso::tenant(2, 1, 2)); }

    void namesAnUnknownKeyAndTheNearestOne()
    {
        isWrong([](auto& estate) { estate.syncs[0].more = "    gaurd: {percent: 20}\n"; }, "gaurd",
                "syncs[0].gaurd", "did you mean 'guard'?");
    }
    void namesADuplicateName()
    {
        isWrong([](auto& estate) { estate.syncs.push_back({.mode = "contacts", .account = 43}); },
                "name: contoso-groups", "syncs[1].name", "rename one of them");
    }
    void namesAMissingSecret()
    {
        isWrong([](auto& estate) { estate.apiKey = "{secret: gone}"; }, "apiKey",
                "targets[0].settings.apiKey", "muster secret set gone");
    }
    void namesAnUnsetEnvironmentVariable()
    {
        isWrong([](auto& estate) { estate.credential = "clientSecret: {env: NEVER_SET}"; },
                "clientSecret", "tenants[0].directory.clientSecret", "NEVER_SET");
    }

    /// DeskDirector holds what every mode claims, so a lesser relation of it is made.
    void namesAModeThatTheTargetCannotHold()
    {
        const auto& directory = _scenario.host.directory();
        const std::filesystem::path folder = directory / "plugins/targets";
        std::filesystem::create_directories(folder);
        const std::filesystem::path installed = MUSTER_BINARY_DIR "/lib/muster/targets";
        std::filesystem::copy_file(installed / "deskdirector.so", folder / "lesser.so");
        std::ifstream source(installed / "deskdirector.json");
        auto manifest = Json::parse(source);
        manifest["id"] = "lesser";
        manifest["records"].erase("contact-group");
        manifest["within"].erase("contact-group");
        manifest["links"] = Json::array();
        std::ofstream(folder / "lesser.json") << manifest;
        const auto properties = _scenario.host.write(
            "muster.properties", "plugins.path = " + (directory / "plugins") + "\n");

        auto text = _scenario.estate.text();
        const std::string plugin = "plugin: deskdirector";
        text.replace(text.find(plugin), plugin.size(), "plugin: lesser");
        text.replace(text.find("name: desk\n"), 10, "name: less");
        text.replace(text.find("      desk: all"), 15, "      less: all");
        text.replace(text.find("target: desk"), 12, "target: less");
        const auto file = _scenario.host.write("wrong.yaml", text);
        const auto finished = applyFails({file, "--config", properties});
        says(finished,
             "wrong.yaml:" + std::to_string(lineOf(text, "mode: owners")) + ": syncs[0].mode");
        says(finished, "contact-group");
    }

    void namesAnUnknownMode()
    {
        isWrong([](auto& estate) { estate.syncs[0].mode = "contact-group"; },
                "mode:", "syncs[0].mode", "contact-groups");
    }
    void namesPlainHttpToAPublicGraph()
    {
        isWrong([](auto& estate) { estate.directory = "      caFile: ca.pem\n"; }, "caFile",
                "tenants[0].directory.caFile", "ca.pem");
        auto wrong = _scenario.estate.text();
        const auto graph = wrong.find("graph: http");
        wrong.replace(graph, wrong.find('\n', graph) - graph, "graph: http://graph.example.com");
        const auto finished = applyFails({_scenario.host.write("wrong.yaml", wrong)});
        says(finished, "wrong.yaml:" + std::to_string(lineOf(wrong, "graph.example.com")) +
                           ": tenants[0].directory.graph");
        says(finished, "use https");
    }
    void namesPlainHttpToAPublicSite()
    {
        auto wrong = _scenario.estate.text();
        const auto site = wrong.find("site: http");
        wrong.replace(site, wrong.find('\n', site) - site, "site: http://acme.example.com");
        const auto finished = applyFails({_scenario.host.write("wrong.yaml", wrong)});
        says(finished, "wrong.yaml:" + std::to_string(lineOf(wrong, "acme.example.com")) +
                           ": targets[0].settings.site");
        says(finished, "use https");
    }
    void namesASecretInPlainText()
    {
        isWrong([](auto& estate) { estate.apiKey = "hunter2"; }, "apiKey",
                "targets[0].settings.apiKey", "muster secret set");
    }
    void namesASettingThatThePluginDoesNotKnow()
    {
        isWrong([](auto& estate) { estate.pace = "{perSecnod: 5}"; }, "perSecnod",
                "targets[0].settings.pace.perSecnod", "did you mean 'perSecond'?");
    }

    void namesAFileThatIsNotThere()
    {
        const std::string file = _scenario.host.directory() / "gone.yaml";
        says(applyFails({file}), file);
    }
    void namesAFolderInTheFilesPlace()
    {
        const std::string folder = _scenario.host.directory() / "folder";
        std::filesystem::create_directory(folder);
        says(applyFails({folder}), folder);
    }

    void refusesTenMegabytesOfRandomBytes()
    {
        std::minstd_rand random(1);
        std::string garbage(10'000'000, '\0');
        for (auto& byte : garbage)
            byte = static_cast<char>(random());
        says(garbageIsWrong(garbage), "garbage.yaml");
    }
    void refusesTenMegabytesOfOpenBrackets()
    {
        says(garbageIsWrong("tenants: " + std::string(10'000'000, '[')), "garbage.yaml");
    }
    void refusesTenMegabytesOfAnUnknownKey()
    {
        std::string garbage;
        while (garbage.size() < 10'000'000)
            garbage += "key" + std::to_string(garbage.size()) + ": {a: [1, 2, 3]}\n";
        const auto finished = garbageIsWrong(garbage);
        says(finished, "garbage.yaml");
        CPPUNIT_ASSERT_MESSAGE("a message that nobody reads", finished.errors.size() < 100'000);
    }
    void refusesAnAliasBomb()
    {
        std::string bomb = "a0: &a0 [x, x]\n";
        for (int i = 1; i < 40; ++i)
        {
            const auto before = std::to_string(i - 1);
            bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before +
                    ", *a" + before + "]\n";
        }
        says(garbageIsWrong(bomb), "garbage.yaml");
    }

    void appliesNoFileWhenOneOfTwoIsWrong()
    {
        const auto right = _scenario.host.write(
            "right.yaml", "targets:\n  - name: other\n    plugin: deskdirector\n    settings: "
                          "{site: \"https://acme.example.com\", apiKey: {env: DESK_KEY}}\n");
        const auto wrong = _scenario.host.write("wrong.yaml", "syncs:\n  - name: half\n");
        applyFails({right, wrong});
    }

    void namesAnUnknownKeyOfTheConfiguration()
    {
        for (const auto& [key, nearest] : std::map<std::string, std::string>{
                 {"log.levl", "log.level"}, {"plugin.path", "plugins.path"}, {"listen", ""}})
        {
            const auto file = _scenario.host.write("muster.properties", key + " = x\n");
            const auto finished = _scenario.host.muster({"tenants", "--config", file});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
            says(finished, file + ": " + key + " is no key here: ");
            says(finished, nearest.empty() ? "there is http.listen" : "mean '" + nearest + "'?");
        }
    }

    void takesTheConfigurationThatIsShipped()
    {
        _scenario.host.json({"tenants", "--config", MUSTER_SOURCE_DIR "/config/muster.properties"});
    }

    void endsWith2ForAWrongCommandLine()
    {
        for (const auto& arguments : std::vector<std::vector<std::string>>{
                 {}, {"snyc"}, {"sync", "--aprove"}, {"sync", "--plan", "two"}, {"run"}, {"why"}})
        {
            const auto finished = _scenario.host.muster(arguments);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 2, finished.exitCode);
            CPPUNIT_ASSERT_MESSAGE(finished.describe(), !finished.errors.empty());
        }
    }
    void endsWith2ForAnUnknownName()
    {
        for (const auto& arguments :
             std::vector<std::vector<std::string>>{{"sync", "contoso"},
                                                   {"plan", "contoso"},
                                                   {"run", "77"},
                                                   {"sync", "--plan", "77"},
                                                   {"groups", "fabrikam"},
                                                   {"check", "--target", "dask"},
                                                   {"why", "desk", "nobody@contoso.example"}})
        {
            const auto finished = _scenario.host.muster(arguments);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 2, finished.exitCode);
            CPPUNIT_ASSERT_MESSAGE(finished.describe(), !finished.errors.empty());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BadInputTest);

} // namespace muster::integration
