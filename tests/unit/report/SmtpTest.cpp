#include "http/SmtpClient.h"
#include "report/Message.h"
#include "runtime/Errors.h"
#include "sandbox/Certificates.h"
#include "support/FreshTest.h"
#include "support/MailServer.h"
#include "support/TextFile.h"

#include <functional>

namespace muster::report {

/// Mail to a real server.
class SmtpTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SmtpTest);
    FRESH_TEST(sendsByStartTlsWithASignIn);
    FRESH_TEST(sendsByTls);
    FRESH_TEST(otherCharactersArriveWhole);
    FRESH_TEST(linesOfADotArriveWhole);
    FRESH_TEST(refusedRecipientDoesNotKeepTheOthersFromIt);
    FRESH_TEST(allRecipientsRefusedIsAnError);
    FRESH_TEST(recipientToTryLaterIsTriedLater);
    FRESH_TEST(wrongPasswordIsNamedAndNotShown);
    FRESH_TEST(serverWithoutStartTlsGetsNoPassword);
    FRESH_TEST(untrustedCertificateGetsNoPassword);
    FRESH_TEST(wrongNameInTheCertificateIsRefused);
    FRESH_TEST(serverThatIsDownIsTriedLater);
    FRESH_TEST(plainTextStaysOnThisMachine);
    FRESH_TEST(checkSignsInAndSendsNothing);
    FRESH_TEST(checkMissesASignInThatIsNotOffered);
    FRESH_TEST(cancellationEndsIt);
    CPPUNIT_TEST_SUITE_END();

    const sandbox::ServerCertificate _certificate = sandbox::ServerCertificate::create();
    const tests::TextFile _ca{_certificate.caPem};
    runtime::Cancellation _cancellation;

    tests::MailServerOptions options(const std::string& security) const
    {
        return {.security = security,
                .certificate = _certificate.certificatePem,
                .key = _certificate.keyPem,
                .user = "muster",
                .password = "hunter2-hunter2"};
    }
    http::SmtpServer access(const tests::MailServer& server, http::SmtpSecurity security) const
    {
        return {.host = "localhost",
                .port = server.port(),
                .security = security,
                .user = "muster",
                .password = "hunter2-hunter2",
                .caFile = _ca.path()};
    }
    static Mail mail()
    {
        return {.from = "muster@example.com",
                .to = {"ada@example.com", "bob@example.com"},
                .subject = "Muster: Contoso Ltd, 42 changes",
                .text = "WHAT NEEDS A PERSON\n\nNothing.\n",
                .html = "<p>Nothing.</p>\n"};
    }
    http::SmtpResult send(const http::SmtpServer& server, const Mail& sent = mail())
    {
        return http::SmtpClient(server).send(
            {.from = sent.from,
             .to = sent.to,
             .text = mimeOf(sent, runtime::Instant(std::chrono::hours(24 * 365)), "7")},
            _cancellation);
    }
    template <typename Error>
    std::string complaint(const std::function<void()>& work)
    {
        try
        {
            work();
        }
        catch (const Error& error)
        {
            const std::string text = error.what();
            CPPUNIT_ASSERT_MESSAGE(text, text.find("hunter2") == text.npos);
            return text;
        }
        CPPUNIT_FAIL("nothing of the kind was thrown");
        return {};
    }
    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' lacks " + part, text.find(part) != text.npos);
    }

public:
    void sendsByStartTlsWithASignIn()
    {
        const tests::MailServer server(options("starttls"));
        const auto result = send(access(server, http::SmtpSecurity::StartTls));
        CPPUNIT_ASSERT(result.refused.empty() && result.isCertain);
        CPPUNIT_ASSERT_EQUAL(size_t(1), server.mails().size());
        const auto got = server.mails().front();
        CPPUNIT_ASSERT_EQUAL(std::string("muster@example.com"), got["from"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(2), got["to"].size());
        CPPUNIT_ASSERT(got["encrypted"].get<bool>() && got["signedIn"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(std::string("multipart/alternative"), got["type"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["text/plain","text/html"])"), got["parts"].dump());
        CPPUNIT_ASSERT_EQUAL(mail().subject, got["subject"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Muster <muster@example.com>"),
                             got["headers"]["From"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("<7@example.com>"),
                             got["headers"]["Message-ID"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("auto-generated"),
                             got["headers"]["Auto-Submitted"].get<std::string>());
        contains(got["text"], "Nothing.");
        contains(got["html"], "<p>Nothing.</p>");
    }

    void sendsByTls()
    {
        const tests::MailServer server(options("tls"));
        send(access(server, http::SmtpSecurity::Tls));
        CPPUNIT_ASSERT(server.mails().at(0)["encrypted"].get<bool>());
    }

    void otherCharactersArriveWhole()
    {
        const tests::MailServer server(options("starttls"));
        auto sent = mail();
        sent.subject = "Muster: Müller & Søn 日本株式会社 of a name that is longer than a line, "
                       "übermäßig länger, 42 changes";
        sent.text = "Zoë → Ünïcode 日本\n" + std::string(300, 'x') + "\n";
        sent.html = "<p>Zoë → Ünïcode 日本 =3D" + std::string(2000, 'y') + "</p>\n";
        send(access(server, http::SmtpSecurity::StartTls), sent);
        const auto got = server.mails().at(0);
        CPPUNIT_ASSERT_EQUAL(sent.subject, got["subject"].get<std::string>());
        contains(got["text"], "Zoë → Ünïcode 日本");
        contains(got["text"], std::string(300, 'x'));
        contains(got["html"], "Zoë → Ünïcode 日本 =3D" + std::string(2000, 'y'));
        CPPUNIT_ASSERT(got["longestLine"].get<size_t>() <= 998);
        CPPUNIT_ASSERT_EQUAL(0, got["bareLineFeeds"].get<int>());
    }

    void linesOfADotArriveWhole()
    {
        const tests::MailServer server(options("starttls"));
        auto sent = mail();
        sent.text = "before\n.\n..\nafter\n";
        send(access(server, http::SmtpSecurity::StartTls), sent);
        std::string got = server.mails().at(0)["text"];
        got.erase(std::remove(got.begin(), got.end(), '\r'), got.end());
        contains(got, "before\n.\n..\nafter\n");
    }

    void refusedRecipientDoesNotKeepTheOthersFromIt()
    {
        auto chosen = options("starttls");
        chosen.refused = {{"ada@example.com", "550 5.1.1 no such user here"}};
        const tests::MailServer server(chosen);
        const auto result = send(access(server, http::SmtpSecurity::StartTls));
        CPPUNIT_ASSERT_EQUAL(size_t(1), result.refused.size());
        CPPUNIT_ASSERT_EQUAL(std::string("ada@example.com"), result.refused[0].address);
        contains(result.refused[0].why, "no such user here");
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["bob@example.com"])"),
                             server.mails().at(0)["to"].dump());
    }

    void allRecipientsRefusedIsAnError()
    {
        auto chosen = options("starttls");
        chosen.refused = {{"ada@example.com", "550 no such user here"},
                          {"bob@example.com", "550 nor this one"}};
        const tests::MailServer server(chosen);
        const auto text =
            complaint<ConfigError>([&] { send(access(server, http::SmtpSecurity::StartTls)); });
        contains(text, "refuses every recipient");
        contains(text, "check report.to");
        CPPUNIT_ASSERT(server.mails().empty());
    }

    void recipientToTryLaterIsTriedLater()
    {
        auto chosen = options("starttls");
        chosen.refused = {{"ada@example.com", "451 greylisted"},
                          {"bob@example.com", "451 greylisted"}};
        const tests::MailServer server(chosen);
        contains(complaint<RetryError>([&] { send(access(server, http::SmtpSecurity::StartTls)); }),
                 "greylisted");
    }

    void wrongPasswordIsNamedAndNotShown()
    {
        const tests::MailServer server(options("starttls"));
        auto wrong = access(server, http::SmtpSecurity::StartTls);
        wrong.password = "hunter2-wrong";
        const auto text = complaint<ConfigError>([&] { send(wrong); });
        contains(text, "refuses the user muster or the password");
        contains(text, "smtp.password");
        CPPUNIT_ASSERT(server.mails().empty());
    }

    void serverWithoutStartTlsGetsNoPassword()
    {
        const tests::MailServer server(options("none"));
        const auto text =
            complaint<ConfigError>([&] { send(access(server, http::SmtpSecurity::StartTls)); });
        contains(text, "offers no STARTTLS");
        CPPUNIT_ASSERT(server.signIns().empty());
        CPPUNIT_ASSERT(server.mails().empty());
    }

    void untrustedCertificateGetsNoPassword()
    {
        for (const auto& [name, security] : {std::pair("starttls", http::SmtpSecurity::StartTls),
                                             std::pair("tls", http::SmtpSecurity::Tls)})
        {
            const tests::MailServer server(options(name));
            auto distrustful = access(server, security);
            distrustful.caFile.clear();
            contains(complaint<ConfigError>([&] { send(distrustful); }), "is not trusted");
            CPPUNIT_ASSERT(server.signIns().empty());
        }
    }

    void wrongNameInTheCertificateIsRefused()
    {
        auto chosen = options("starttls");
        chosen.address = "127.0.0.2";
        const tests::MailServer server(chosen);
        auto other = access(server, http::SmtpSecurity::StartTls);
        other.host = "127.0.0.2";
        contains(complaint<ConfigError>([&] { send(other); }), "is not trusted");
        CPPUNIT_ASSERT(server.signIns().empty());
    }

    void serverThatIsDownIsTriedLater()
    {
        uint16_t port = 0;
        {
            port = tests::MailServer(options("starttls")).port();
        }
        http::SmtpServer down{.host = "127.0.0.1", .port = port};
        contains(complaint<RetryError>([&] { send(down); }), "try again later");
    }

    void plainTextStaysOnThisMachine()
    {
        CPPUNIT_ASSERT_THROW(
            http::SmtpClient({.host = "mail.example.com", .security = http::SmtpSecurity::None}),
            ConfigError);
        const tests::MailServer server;
        send({.host = "127.0.0.1", .port = server.port(), .security = http::SmtpSecurity::None});
        CPPUNIT_ASSERT_EQUAL(size_t(1), server.mails().size());
    }

    void checkSignsInAndSendsNothing()
    {
        const tests::MailServer server(options("starttls"));
        http::SmtpClient(access(server, http::SmtpSecurity::StartTls)).check(_cancellation);
        CPPUNIT_ASSERT_EQUAL(size_t(1), server.signIns().size());
        CPPUNIT_ASSERT(server.mails().empty());
        auto wrong = access(server, http::SmtpSecurity::StartTls);
        wrong.password = "hunter2-wrong";
        complaint<ConfigError>([&] { http::SmtpClient(wrong).check(_cancellation); });
    }

    void checkMissesASignInThatIsNotOffered()
    {
        const tests::MailServer server;
        const http::SmtpServer expecting{.host = "127.0.0.1",
                                         .port = server.port(),
                                         .security = http::SmtpSecurity::None,
                                         .user = "muster",
                                         .password = "hunter2-hunter2"};
        contains(complaint<ConfigError>([&] { http::SmtpClient(expecting).check(_cancellation); }),
                 "offers no sign-in");
    }

    void cancellationEndsIt()
    {
        const tests::MailServer server(options("starttls"));
        _cancellation.request();
        CPPUNIT_ASSERT_THROW(send(access(server, http::SmtpSecurity::StartTls)), CancelledError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SmtpTest);

} // namespace muster::report
