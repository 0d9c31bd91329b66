#include "Scenario.h"
#include "Service.h"
#include "support/FreshTest.h"
#include "support/Skipped.h"
#include "support/SocketActivation.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace muster::integration {

/// A target plugin of somebody else, in a folder of plugins.path, beside the one that came with
/// Muster.
class PluginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginTest);
    FRESH_TEST(isPartialWhenAPluginCrashesOverAChange);
    FRESH_TEST(runsPluginsAsUsersOfTheirOwnByASocket);
    FRESH_TEST(disablesATargetThatGoesOnCrashingUntilItIsEnabled);
    FRESH_TEST(holdsAPluginWhoseFilesChanged);
    FRESH_TEST(refusesAPluginThatOthersMayChange);
    FRESH_TEST(endsTheChildrenOfAServiceThatIsKilled);
    FRESH_TEST(leavesOutPluginsOfOthersAfterThreeCrashesOfTheService);
    CPPUNIT_TEST_SUITE_END();

public:
    PluginTest()
    {
        const std::filesystem::path folder = _scenario.host.directory() / "plugins/targets";
        std::filesystem::create_directories(folder);
        _library = folder / "hostile.so";
        _manifest = folder / "hostile.json";
        std::filesystem::copy_file(MUSTER_BINARY_DIR "/tests/plugins/targets/hostile.so", _library);
        std::filesystem::copy_file(MUSTER_SOURCE_DIR "/tests/contract/hostile/plugin.json",
                                   _manifest);
        _line = "plugins.path = " + (_scenario.host.directory() / "plugins") + "\n";
        _properties = _scenario.host.write("plugins.properties", _line);
    }

    void isPartialWhenAPluginCrashesOverAChange()
    {
        start("crash-at");
        const auto runs = sync(1);
        const auto& other = runs.at("other");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(other.dump(), std::string("partial"),
                                     other.at("state").get<std::string>());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(runs.at("contoso-groups").dump(), std::string("succeeded"),
                                     runs.at("contoso-groups").at("state").get<std::string>());
        const auto shown = json({"run", std::to_string(other.at("id").get<int>())}).dump();
        for (const char* const part : {"plugin hostile", "create contact zoe.crash@contoso.example",
                                       "the plugin crashed (signal 6"})
            CPPUNIT_ASSERT_MESSAGE(shown, shown.find(part) != shown.npos);
        _scenario.isRight();
    }

    void runsPluginsAsUsersOfTheirOwnByASocket()
    {
        if (::geteuid() != 0)
            throw tests::Skipped("only root can start processes of another user");
        const std::string user = "65534";
        const tests::SocketActivation activation(
            {"/usr/bin/setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"});
        for (auto folder = _library.parent_path(); folder != _scenario.host.directory().path();
             folder = folder.parent_path())
            std::filesystem::permissions(folder, kForAll);
        std::filesystem::permissions(_scenario.host.directory().path(), kForAll);
        _properties = _scenario.host.write(
            "plugins.properties", _line + "plugins.socket = " + activation.socket() + "\n");
        start("user", "check");
        const auto checked = muster({"check", "--target", "hostile"});
        CPPUNIT_ASSERT_MESSAGE(checked.describe() + activation.log(),
                               checked.output.find("user " + user) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("user"),
                             json({"plugins"}).at("isolation").get<std::string>());
        const auto run = byName(json({"sync", "other"})).at("other");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                     run.at("state").get<std::string>());
    }

    void disablesATargetThatGoesOnCrashingUntilItIsEnabled()
    {
        start("crash-at");
        sync(1);
        const auto last = sync(78).at("other");
        CPPUNIT_ASSERT_MESSAGE(last.dump(),
                               last.dump().find("--enable hostile") != std::string::npos);
        auto target = json({"plugins"}).at("targets").at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("disabled"), target.at("state").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(5, target.at("crashes").get<int>());
        const auto checked = muster({"check", "--target", "hostile"});
        CPPUNIT_ASSERT_MESSAGE(checked.describe(),
                               checked.output.find("--enable hostile") != std::string::npos);
        CPPUNIT_ASSERT(json({"plugins", "--enable", "hostile"}).at("targets").empty());
        const auto again = sync(1).at("other");
        CPPUNIT_ASSERT_EQUAL(std::string("partial"), again.at("state").get<std::string>());
        CPPUNIT_ASSERT_MESSAGE(again.dump(),
                               again.dump().find("crashed (signal 6") != std::string::npos);
    }

    void holdsAPluginWhoseFilesChanged()
    {
        start("");
        sync(0);
        std::ofstream(_manifest, std::ios::app) << "\n";
        const auto held = sync(78).at("other");
        CPPUNIT_ASSERT_MESSAGE(held.dump(), held.dump().find("muster plugins --trust hostile") !=
                                                std::string::npos);
        json({"plugins", "--trust", "hostile"});
        sync(0);
    }

    void refusesAPluginThatOthersMayChange()
    {
        namespace fs = std::filesystem;
        fs::permissions(_library, fs::perms::others_write, fs::perm_options::add);
        const auto plugins = json({"plugins"}).dump();
        CPPUNIT_ASSERT_MESSAGE(plugins,
                               plugins.find("take that away (chmod go-w)") != plugins.npos);
    }

    void endsTheChildrenOfAServiceThatIsKilled()
    {
        start("");
        Service service(_scenario.host, _line);
        sync(0, nullptr);
        const auto children = runners();
        CPPUNIT_ASSERT_EQUAL(size_t{2}, children.size());
        service.signal(SIGKILL);
        service.wait();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (isAnyThere(children))
        {
            CPPUNIT_ASSERT_MESSAGE("a child outlives its host",
                                   std::chrono::steady_clock::now() < until);
            std::this_thread::yield();
        }
    }

    void leavesOutPluginsOfOthersAfterThreeCrashesOfTheService()
    {
        for (int i = 0; i < 3; ++i)
        {
            Service service(_scenario.host, _line);
            service.signal(SIGKILL);
            service.wait();
        }
        {
            Service service(_scenario.host, _line);
            CPPUNIT_ASSERT(service.log().find("safe mode") != std::string::npos);
            const auto plugins = json({"plugins"}, nullptr).dump();
            CPPUNIT_ASSERT_MESSAGE(plugins, plugins.find("safe mode: the service crashed three") !=
                                                plugins.npos);
            service.signal(SIGTERM);
            CPPUNIT_ASSERT_EQUAL(0, service.wait());
        }
        Service service(_scenario.host, _line);
        CPPUNIT_ASSERT(json({"plugins"}, nullptr).dump().find("safe mode") == std::string::npos);
    }

private:
    static constexpr auto kForAll = std::filesystem::perms(0755);

    void start(const std::string& deed, const std::string& function = "apply")
    {
        auto ops = contoso::tenant(6, 2, 3);
        ops.push_back(contoso::changePerson(2, {{"mail", "zoe.crash@contoso.example"}}));
        _scenario.start(ops);
        auto text = _scenario.estate.text();
        const auto put = [&](const std::string& before, const std::string& more) {
            const auto place = text.find(before);
            CPPUNIT_ASSERT(place != text.npos);
            text.insert(place, more);
        };
        put("      desk: all", "      hostile: all\n");
        put("syncs:\n", "  - name: hostile\n"
                        "    plugin: hostile\n"
                        "    settings: {in: " +
                            function + ", deed: \"" + deed + "\"}\n");
        text += "  - name: other\n"
                "    tenant: contoso\n"
                "    target: hostile\n"
                "    mode: contacts\n"
                "    scope: {account: 7}\n";
        const auto applied = muster({"apply", _scenario.host.write("both.yaml", text)});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(applied.describe(), 0, applied.exitCode);
    }

    std::vector<std::string> with(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), {"--config", _properties});
        return arguments;
    }

    Finished muster(const std::vector<std::string>& arguments) const
    {
        return _scenario.host.muster(with(arguments));
    }

    Json json(const std::vector<std::string>& arguments) const
    {
        return _scenario.host.json(with(arguments));
    }

    /// Of a service, which has its own configuration.
    Json json(const std::vector<std::string>& arguments, std::nullptr_t) const
    {
        return _scenario.host.json(arguments);
    }

    /// The runs of all syncs by the name of the sync.
    std::map<std::string, Json> byName(const Json& document) const
    {
        std::map<std::string, Json> runs;
        for (const auto& run : document.at("runs"))
            runs[run.at("sync").get<std::string>()] = run;
        return runs;
    }

    std::map<std::string, Json> sync(int exitCode)
    {
        return byName(_scenario.host.json(with({"sync"}), exitCode));
    }

    std::map<std::string, Json> sync(int exitCode, std::nullptr_t)
    {
        return byName(_scenario.host.json({"sync"}, exitCode));
    }

    /// The processes that hold target plugins of this test's service.
    std::vector<std::filesystem::path> runners() const
    {
        std::vector<std::filesystem::path> found;
        const std::string data = _scenario.host.data();
        for (const auto& entry : std::filesystem::directory_iterator("/proc"))
        {
            const auto status = tests::readFile(entry.path() / "status");
            if (status.rfind("Name:\tmuster-target-r", 0) != 0)
                continue;
            const auto place = status.find("PPid:\t") + 6;
            const auto parent = status.substr(place, status.find('\n', place) - place);
            if (tests::readFile("/proc/" + parent + "/cmdline").find(data) != std::string::npos)
                found.push_back(entry.path());
        }
        return found;
    }

    static bool isAnyThere(const std::vector<std::filesystem::path>& processes)
    {
        return std::any_of(processes.begin(), processes.end(),
                           [](const auto& process) { return std::filesystem::exists(process); });
    }

    Scenario _scenario;
    std::filesystem::path _library;
    std::filesystem::path _manifest;
    std::string _line;
    std::string _properties;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginTest);

} // namespace muster::integration
