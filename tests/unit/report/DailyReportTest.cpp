#include "report/DailyReport.h"
#include "report/ReportFixture.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/MailServer.h"

#include <date/tz.h>

#include <optional>

namespace muster::report {

/// When the report is mailed, with a clock that is passed in and a real mail server.
class DailyReportTest : public CppUnit::TestFixture, public testing::ReportFixture
{
    CPPUNIT_TEST_SUITE(DailyReportTest);
    FRESH_TEST(firstTimeCatchesUpWithNothing);
    FRESH_TEST(sendsOnceADay);
    FRESH_TEST(sendsAtTheTimeOfTheZoneThroughAClockChange);
    FRESH_TEST(stoppedHostSendsOneForAllItsDays);
    FRESH_TEST(restartedHostSendsNoSecondOne);
    FRESH_TEST(serverThatIsDownIsTriedAgainLessAndLess);
    FRESH_TEST(whoDiedWhileSendingDoesNotSendAgain);
    FRESH_TEST(changedTimeSendsNoSecondOneThatDay);
    FRESH_TEST(nothingIsSentWithoutADailyTime);
    CPPUNIT_TEST_SUITE_END();

    tests::MailServer _server;
    std::optional<DailyReport> _daily;

    MailSettings settings(const std::string& zone = "UTC") const
    {
        return {.host = "127.0.0.1",
                .port = _server.port(),
                .security = http::SmtpSecurity::None,
                .from = "muster@example.com",
                .to = {"ada@example.com"},
                .daily = std::chrono::hours(7),
                .zone = zone};
    }
    /// As a host that starts.
    void start() { _daily.emplace(store, clock, reporter); }

    void advanceTo(const std::string& local, const std::string& zone = "UTC")
    {
        std::istringstream text(local);
        date::local_seconds time;
        text >> date::parse("%F %H:%M", time);
        const runtime::Instant instant = date::locate_zone(zone)->to_sys(time);
        clock.advance(instant - clock.now());
    }
    /// Every minute of a stretch, as the service does.
    void live(std::chrono::minutes length)
    {
        for (std::chrono::minutes passed{0}; passed < length; ++passed)
        {
            clock.advance(std::chrono::minutes(1));
            _daily->sendIfDue(cancellation);
        }
    }
    size_t sent() const { return _server.mails().size(); }

public:
    void setUp() override
    {
        advanceTo("2027-03-10 12:00");
        reporter.configure(settings());
        start();
    }

    void firstTimeCatchesUpWithNothing()
    {
        live(std::chrono::minutes(10));
        CPPUNIT_ASSERT_EQUAL(size_t(0), sent());
    }

    void sendsOnceADay()
    {
        live(std::chrono::minutes(1));
        advanceTo("2027-03-11 06:58");
        live(std::chrono::minutes(1));
        CPPUNIT_ASSERT_EQUAL(size_t(0), sent());
        live(std::chrono::minutes(120));
        CPPUNIT_ASSERT_EQUAL(size_t(1), sent());
        advanceTo("2027-03-12 07:05");
        live(std::chrono::minutes(2));
        CPPUNIT_ASSERT_EQUAL(size_t(2), sent());
    }

    void sendsAtTheTimeOfTheZoneThroughAClockChange()
    {
        reporter.configure(settings("Europe/Berlin"));
        advanceTo("2027-03-27 12:00", "Europe/Berlin");
        live(std::chrono::minutes(1));
        // The clocks go forward in the night: 07:00 is an hour earlier in UTC.
        advanceTo("2027-03-28 06:55", "Europe/Berlin");
        live(std::chrono::minutes(4));
        CPPUNIT_ASSERT_EQUAL(size_t(0), sent());
        live(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(size_t(1), sent());
        advanceTo("2027-03-29 07:05", "Europe/Berlin");
        live(std::chrono::minutes(1));
        CPPUNIT_ASSERT_EQUAL(size_t(2), sent());
    }

    void stoppedHostSendsOneForAllItsDays()
    {
        live(std::chrono::minutes(1));
        advanceTo("2027-03-14 18:00");
        start();
        live(std::chrono::minutes(30));
        CPPUNIT_ASSERT_EQUAL(size_t(1), sent());
        const std::string text = _server.mails().at(0)["text"];
        CPPUNIT_ASSERT_MESSAGE(text, text.find("From 2027-03-10 12:01 to 2027-03-14 18:01 (UTC)") !=
                                         text.npos);
    }

    void restartedHostSendsNoSecondOne()
    {
        live(std::chrono::minutes(1));
        advanceTo("2027-03-11 07:05");
        live(std::chrono::minutes(1));
        start();
        live(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(size_t(1), sent());
    }

    void serverThatIsDownIsTriedAgainLessAndLess()
    {
        live(std::chrono::minutes(1));
        auto down = settings();
        {
            down.port = tests::MailServer().port();
        }
        reporter.configure(down);
        advanceTo("2027-03-11 07:05");
        int tries = 0;
        for (int minute = 0; minute < 60; ++minute)
        {
            clock.advance(std::chrono::minutes(1));
            try
            {
                _daily->sendIfDue(cancellation);
            }
            catch (const RetryError&)
            {
                ++tries;
            }
        }
        CPPUNIT_ASSERT_EQUAL(6, tries); // at 0, 1, 3, 7, 15, 31
        reporter.configure(settings());
        live(std::chrono::minutes(60));
        CPPUNIT_ASSERT_EQUAL(size_t(1), sent());
    }

    void whoDiedWhileSendingDoesNotSendAgain()
    {
        live(std::chrono::minutes(1));
        database.execute("INSERT INTO report_mail VALUES('2027-03-11', 'sending', 1)");
        advanceTo("2027-03-11 07:05");
        start();
        live(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(size_t(0), sent());
        advanceTo("2027-03-12 07:05");
        live(std::chrono::minutes(1));
        // What may not have arrived is told again.
        const std::string text = _server.mails().at(0)["text"];
        CPPUNIT_ASSERT_MESSAGE(text, text.find("From 2027-03-10 12:01 to ") != text.npos);
    }

    void changedTimeSendsNoSecondOneThatDay()
    {
        live(std::chrono::minutes(1));
        advanceTo("2027-03-11 07:05");
        live(std::chrono::minutes(1));
        auto later = settings();
        later.daily = std::chrono::hours(9);
        reporter.configure(later);
        advanceTo("2027-03-11 09:05");
        live(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(size_t(1), sent());
    }

    void nothingIsSentWithoutADailyTime()
    {
        auto byHand = settings();
        byHand.daily.reset();
        reporter.configure(byHand);
        live(std::chrono::minutes(1));
        advanceTo("2027-03-12 07:05");
        live(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(size_t(0), sent());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DailyReportTest);

} // namespace muster::report
