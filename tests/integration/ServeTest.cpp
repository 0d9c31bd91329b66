#include "Scenario.h"
#include "Service.h"
#include "http/HttpClient.h"
#include "support/FreshTest.h"

#include <csignal>
#include <filesystem>
#include <future>
#include <sys/stat.h>
#include <thread>

namespace muster::integration {

/// The service, and the commands that talk to it.
class ServeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ServeTest);
    FRESH_TEST(commandsAnswerTheSameWithAndWithoutTheService);
    FRESH_TEST(commandsReallyGoToTheService);
    FRESH_TEST(syncsThroughTheService);
    FRESH_TEST(socketIsForItsOwnerOnly);
    FRESH_TEST(httpNeedsATokenThatWasNotRemoved);
    FRESH_TEST(healthMetricsAndDescriptionNeedNone);
    FRESH_TEST(httpAnswersProblems);
    FRESH_TEST(sigtermEndsItWithinTenSecondsWhileASyncRuns);
    FRESH_TEST(killedServiceLeavesNothingInTheWay);
    FRESH_TEST(secondServiceIsRefused);
    FRESH_TEST(sighupKeepsTheOldConfigurationWhenTheNewIsWrong);
    FRESH_TEST(refusesToListenToTheWorld);
    FRESH_TEST(runsWhatIsDueAndFollowsTheDirectory);
    FRESH_TEST(readsTheGroupsOfATenantThatNoSyncRuns);
    FRESH_TEST(refusesAPortThatIsTaken);
    FRESH_TEST(sighupRefusesAWrongTime);
    FRESH_TEST(logsLinesOfJson);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;
    http::HttpClient _client{{}};

    static void eventually(const std::string& what, const std::function<bool()>& isSo)
    {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!isSo())
        {
            CPPUNIT_ASSERT_MESSAGE(what, std::chrono::steady_clock::now() < until);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    void start()
    {
        _scenario.estate.syncs.front().more = "    schedule: manual\n";
        _scenario.start(contoso::tenant(10, 4, 4));
    }

    http::HttpResponse get(const Service& service, const std::string& path,
                           const std::string& token = {})
    {
        http::HttpRequest request{.url = service.url() + path};
        if (!token.empty())
            request.headers["Authorization"] = "Bearer " + token;
        return _client.send(request, runtime::Cancellation());
    }

    const Installation& host() const { return _scenario.host; }

public:
    void commandsAnswerTheSameWithAndWithoutTheService()
    {
        start();
        _scenario.sync();
        const std::vector<std::vector<std::string>> commands{{"tenants"},
                                                             {"groups", "contoso"},
                                                             {"runs"},
                                                             {"run", "1"},
                                                             {"why", "desk", "Team 1"},
                                                             {"plugins"},
                                                             {"secret", "list"},
                                                             {"run", "99"},
                                                             {"groups", "nobody"}};
        const auto answers = [&] {
            std::string text;
            for (auto command : commands)
            {
                for (const bool json : {false, true})
                {
                    if (json)
                        command.push_back("--json");
                    const auto finished = host().muster(command);
                    text += finished.describe() + "\n";
                }
            }
            return text;
        };
        const auto alone = answers();
        const Service service(host());
        CPPUNIT_ASSERT_EQUAL(alone, answers());
    }

    void commandsReallyGoToTheService()
    {
        start();
        const Service service(host());
        // Without it the lock would refuse them.
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"tenants"}).exitCode);
        std::filesystem::remove(host().data() + "/muster.sock");
        CPPUNIT_ASSERT_EQUAL(75, host().muster({"tenants"}).exitCode);
    }

    void syncsThroughTheService()
    {
        start();
        const Service service(host());
        _scenario.sync();
        _scenario.change(contoso::link("member+", 1, 9));
        CPPUNIT_ASSERT_EQUAL(Json(1), onlyRun(host().json({"sync"})).at("changes").at("applied"));
        _scenario.isRight();
    }

    void socketIsForItsOwnerOnly()
    {
        start();
        const Service service(host());
        struct stat status = {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat((host().data() + "/muster.sock").c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(0u, status.st_mode & 0177u);
    }

    void httpNeedsATokenThatWasNotRemoved()
    {
        start();
        const Service service(host());
        CPPUNIT_ASSERT_EQUAL(401, get(service, "/api/v1/tenants").status);
        CPPUNIT_ASSERT_EQUAL(401, get(service, "/api/v1/tenants", "muster_guess").status);
        const std::string token = host().json({"token", "add", "console"}).at("token");
        const auto tenants = get(service, "/api/v1/tenants", token);
        CPPUNIT_ASSERT_EQUAL(200, tenants.status);
        CPPUNIT_ASSERT_EQUAL(std::string("contoso"),
                             Json::parse(tenants.body)["tenants"][0]["name"].get<std::string>());
        CPPUNIT_ASSERT(host().muster({"token", "list"}).output.find(token) == std::string::npos);
        host().json({"token", "remove", "console"});
        CPPUNIT_ASSERT_EQUAL(401, get(service, "/api/v1/tenants", token).status);
    }

    void healthMetricsAndDescriptionNeedNone()
    {
        start();
        const Service service(host());
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(200, get(service, "/healthz").status);
        CPPUNIT_ASSERT_EQUAL(200, get(service, "/readyz").status);
        const auto metrics = get(service, "/metrics").body;
        for (const auto* line :
             {"muster_tenants 1\n",
              "muster_runs_total{sync=\"contoso-groups\",state=\"succeeded\"} 1\n"})
            CPPUNIT_ASSERT_MESSAGE(metrics, metrics.find(line) != metrics.npos);
        const auto description = Json::parse(get(service, "/api/v1/openapi.json").body);
        CPPUNIT_ASSERT_EQUAL(Json("3.1.0"), description.at("openapi"));
        for (const auto* path : {"/runs", "/runs/{id}", "/plans", "/tenants/{name}/groups"})
            CPPUNIT_ASSERT_MESSAGE(path, description.at("paths").contains(path));
    }

    void httpAnswersProblems()
    {
        start();
        const Service service(host());
        const std::string token = host().json({"token", "add", "console"}).at("token");
        const auto wrong = get(service, "/api/v1/runs/99", token);
        CPPUNIT_ASSERT_EQUAL(404, wrong.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"), wrong.header("content-type"));
        CPPUNIT_ASSERT(Json::parse(wrong.body).contains("detail"));
        CPPUNIT_ASSERT_EQUAL(404, get(service, "/elsewhere").status);
        const auto garbage = _client.send({.method = "POST",
                                           .url = service.url() + "/api/v1/plans",
                                           .headers = {{"Authorization", "Bearer " + token}},
                                           .body = "{"},
                                          runtime::Cancellation());
        CPPUNIT_ASSERT_EQUAL(400, garbage.status);
    }

    void sigtermEndsItWithinTenSecondsWhileASyncRuns()
    {
        start();
        _scenario.sandbox.addFault(
            {{"kind", "slow"}, {"match", {{"path", "/api/v4"}}}, {"delay", 1000}, {"times", -1}});
        Service service(host());
        auto sync = std::async(std::launch::async, [&] { return _scenario.trySync(); });
        while (_scenario.requests("deskdirector") < 3)
            std::this_thread::yield();
        service.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, service.wait(std::chrono::seconds(10)));
        CPPUNIT_ASSERT(sync.get().exitCode != 0);
        _scenario.sandbox.clearFaults();
        _scenario.sync();
        _scenario.isRight();
    }

    void killedServiceLeavesNothingInTheWay()
    {
        start();
        {
            Service service(host());
            service.signal(SIGKILL);
            CPPUNIT_ASSERT_EQUAL(-1, service.wait());
        }
        CPPUNIT_ASSERT(std::filesystem::exists(host().data() + "/muster.sock"));
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"tenants"}).exitCode);
        const Service again(host());
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"tenants"}).exitCode);
    }

    void secondServiceIsRefused()
    {
        start();
        const Service service(host());
        const auto second = host().muster({"serve"});
        CPPUNIT_ASSERT_EQUAL(75, second.exitCode);
        CPPUNIT_ASSERT_MESSAGE(second.errors, second.errors.find("another muster is working in") !=
                                                  std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"tenants"}).exitCode);
    }

    void sighupKeepsTheOldConfigurationWhenTheNewIsWrong()
    {
        start();
        const Service service(host());
        host().write("muster.properties", "log.level = loud\n");
        service.signal(SIGHUP);
        service.waitForLog("'loud' is no level");
        service.waitForLog("what was in force stays");
        CPPUNIT_ASSERT_EQUAL(200, get(service, "/readyz").status);
        host().write("muster.properties", "log.level = debug\n");
        service.signal(SIGHUP);
        service.waitForLog("the configuration was read again");
    }

    void refusesToListenToTheWorld()
    {
        start();
        const auto configuration = host().write("world.properties", "http.listen = 0.0.0.0:0\n");
        const auto refused = host().muster({"--config", configuration, "serve"});
        CPPUNIT_ASSERT_EQUAL(78, refused.exitCode);
        CPPUNIT_ASSERT_MESSAGE(refused.errors,
                               refused.errors.find("http.listen") != std::string::npos);
    }

    void runsWhatIsDueAndFollowsTheDirectory()
    {
        _scenario.estate.syncs.front().more = "    schedule: {every: 1h}\n";
        _scenario.start(contoso::tenant(10, 4, 4));
        const Service service(host(), "source.poll = 1s\n");
        const auto isRight = [&] {
            _scenario.expected.follow(_scenario.sandbox.world(contoso::kTenant));
            return _scenario.expected.state() == _scenario.desk();
        };
        eventually("nothing ran by itself\n" + service.log(), isRight);
        _scenario.change(contoso::link("member+", 1, 9));
        eventually("the change was not followed\n" + service.log(), isRight);
        const auto schedule = service.log();
        CPPUNIT_ASSERT_MESSAGE(schedule, schedule.find("run 1 succeeded") != std::string::npos);
    }

    void readsTheGroupsOfATenantThatNoSyncRuns()
    {
        start(); // its sync is manual
        const Service service(host());
        eventually("nothing read the groups\n" + service.log(),
                   [&] { return _scenario.route("graph.groups.delta") > 0; });
        CPPUNIT_ASSERT_EQUAL(size_t(0), _scenario.requests("deskdirector"));
    }

    void refusesAPortThatIsTaken()
    {
        start();
        const Service first(host());
        const auto taken = first.url().substr(std::string("http://").size());
        const auto file = host().write("taken.properties", "http.listen = " + taken + "\n");
        Installation other;
        const auto finished = other.muster({"--config", file, "serve"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.errors.find("http.listen") != std::string::npos);
    }

    void sighupRefusesAWrongTime()
    {
        start();
        const Service service(host());
        host().write("muster.properties", "source.poll = often\n");
        service.signal(SIGHUP);
        service.waitForLog("source.poll: 'often' is no time");
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"tenants"}).exitCode);
    }

    void logsLinesOfJson()
    {
        start();
        const Service service(host(), "log.format = json\n");
        const auto log = service.log();
        const auto line = Json::parse(log.substr(0, log.find('\n')));
        CPPUNIT_ASSERT_EQUAL(Json("information"), line.at("level"));
        CPPUNIT_ASSERT_MESSAGE(log, line.at("message").get<std::string>().find("serving on ") == 0);
        CPPUNIT_ASSERT(line.contains("time"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServeTest);

} // namespace muster::integration
