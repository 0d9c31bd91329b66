#include "Scenario.h"
#include "Service.h"
#include "sandbox/Certificates.h"
#include "support/FreshTest.h"
#include "support/MailServer.h"

#include <csignal>

namespace muster::integration {

/// `muster report` and `muster tenants`, with a real mail server.
class ReportTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReportTest);
    FRESH_TEST(tellsWhatWasDone);
    FRESH_TEST(heldRemovalsAreWhatNeedsAPerson);
    FRESH_TEST(mailsItWithASecret);
    FRESH_TEST(serviceMailsItToo);
    FRESH_TEST(sighupChangesTheRecipients);
    FRESH_TEST(checkSaysWhetherMailCanBeSent);
    FRESH_TEST(wrongMailSettingsAreRefusedAtTheStart);
    FRESH_TEST(sendingWithoutAMailServerSaysWhatToSet);
    FRESH_TEST(tenantsSayWhatTheyOffer);
    FRESH_TEST(serviceLooksAtTenantsThatNothingRefreshes);
    FRESH_TEST(expiringSecretStandsThroughSyncs);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kPassword = "hunter2-hunter2";
    Scenario _scenario;
    const sandbox::ServerCertificate _certificate = sandbox::ServerCertificate::create();
    tests::MailServer _mail{{.security = "starttls",
                             .certificate = _certificate.certificatePem,
                             .key = _certificate.keyPem,
                             .user = "muster",
                             .password = kPassword}};

    const Installation& host() const { return _scenario.host; }

    void start()
    {
        _scenario.estate.syncs.front().more = "    schedule: manual\n";
        _scenario.start(contoso::tenant(10, 4, 4));
    }
    std::string properties(const std::string& to = "ada@example.com") const
    {
        return "smtp.host = localhost\nsmtp.port = " + std::to_string(_mail.port()) +
               "\nsmtp.user = muster\nsmtp.password = secret:mail\nsmtp.caFile = " +
               host().write("ca.pem", _certificate.caPem) +
               "\nreport.from = muster@example.com\nreport.to = " + to + "\n";
    }
    void givePassword(const std::string& password = kPassword) const
    {
        const auto finished = host().muster({"secret", "set", "mail"}, password);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
    }
    Finished configured(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(),
                         {"--config", host().write("mail.properties", properties())});
        return host().muster(arguments);
    }
    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' lacks " + part, text.find(part) != text.npos);
    }

public:
    void tellsWhatWasDone()
    {
        start();
        _scenario.sync();
        const auto report = host().json({"report"});
        const auto& sync = report.at("customers").at(0).at("syncs").at(0);
        CPPUNIT_ASSERT_EQUAL(Json("contoso-groups"), sync.at("name"));
        CPPUNIT_ASSERT(sync.at("changes").at("create").get<int>() > 0);
        CPPUNIT_ASSERT(report.at("tasks").empty());
        contains(host().muster({"report"}).output, "WHAT NEEDS A PERSON\n\nNothing.");
        const auto file = host().directory() / "report.html";
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"report", "--html", file}).exitCode);
        contains(tests::readFile(file), "contoso-groups");
        CPPUNIT_ASSERT_EQUAL(2, host().muster({"report", "--since", "yesterday"}).exitCode);
    }

    void heldRemovalsAreWhatNeedsAPerson()
    {
        start();
        _scenario.sync();
        Json ops = Json::array();
        for (const int person : {1, 2, 3, 4})
            ops.push_back(contoso::link("member-", 1, person));
        for (const int person : {5, 6, 7, 8})
            ops.push_back(contoso::link("member-", 2, person));
        _scenario.change(ops);
        CPPUNIT_ASSERT_EQUAL(3, _scenario.trySync().exitCode);
        const auto report = host().json({"report"});
        contains(report.at("subject"), ", 1 held");
        contains(report.at("tasks").at(0).at("remedy"),
                 "muster sync contoso-groups --approve lets them pass this once");
    }

    void mailsItWithASecret()
    {
        start();
        givePassword();
        _scenario.sync();
        const auto sent = configured({"report", "--send"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(sent.describe(), 0, sent.exitCode);
        contains(sent.output, "Sent to ada@example.com.");
        const auto mails = _mail.mails();
        CPPUNIT_ASSERT_EQUAL(size_t(1), mails.size());
        contains(mails[0]["subject"], "Muster: Contoso Ltd, ");
        contains(mails[0]["text"], "contoso-groups (owners-and-members into desk)");
        contains(mails[0]["html"], "<b>contoso-groups</b>");
    }

    void serviceMailsItToo()
    {
        start();
        givePassword();
        const Service service(host(), properties());
        CPPUNIT_ASSERT_EQUAL(0, host().muster({"report", "--send"}).exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(1), _mail.mails().size());
        CPPUNIT_ASSERT(service.log().find(kPassword) == std::string::npos);
    }

    void sighupChangesTheRecipients()
    {
        start();
        givePassword();
        const Service service(host(), properties());
        const std::string listens = "http.listen = 127.0.0.1:0\nlog.level = information\n";
        host().write("muster.properties", listens + properties("nobody"));
        service.signal(SIGHUP);
        service.waitForLog("report.to: 'nobody' is no address");
        service.waitForLog("what was in force stays");
        host().muster({"report", "--send"});
        host().write("muster.properties", listens + properties("bob@example.com"));
        service.signal(SIGHUP);
        service.waitForLog("the configuration was read again");
        host().muster({"report", "--send"});
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["ada@example.com"])"),
                             _mail.mails().at(0)["to"].dump());
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["bob@example.com"])"),
                             _mail.mails().at(1)["to"].dump());
    }

    void checkSaysWhetherMailCanBeSent()
    {
        start();
        contains(configured({"check"}).output, "there is no secret 'mail'");
        givePassword("hunter2-wrong");
        const auto wrong = configured({"check"});
        CPPUNIT_ASSERT_EQUAL(78, wrong.exitCode);
        contains(wrong.output, "refuses the user muster or the password");
        givePassword();
        const auto right = configured({"check"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(right.describe(), 0, right.exitCode);
        contains(right.output, "reports go to ada@example.com");
        CPPUNIT_ASSERT(_mail.mails().empty());
        contains(configured({"secret", "list"}).output, "smtp.password");
    }

    void wrongMailSettingsAreRefusedAtTheStart()
    {
        start();
        const auto wrong = host().write("wrong.properties", properties() + "report.daily = 7:00\n");
        for (const auto* command : {"serve", "tenants"})
        {
            const auto refused = host().muster({"--config", wrong, command});
            CPPUNIT_ASSERT_EQUAL(78, refused.exitCode);
            contains(refused.errors, "report.daily: '7:00' is no time of day: write HH:MM");
        }
    }

    void sendingWithoutAMailServerSaysWhatToSet()
    {
        start();
        const auto refused = host().muster({"report", "--send"});
        CPPUNIT_ASSERT_EQUAL(78, refused.exitCode);
        contains(refused.errors, "set smtp.host or report.tenant");
    }

    void tenantsSayWhatTheyOffer()
    {
        start();
        const auto unseen = host().json({"tenants"}).at("tenants").at(0);
        CPPUNIT_ASSERT_EQUAL(Json(nullptr), unseen.at("lookedAt"));
        _scenario.sandbox.configure({{"roles", {"GroupMember.Read.All"}}});
        const auto seen = host().json({"tenants", "--refresh"}).at("tenants").at(0);
        CPPUNIT_ASSERT_EQUAL(Json(true), seen.at("offers").at(0).at("offered"));
        CPPUNIT_ASSERT_EQUAL(Json(false), seen.at("offers").at(1).at("offered"));
        contains(host().muster({"tenants"}).output,
                 "contoso: no read-groups-and-members, update-groups-table: grant the application "
                 "permission User.Read.All");
    }

    void serviceLooksAtTenantsThatNothingRefreshes()
    {
        start();
        const Service service(host());
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (host().json({"tenants"}).at("tenants").at(0).at("lookedAt").is_null())
            CPPUNIT_ASSERT_MESSAGE(service.log(), std::chrono::steady_clock::now() < until);
    }

    void expiringSecretStandsThroughSyncs()
    {
        start();
        _scenario.sandbox.configure(
            {{"roles",
              {"GroupMember.Read.All", "User.Read.All", "Device.Read.All", "Application.Read.All"}},
             {"passwordCredentials",
              Json::array({{{"hint", "san"}, {"endDateTime", "2026-01-01T00:00:00Z"}}})}});
        for (int times = 0; times < 2; ++times)
        {
            const auto findings = _scenario.sync().at("findings");
            CPPUNIT_ASSERT_MESSAGE(findings.dump(),
                                   findings.dump().find("credentials-expire") != std::string::npos);
        }
        contains(host().muster({"check"}).output, "credentials-expire");
        contains(host().json({"report"}).at("tasks").dump(),
                 "the client secret of the application");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReportTest);

} // namespace muster::integration
