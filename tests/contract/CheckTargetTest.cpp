#include "SandboxServer.h"
#include "support/Child.h"
#include "support/FreshTest.h"
#include "support/Sanitized.h"
#include "support/TemporaryDirectory.h"
#include "support/TextFile.h"

#include <muster/testing/ContractSuite.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace muster;
using testing::Json;

namespace {

const std::string kPrograms = MUSTER_BINARY_DIR "/bin/";
const std::string kPlugins = MUSTER_BINARY_DIR "/tests/plugins/targets/";
const std::string kTemplate = MUSTER_SOURCE_DIR "/sdk/template/";

} // namespace

/// muster-target-check, and the checks that authors build, against plugins that are wrong in one
/// way each (broken/Broken.cpp).
class CheckTargetTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CheckTargetTest);
    FRESH_TEST(keepsSilentAboutThePluginOfTheTemplate);
    FRESH_TEST(skipsWhatNeedsASystemWhenThereIsNone);
    FRESH_TEST(triesAPluginThatSendsNothingWithoutASystem);
    FRESH_TEST(triesAPluginWithASystemBehindAUrl);
    FRESH_TEST(triesTicketsThatATrialNames);
    FRESH_TEST(namesEachRuleThatIsBroken);
    FRESH_TEST(tellsWhereTheRuleIsWrittenAndExplained);
    FRESH_TEST(showsTheHelpThatIsThere);
    FRESH_TEST(saysACauseOnce);
    FRESH_TEST(namesSomeOfTheSymbolsThatAreTooMany);
    FRESH_TEST(findsALibraryInTheFolderWhereItIs);
    FRESH_TEST(saysInOneMessageThatALibraryCannotBeLoaded);
    FRESH_TEST(stopsWhereTheCheckOfThePluginFindsAnError);
    FRESH_TEST(writesIntoNoSystemWithoutAScope);
    FRESH_TEST(retiresWhatItMadeInASystemThatLivesOn);
    FRESH_TEST(survivesAPluginThatCrashes);
    FRESH_TEST(survivesAPluginThatEndsTheProcess);
    FRESH_TEST(survivesAPluginThatHangs);
    FRESH_TEST(catchesWhatAPluginThrows);
    FRESH_TEST(hearsWhatAPluginPrints);
    FRESH_TEST(refusesWrongUsage);
    FRESH_TEST(refusesFilesThatAreWrong);
    FRESH_TEST(refusesTheManifestsThatMusterRefuses);
    FRESH_TEST(refusesSettingsAndScopeThatTheSchemaRefuses);
    FRESH_TEST(saysThatTheSandboxIsNotReachable);
    FRESH_TEST(listsTheRules);
    FRESH_TEST(explainsItself);
    CPPUNIT_TEST_SUITE_END();

public:
    void keepsSilentAboutThePluginOfTheTemplate()
    {
        const auto report = check("");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(report.dump(2), size_t{0}, report["broken"].get<size_t>());
        CPPUNIT_ASSERT_EQUAL(size_t{0}, report["skipped"].get<size_t>());
        CPPUNIT_ASSERT_EQUAL(0, _exitCode);
    }

    void skipsWhatNeedsASystemWhenThereIsNone()
    {
        const auto report =
            json(run({kPrograms + "muster-target-check", kPlugins + "acme-desk.so", "--json"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(report.dump(2), 0, _exitCode);
        const auto skipped = find(report, "readsBackWhatItMade");
        CPPUNIT_ASSERT_EQUAL(std::string("skipped"), skipped["state"].get<std::string>());
        CPPUNIT_ASSERT(skipped["problem"].get<std::string>().find("--sandbox") !=
                       std::string::npos);
        CPPUNIT_ASSERT_EQUAL(
            std::string("kept"),
            find(report, "namesTheCredentialThatIsRefused")["state"].get<std::string>());
    }

    void triesAPluginThatSendsNothingWithoutASystem()
    {
        const auto report =
            json(run({kPrograms + "muster-target-check", kPlugins + "memory.so", "--json"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(report.dump(2), 0, _exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t{0}, report["skipped"].get<size_t>());
    }

    /// The sandbox lives on from rule to rule.
    void triesAPluginWithASystemBehindAUrl()
    {
        sandbox::SandboxServer server;
        const auto report = json(checkDesk(server, {"--scope", R"({"account":42})", "--json"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(report.dump(2), 0, _exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t{0}, report["skipped"].get<size_t>());
        CPPUNIT_ASSERT(report.dump().find("sandbox-key") == std::string::npos);
    }

    void triesTicketsThatATrialNames()
    {
        sandbox::SandboxServer server;
        server.seedDeskDirector(Json::parse(R"({
            "boards": [{"id": 3, "name": "Syncs"}],
            "statuses": [{"id": 12, "name": "In progress", "boardId": 3},
                         {"id": 14, "name": "Closed", "boardId": 3},
                         {"id": 21, "name": "Granted", "boardId": 3}],
            "tickets": [{"id": 900, "boardId": 3, "statusId": 21,
                         "form": [{"fields": [{"identifier": "mode", "name": "Mode"}]}]}]})"));
        const tests::TextFile trial(R"({"tickets": {"id": "900", "field": "mode", "settings":
            {"requests": {"boardId": 3, "inProgressStatusId": 12, "closedStatusId": 14,
                          "grantedStatusId": 21, "declinedStatusId": 22}}}})");
        const auto report = json(
            checkDesk(server, {"--scope", R"({"account":42})", "--trial", trial.path(), "--json"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(report.dump(2), 0, _exitCode);
        CPPUNIT_ASSERT(report.dump().find("changesATicketAsItIsTold") != std::string::npos);
    }

    void namesEachRuleThatIsBroken()
    {
        const struct
        {
            const char* fault;
            const char* rule; ///< the case
            const char* problem;
        } kFaults[] = {
            {"forgets-an-outcome", "readsBackWhatItMade",
             "apply gave MUSTER_OK and said 0 outcomes for the change"},
            {"says-outcomes-twice", "readsBackWhatItMade", "2 outcomes for the change"},
            {"says-no-reason", "refusesWhatItsManifestDoesNotOffer", "does not say why"},
            {"says-no-remote-id", "readsBackWhatItMade", "a record without remoteId"},
            {"gives-up", "triesAgainLaterWhenThrottled", "with 429 to every request"},
            {"says-no-text", "readsBackWhatItMade", "makes no sense"},
            {"says-half-a-line", "readsBackWhatItMade", "makes no sense"},
            {"sends-in-create", "opensNoConnectionWhenItIsMade", "create sends a request"},
            {"takes-bad-settings", "namesTheSettingThatIsBad", "it takes"},
            {"names-no-setting", "namesTheSettingThatIsBad", "it names \"\""},
            {"changes-in-check", "changesNothingInACheck", "a check changed something"},
            {"says-another-id", "readsBackWhatItMade",
             "an outcome for id 4711, which is none of the batch"},
            {"says-no-record", "leadsToTheSameStateWhenABatchComesAgain",
             "a create that is applied says no record"},
            {"loses-its-head", "readsBackWhatItMade",
             "apply gave MUSTER_RETRY (the answer has no id: field 7)"},
            {"changes-keys", "readsBackWhatItMade",
             "of the kind contact it says the keys someone@else.example"},
            {"loses-fields", "keepsTheFieldsItIsGiven", "was made with lastName"},
            {"garbles-phones", "keepsTheFieldsItIsGiven", "was made with phone"},
            {"forgets-titles", "keepsTheFieldsItIsGiven", "was made with title"},
            {"never-updates", "readsBackWhatItUpdated", "was updated with"},
            {"hides-retired", "readsBackWhatItRetired", "was retired, and read says"},
            {"never-retires", "readsBackWhatItRetired", "was retired, and read says"},
            {"never-activates", "readsBackWhatItRetired", "was activated after"},
            {"hides-links", "readsBackTheLinksItMade", "read says 0 links between them"},
            {"makes-no-link", "readsBackTheLinksItMade", "read says 0 links between them"},
            {"keeps-links", "readsBackTheLinksItMade", "which should not be there"},
            {"says-one-role", "readsBackTheLinksItMade", "should have the role manager"},
            {"keeps-the-first-role", "readsBackTheLinksItMade", "should have the role regular"},
            {"hides-failures", "triesAgainLaterAfterServerErrors", "read gives status 0"},
            {"has-another-id", "isWhatItsManifestSays", "the library is other"},
            {"is-newer", "isWhatItsManifestSays", "it was built for version 1."},
            {"has-no-read", "isWhatItsManifestSays", "lacks a function"},
        };
        for (const auto& one : kFaults)
        {
            const auto report = check(one.fault);
            const auto what = std::string(one.fault) + ": " + report.dump(2);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, 1, _exitCode);
            const auto broken = find(report, one.rule);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string("broken"),
                                         broken["state"].get<std::string>());
            CPPUNIT_ASSERT_MESSAGE(what, broken["problem"].get<std::string>().find(one.problem) !=
                                             std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(what, broken["rule"].get<std::string>().find("target.h") == 0);
        }
    }

    /// Every rule has its heading in the README, and the places it names in target.h are there.
    void tellsWhereTheRuleIsWrittenAndExplained()
    {
        const auto text = run(command("--list"));
        const auto readme = tests::readFile(MUSTER_SOURCE_DIR "/sdk/README.md");
        std::istringstream lines(text);
        size_t count = 0;
        for (std::string name; std::getline(lines, name);)
            if (name != "callsATitleJobTitle")
            {
                ++count;
                CPPUNIT_ASSERT_MESSAGE(name,
                                       readme.find("\n### " + name + "\n") != std::string::npos);
            }
        CPPUNIT_ASSERT(count > 15);
        const auto report = check("changes-keys");
        CPPUNIT_ASSERT(find(report, "readsBackWhatItMade")["rule"].get<std::string>().find(
                           "Keys.h") != std::string::npos);
    }

    void showsTheHelpThatIsThere()
    {
        const std::string help = find(check("changes-keys"), "readsBackWhatItMade")["help"];
        const auto anchor = help.find('#');
        CPPUNIT_ASSERT_EQUAL(std::string("#readsbackwhatitmade"), help.substr(anchor));
        CPPUNIT_ASSERT_MESSAGE(help, std::filesystem::exists(help.substr(0, anchor)));
    }

    void saysACauseOnce()
    {
        const auto text = run({kPrograms + "acme-desk-check", kPlugins + "broken.so", "--manifest",
                               kTemplate + "plugin.json", "--trial", kTemplate + "trial.json"},
                              {{"MUSTER_BROKEN", "loses-its-head"}});
        const std::string cause = "the answer has no id: field 7";
        const auto first = text.find(cause);
        CPPUNIT_ASSERT_MESSAGE(text, first != text.npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find(cause, first + 1) == text.npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("BROKEN   readsBackWhatItMade\n"
                                               "         as above: changesNothingInACheck\n") !=
                                         text.npos);
    }

    void namesSomeOfTheSymbolsThatAreTooMany()
    {
        const tests::TextFile manifest(
            R"({"id":"many","name":"Many","version":"1","abi":"1.3","records":{"contact":[]}})");
        const auto report = json(run({kPrograms + "muster-target-check", kPlugins + "many.so",
                                      "--manifest", manifest.path(), "--json"}));
        const auto broken = find(report, "exportsOneSymbol");
        CPPUNIT_ASSERT_MESSAGE(broken.dump(), broken.dump().find("helper_") != std::string::npos);
        // A sanitizer adds symbols of its own.
        const auto rest = testing::kIsSanitized ? " more" : " and 2 more";
        CPPUNIT_ASSERT_MESSAGE(broken.dump(), broken.dump().find(rest) != std::string::npos);
        CPPUNIT_ASSERT(broken["rule"].get<std::string>().find("lib/cmake/MusterSDK/target.map") !=
                       std::string::npos);
        CPPUNIT_ASSERT_EQUAL(1, _exitCode);
    }

    void findsALibraryInTheFolderWhereItIs()
    {
        const auto text =
            run({"/bin/sh", "-c",
                 "cd " + kPlugins + " && " + kPrograms + "muster-target-check memory.so --json"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 0, _exitCode);
    }

    void saysInOneMessageThatALibraryCannotBeLoaded()
    {
        const tests::TextFile library("no library");
        const auto text = run({kPrograms + "muster-target-check", library.path(), "--manifest",
                               kTemplate + "plugin.json"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 78, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(text, text.rfind("The library cannot be loaded: ", 0) == 0);
        CPPUNIT_ASSERT_EQUAL(text.size() - 1, text.find('\n'));
    }

    void stopsWhereTheCheckOfThePluginFindsAnError()
    {
        sandbox::SandboxServer server;
        auto text = checkDesk(server, {"--scope", R"({"account":77})"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 78, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("its check says: ") != text.npos &&
                                         text.find("account 77") != text.npos);
        text = checkDesk(server, {"--scope", R"({"account":42})"}, "another-key");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 78, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("apiKey") != text.npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("another-key") == text.npos);
        CPPUNIT_ASSERT_EQUAL(size_t{0}, contacts(server).size());
    }

    void writesIntoNoSystemWithoutAScope()
    {
        sandbox::SandboxServer server;
        const auto text = checkDesk(server, {});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 2, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("--scope") != text.npos);
        checkDesk(server, {"--scope", "42"});
        CPPUNIT_ASSERT_EQUAL(2, _exitCode);
    }

    void retiresWhatItMadeInASystemThatLivesOn()
    {
        sandbox::SandboxServer server;
        server.seedDeskDirector({{"contacts",
                                  {{{"id", 4711},
                                    {"companyId", 42},
                                    {"email", "bo@contoso.example"},
                                    {"firstName", "Bo"},
                                    {"lastName", "Ek"},
                                    {"active", true}}}}});
        for (int run = 0; run < 2; ++run)
        {
            const auto text = checkDesk(server, {"--scope", R"({"account":42})"});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 0, _exitCode);
            const auto all = contacts(server);
            CPPUNIT_ASSERT(all.size() > 40);
            for (const auto& contact : all)
                CPPUNIT_ASSERT_EQUAL_MESSAGE(contact.dump(), contact["id"] == 4711,
                                             contact["active"].get<bool>());
        }
    }

    void survivesAPluginThatCrashes()
    {
        const auto report = check("crashes");
        CPPUNIT_ASSERT_EQUAL(1, _exitCode);
        // A sanitizer tells of it and ends the process by itself.
        assertProblem(report, "readsBackWhatItMade",
                      testing::kIsSanitized ? "the plugin ended the process"
                                            : "the plugin crashed: Segmentation fault");
        assertKept(report, "exportsOneSymbol");
        assertKept(report, "namesTheSettingThatIsBad");
    }

    void survivesAPluginThatEndsTheProcess()
    {
        assertProblem(check("ends-the-process"), "readsBackWhatItMade",
                      "the plugin ended the process with exit code 0");
    }

    void survivesAPluginThatHangs()
    {
        const auto report = check("hangs", {"--patience", "1"});
        assertProblem(report, "changesNothingInACheck",
                      "the plugin did not come back within 1000 ms");
        assertKept(report, "readsBackWhatItMade");
    }

    void catchesWhatAPluginThrows()
    {
        assertProblem(check("throws"), "readsBackWhatItMade",
                      "an exception leaves the plugin: thrown");
    }

    void hearsWhatAPluginPrints()
    {
        assertProblem(check("prints"), "readsBackWhatItMade",
                      "the plugin writes to stdout: reading");
    }

    void refusesWrongUsage()
    {
        run({kPrograms + "muster-target-check"});
        CPPUNIT_ASSERT_EQUAL(2, _exitCode);
        run(command("--unheard"));
        CPPUNIT_ASSERT_EQUAL(2, _exitCode);
        run(command("--only", "unheard"));
        CPPUNIT_ASSERT_EQUAL(2, _exitCode);
    }

    void refusesFilesThatAreWrong()
    {
        const auto missing = run({kPrograms + "muster-target-check", "/nowhere/none.so"});
        CPPUNIT_ASSERT_EQUAL(78, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(missing, missing.find("none.json") != std::string::npos);
        const tests::TextFile trial(R"({"setings":{}})");
        const auto unknown = run(command("--trial", trial.path()));
        CPPUNIT_ASSERT_EQUAL(78, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(unknown,
                               unknown.find("\"setings\" is not known") != std::string::npos);
    }

    void refusesTheManifestsThatMusterRefuses()
    {
        const auto good = Json::parse(tests::readFile(kTemplate + "plugin.json"));
        const struct
        {
            const char* place;
            Json value;
            const char* says;
        } kWrong[] = {
            {"/records/contact/0", "delete", "delete is not one of create, update"},
            {"/colour", "red", "\"colour\" is not known"},
            {"/origins/0", "adress", "names the setting adress"},
            {"/links/0/to", "team", "\"links\" names contact and team"},
            {"/credentials/0/format", "Bearer", "must hold {}"},
            {"/credentials/0/setting", "key", "names the setting key"},
            {"/settings", nullptr, "\"settings\""},
            {"/settings/properties/site/type", "strng", "the schema cannot be used"},
        };
        for (const auto& one : kWrong)
        {
            auto manifest = good;
            manifest[Json::json_pointer(one.place)] = one.value;
            assertRefused({"--manifest", tests::TextFile(manifest.dump()).path()}, one.says);
        }
        const tests::TextFile cut("{\n  \"id\": \"acme-desk\",\n  name");
        assertRefused({"--manifest", cut.path()}, "line 3, column ");
    }

    void refusesSettingsAndScopeThatTheSchemaRefuses()
    {
        const tests::TextFile settings(R"({"site":"desk.example","apiKey":"k"})");
        assertRefused({"--settings", settings.path()}, "settings, site: does not have the right");
        assertRefused({"--scope", R"({"company":0})"}, "scope, company: must be at least 1");
        const tests::TextFile trial(R"({"badSettings":[{"change":{"site":7},"setting":"site"}]})");
        assertRefused({"--trial", trial.path()}, "badSettings");
    }

    void saysThatTheSandboxIsNotReachable()
    {
        const auto text = run(command("--sandbox", "http://127.0.0.1:1"));
        CPPUNIT_ASSERT_EQUAL(75, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("http://127.0.0.1:1") != std::string::npos);
    }

    void listsTheRules()
    {
        const auto text = run(command("--list"));
        CPPUNIT_ASSERT_MESSAGE(text, text.find("exportsOneSymbol\n") == 0);
        CPPUNIT_ASSERT_EQUAL(0, _exitCode);
    }

    void explainsItself()
    {
        const auto text = run({kPrograms + "muster-target-check", "--help"});
        CPPUNIT_ASSERT_EQUAL(0, _exitCode);
        for (const auto* word : {"--sandbox", "--trial", "--readme", "Exit codes"})
            CPPUNIT_ASSERT_MESSAGE(word, text.find(word) != std::string::npos);
    }

private:
    static Json json(const std::string& text)
    {
        const auto json = Json::parse(text, nullptr, false);
        CPPUNIT_ASSERT_MESSAGE(text, json.is_object());
        return json;
    }

    static Json find(const Json& report, const std::string& name)
    {
        for (const auto& one : report["cases"])
            if (one["name"] == name)
                return one;
        CPPUNIT_FAIL("no case " + name + " in " + report.dump(2));
    }

    static void assertProblem(const Json& report, const std::string& name,
                              const std::string& problem)
    {
        const auto text = find(report, name).value("problem", "");
        CPPUNIT_ASSERT_MESSAGE(report.dump(2), text.rfind(problem, 0) == 0);
    }

    static void assertKept(const Json& report, const std::string& name)
    {
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), find(report, name)["state"].get<std::string>());
    }

    static std::vector<std::string> command(const std::string& option,
                                            const std::string& value = {})
    {
        std::vector<std::string> words{kPrograms + "acme-desk-check", kPlugins + "acme-desk.so",
                                       option};
        if (!value.empty())
            words.push_back(value);
        return words;
    }

    void assertRefused(const std::vector<std::string>& options, const std::string& problem)
    {
        std::vector<std::string> words{kPrograms + "acme-desk-check", kPlugins + "acme-desk.so"};
        words.insert(words.end(), options.begin(), options.end());
        const auto text = run(words);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 78, _exitCode);
        CPPUNIT_ASSERT_MESSAGE(problem + " is not in: " + text, text.find(problem) != text.npos);
    }

    static Json contacts(const sandbox::SandboxServer& server)
    {
        return Json::parse(server.deskDirector().dump())["contacts"];
    }

    /// What muster-target-check says of the target of DeskDirector with a sandbox behind a URL.
    std::string checkDesk(const sandbox::SandboxServer& server,
                          const std::vector<std::string>& more,
                          const std::string& key = "sandbox-key")
    {
        const tests::TextFile settings(Json{{"apiKey", key}}.dump());
        std::vector<std::string> words{kPrograms + "muster-target-check",
                                       MUSTER_BINARY_DIR "/lib/muster/targets/deskdirector.so",
                                       "--settings",
                                       settings.path(),
                                       "--sandbox",
                                       server.baseUrl()};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    /// The report on the template's target with a fault; an empty one: without.
    Json check(const std::string& fault, std::vector<std::string> more = {})
    {
        std::vector<std::string> words{kPrograms + "acme-desk-check",
                                       kPlugins + (fault.empty() ? "acme-desk.so" : "broken.so"),
                                       "--manifest",
                                       kTemplate + "plugin.json",
                                       "--trial",
                                       kTemplate + "trial.json",
                                       "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return json(run(words, {{"MUSTER_BROKEN", fault}}));
    }

    /// What a program says, on stdout and stderr.
    std::string run(const std::vector<std::string>& words,
                    const std::map<std::string, std::string>& variables = {})
    {
        const auto output = _directory / "output";
        tests::Child child(words, output, variables);
        child.wait();
        _exitCode = child.exitCode();
        return tests::readFile(output);
    }

    tests::TemporaryDirectory _directory;
    int _exitCode = -1;
};

CPPUNIT_TEST_SUITE_REGISTRATION(CheckTargetTest);
