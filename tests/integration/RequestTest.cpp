#include "Scenario.h"
#include "Service.h"
#include "http/HttpClient.h"
#include "support/FreshTest.h"

#include <csignal>
#include <thread>

namespace muster::integration {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr std::chrono::seconds kLongest{30};

enum Status
{
    kNew = 10,
    kInProgress = 12,
    kClosed = 14,
    kGranted = 21,
    kDeclined = 22
};

} // namespace

/// Tickets, from the form to the closed ticket, through `muster serve`.
class RequestTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RequestTest);
    FRESH_TEST(checkShowsTheNamesBesideTheIds);
    FRESH_TEST(grantedTicketIsRunNotedAndClosed);
    FRESH_TEST(declinedTicketIsNotRun);
    FRESH_TEST(whatWasAskedForIsASyncOfTheEstate);
    FRESH_TEST(sameEventThreeTimesRunsOnce);
    FRESH_TEST(finishesARequestKilledWhileItRuns);
    FRESH_TEST(finishesARequestKilledAtItsNote);
    FRESH_TEST(finishesARequestKilledAtItsFirstStatus);
    FRESH_TEST(finishesARequestKilledAtItsLastStatus);
    FRESH_TEST(badAnswerIsNotedAndItsCorrectionRuns);
    FRESH_TEST(lostAnswersAreNoReasonForASecondRun);
    FRESH_TEST(formsGetTheirChoices);
    FRESH_TEST(doorsNeedNoTokenAndOpenNothingElse);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario{Mode::ContactGroups};
    http::HttpClient _client{{}};
    std::string _more = "approvalRequired: true, grantedStatusId: 21, declinedStatusId: 22, ";

    void start()
    {
        _scenario.estate.syncs.clear();
        _scenario.estate.target = "      requests: {boardId: 3, inProgressStatusId: 12, "
                                  "closedStatusId: 14, " +
                                  _more + "poll: 1s}\n";
        Json statuses = Json::array();
        for (const auto& [id, name] :
             {std::pair(kNew, "New"), std::pair(kInProgress, "In progress"),
              std::pair(kClosed, "Closed"), std::pair(kGranted, "Approved"),
              std::pair(kDeclined, "Declined")})
            statuses.push_back({{"id", static_cast<int>(id)}, {"name", name}, {"boardId", 3}});
        _scenario.sandbox.seedDeskDirector({{"accounts", {{{"id", 42}, {"name", "Contoso Ltd"}}}},
                                            {"boards", {{{"id", 3}, {"name", "Syncs"}}}},
                                            {"statuses", statuses}});
        _scenario.start(contoso::tenant(10, 4, 4));
    }
    void startWithoutApproval()
    {
        _more.clear();
        start();
    }
    void startWithEvent()
    {
        _more = "eventId: ev, publicUrl: \"https://muster.example\", ";
        start();
    }

    static Json form(const std::string& account, int mode)
    {
        Json modes = Json::array();
        for (int number = 1; number <= 5; ++number)
            modes.push_back({{"name", "Mode " + std::to_string(number)},
                             {"identifier", std::to_string(number)},
                             {"selected", number == mode}});
        return Json::array(
            {{{"fields", Json::array({{{"identifier", "a1"},
                                       {"name", "Account"},
                                       {"type", "api_single_select"},
                                       {"choices", Json::array({{{"name", account},
                                                                 {"identifier", account}}})},
                                       {"value", nullptr}},
                                      {{"identifier", "m1"},
                                       {"name", "Sync mode"},
                                       {"type", "single_choice"},
                                       {"choices", modes},
                                       {"value", nullptr}}})}}});
    }
    void submit(int id, const std::string& account = "contoso", int mode = 2)
    {
        _scenario.sandbox.seedDeskDirector({{"tickets",
                                             {{{"id", id},
                                               {"summary", "Sync User Group"},
                                               {"boardId", 3},
                                               {"statusId", static_cast<int>(kNew)},
                                               {"form", form(account, mode)}}}}});
    }
    void setStatus(int id, Status status)
    {
        _scenario.sandbox.seedDeskDirector(
            {{"tickets", {{{"id", id}, {"statusId", static_cast<int>(status)}}}}});
    }
    Json ticket(int id)
    {
        const auto site = _scenario.sandbox.deskDirector();
        for (const auto& one : site.at("tickets"))
            if (one.at("id") == id)
                return one;
        return {};
    }
    std::string notes(int id)
    {
        std::string text;
        const auto comments = ticket(id).value("comments", Json::array());
        for (const auto& comment : comments)
            text += comment.at("note").get<std::string>() +
                    (comment.at("isInternal") == true ? "" : " (not internal)") + "\n";
        return text;
    }
    template <typename Condition>
    void waitUntil(const std::string& what, const Service& service, const Condition& condition)
    {
        const auto until = std::chrono::steady_clock::now() + kLongest;
        while (!condition())
        {
            CPPUNIT_ASSERT_MESSAGE("never: " + what + "\n" + service.log(),
                                   std::chrono::steady_clock::now() < until);
            std::this_thread::sleep_for(kBetweenLooks);
        }
    }
    void waitForStatus(int id, Status status, const Service& service)
    {
        waitUntil("ticket " + std::to_string(id) + " has status " +
                      std::to_string(static_cast<int>(status)),
                  service, [&] { return ticket(id).at("statusId") == static_cast<int>(status); });
    }
    void waitForNote(int id, const std::string& part, const Service& service)
    {
        waitUntil("a note with \"" + part + "\"", service,
                  [&] { return notes(id).find(part) != std::string::npos; });
    }
    /// Waits for a poll that begins from now on, and for what it leads to.
    void waitForPoll(const Service& service)
    {
        const auto before = _scenario.route("tickets.find");
        waitUntil("another poll", service,
                  [&] { return _scenario.route("tickets.find") >= before + 2; });
    }
    size_t runs() { return host().json({"runs"}).at("runs").size(); }
    const Installation& host() const { return _scenario.host; }
    http::HttpResponse post(const std::string& url, const std::string& body)
    {
        return _client.send({.method = "POST", .url = url, .body = body}, runtime::Cancellation());
    }
    http::HttpResponse get(const std::string& url)
    {
        return _client.send({.url = url}, runtime::Cancellation());
    }
    std::string door(const Service& service)
    {
        waitUntil("a subscription", service,
                  [&] { return !_scenario.sandbox.deskDirector().at("subscriptions").empty(); });
        const auto subscriptions = _scenario.sandbox.deskDirector().at("subscriptions");
        const auto url = subscriptions.begin().value().at("url").get<std::string>();
        const std::string outside = "https://muster.example";
        CPPUNIT_ASSERT_EQUAL(outside, url.substr(0, outside.size()));
        return service.url() + url.substr(outside.size());
    }

public:
    void checkShowsTheNamesBesideTheIds()
    {
        start();
        const auto shown = host().muster({"check"});
        for (const auto* part : {"board 3 is Syncs", "status 12 is In progress",
                                 "status 21 is Approved", "status 22 is Declined"})
            CPPUNIT_ASSERT_MESSAGE(shown.output, shown.output.find(part) != std::string::npos);
        _scenario.sandbox.seedDeskDirector({{"statuses", {{{"id", 14}, {"delete", true}}}}});
        const auto missing = host().muster({"check"});
        CPPUNIT_ASSERT_EQUAL(78, missing.exitCode);
        CPPUNIT_ASSERT_MESSAGE(
            missing.output,
            missing.output.find("requests.closedStatusId: the site knows no status 14; there are: "
                                "10 New, 12 In progress, 21 Approved") != std::string::npos);
    }

    void grantedTicketIsRunNotedAndClosed()
    {
        start();
        const Service service(host());
        submit(900);
        waitForPoll(service);
        CPPUNIT_ASSERT_EQUAL(Json(static_cast<int>(kNew)), ticket(900).at("statusId"));
        CPPUNIT_ASSERT_EQUAL(size_t(0), runs());
        setStatus(900, kGranted);
        waitForStatus(900, kClosed, service);
        _scenario.isRight();
        CPPUNIT_ASSERT_EQUAL(Json({12, 14}), ticket(900).at("statuses"));
        const auto text = notes(900);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("Run 1 succeeded: ") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("not internal") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(size_t(1), runs());
    }

    void declinedTicketIsNotRun()
    {
        start();
        const Service service(host());
        submit(900);
        waitForPoll(service);
        setStatus(900, kDeclined);
        waitForNote(900, "was declined", service);
        waitForPoll(service);
        CPPUNIT_ASSERT_EQUAL(size_t(1), ticket(900).at("comments").size());
        CPPUNIT_ASSERT_EQUAL(size_t(0), runs());
    }

    void whatWasAskedForIsASyncOfTheEstate()
    {
        startWithoutApproval();
        {
            const Service service(host());
            submit(900);
            submit(901);
            waitForStatus(900, kClosed, service);
            waitForStatus(901, kClosed, service);
            const std::string token = host().json({"token", "add", "test"}).at("token");
            const auto answer = _client.send({.url = service.url() + "/api/v1/requests",
                                              .headers = {{"Authorization", "Bearer " + token}}},
                                             runtime::Cancellation());
            const auto requests = Json::parse(answer.body).at("requests");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, size_t(2), requests.size());
            CPPUNIT_ASSERT_EQUAL(Json("done"), requests[0].at("state"));
            CPPUNIT_ASSERT_EQUAL(Json("contoso-contact-groups"), requests[0].at("sync"));
            const auto schedule = _client.send({.url = service.url() + "/api/v1/schedule",
                                                .headers = {{"Authorization", "Bearer " + token}}},
                                               runtime::Cancellation());
            const auto next = Json::parse(schedule.body).at("syncs").at(0).at("next");
            CPPUNIT_ASSERT_MESSAGE(schedule.body,
                                   next.get<std::string>().find("T02:3") != std::string::npos);
        }
        host().apply(_scenario.estate);
        const auto tenants = host().json({"tenants"}).at("tenants");
        CPPUNIT_ASSERT_EQUAL(Json({"contoso-contact-groups"}), tenants.at(0).at("syncs"));
        host().json({"sync", "contoso-contact-groups"});
    }

    void sameEventThreeTimesRunsOnce()
    {
        startWithEvent();
        const Service service(host());
        const auto url = door(service);
        submit(900);
        for (int i = 0; i < 3; ++i)
            CPPUNIT_ASSERT_EQUAL(202, post(url, R"([{"ticket":{"id":900}}])").status);
        waitForStatus(900, kClosed, service);
        CPPUNIT_ASSERT_EQUAL(202, post(url, R"({"ticketId":900})").status);
        waitForPoll(service);
        CPPUNIT_ASSERT_EQUAL(size_t(1), runs());
        CPPUNIT_ASSERT_EQUAL(size_t(1), ticket(900).at("comments").size());
        CPPUNIT_ASSERT_MESSAGE(service.log(), service.log().find(url.substr(url.rfind('/') + 1)) ==
                                                  std::string::npos);
    }

    /// Killed while a call of the route is under way, at its `nth` time.
    void finishesWhenKilledAt(const std::string& route, size_t nth)
    {
        startWithoutApproval();
        _scenario.sandbox.configure({{"ticketsShowNotes", true}});
        _scenario.sandbox.addFault({{"kind", "slow"},
                                    {"match", {{"route", route}}},
                                    {"delay", 500},
                                    {"after", nth - 1},
                                    {"times", -1}});
        submit(900);
        {
            Service service(host());
            waitUntil(route, service, [&] { return _scenario.route(route) >= nth; });
            service.signal(SIGKILL);
            service.wait();
        }
        _scenario.sandbox.clearFaults();
        const Service again(host());
        waitForStatus(900, kClosed, again);
        waitForPoll(again);
        _scenario.isRight();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(notes(900), size_t(1), ticket(900).at("comments").size());
        size_t done = 0;
        const auto all = host().json({"runs"}).at("runs");
        for (const auto& run : all)
            done += run.at("state") == "succeeded" ? 1 : 0;
        CPPUNIT_ASSERT_EQUAL_MESSAGE(all.dump(), size_t(1), done);
    }
    void finishesARequestKilledWhileItRuns() { finishesWhenKilledAt("members.put", 3); }
    void finishesARequestKilledAtItsNote() { finishesWhenKilledAt("tickets.comment", 1); }
    void finishesARequestKilledAtItsFirstStatus() { finishesWhenKilledAt("tickets.patch", 1); }
    void finishesARequestKilledAtItsLastStatus() { finishesWhenKilledAt("tickets.patch", 2); }

    void badAnswerIsNotedAndItsCorrectionRuns()
    {
        startWithoutApproval();
        const Service service(host());
        submit(900, "a1_other");
        waitForNote(900, "\"Other\" is no account that Muster knows", service);
        waitForPoll(service);
        CPPUNIT_ASSERT_EQUAL(size_t(1), ticket(900).at("comments").size());
        CPPUNIT_ASSERT_EQUAL(Json(static_cast<int>(kNew)), ticket(900).at("statusId"));
        submit(900);
        waitForStatus(900, kClosed, service);
        _scenario.isRight();
    }

    void lostAnswersAreNoReasonForASecondRun()
    {
        startWithoutApproval();
        for (const auto* route : {"tickets.comment", "tickets.patch"})
            _scenario.sandbox.addFault({{"kind", "takesEffectThen"},
                                        {"then", {{"kind", "drop"}}},
                                        {"match", {{"route", route}}},
                                        {"times", 1}});
        _scenario.sandbox.configure({{"ticketsShowNotes", true}});
        const Service service(host());
        submit(900);
        waitForStatus(900, kClosed, service);
        CPPUNIT_ASSERT_EQUAL(size_t(1), runs());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(notes(900), size_t(1), ticket(900).at("comments").size());
    }

    void formsGetTheirChoices()
    {
        startWithoutApproval();
        const Service service(host());
        const auto base = service.url() + "/hooks/deskdirector/desk/choices/";
        waitForPoll(service);
        const auto accounts = get(base + "accounts?term=CONT&ticketId=3032");
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"request":{"term":"CONT","ticketId":3032},)"
                        R"("value":[{"identifier":"contoso","name":"Contoso Ltd"}]})"),
            accounts.body);
        CPPUNIT_ASSERT_EQUAL(std::string(R"([])"),
                             Json::parse(get(base + "accounts?term=x").body).at("value").dump());
        const auto modes = Json::parse(post(base + "modes", R"({"term":""})").body).at("value");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(modes.dump(), size_t(5), modes.size());
        const auto missing = get(base + "secrets");
        CPPUNIT_ASSERT_EQUAL(404, missing.status);
        CPPUNIT_ASSERT(Json::parse(missing.body).contains("errorDescription"));
    }

    void doorsNeedNoTokenAndOpenNothingElse()
    {
        startWithEvent();
        const Service service(host());
        const auto url = door(service);
        CPPUNIT_ASSERT_EQUAL(404, post(url + "x", "{}").status);
        CPPUNIT_ASSERT_EQUAL(404, get(service.url() + "/hooks/").status);
        CPPUNIT_ASSERT_EQUAL(404, get(service.url() + "/hooks/../api/v1/tenants").status);
        CPPUNIT_ASSERT_EQUAL(413, post(url, std::string(1 << 20, ' ')).status);
        CPPUNIT_ASSERT_EQUAL(401, get(service.url() + "/api/v1/requests").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequestTest);

} // namespace muster::integration
