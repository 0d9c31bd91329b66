#include "report/ReportFixture.h"
#include "runtime/Errors.h"
#include "sandbox/SandboxServer.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

namespace muster::report {

/// The report by Graph's sendMail.
class GraphMailTest : public CppUnit::TestFixture, public testing::ReportFixture
{
    CPPUNIT_TEST_SUITE(GraphMailTest);
    FRESH_TEST(sendsFromTheMailbox);
    FRESH_TEST(missingPermissionIsNamed);
    FRESH_TEST(unknownTenantIsNamed);
    FRESH_TEST(throttledMailIsSentAgain);
    FRESH_TEST(mailOfUnknownFateIsNotSentAgain);
    FRESH_TEST(refusedMailboxIsNamed);
    FRESH_TEST(checkSendsNothing);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kTenant = "3f0c0e0e-0000-4000-8000-000000000001";
    using Json = sandbox::Json;
    sandbox::SandboxServer _sandbox;

    Delivery send() { return reporter.send(assemble(), cancellation); }

    std::string complaint()
    {
        try
        {
            send();
        }
        catch (const ConfigError& error)
        {
            return error.what();
        }
        return "none";
    }
    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' lacks " + part, text.find(part) != text.npos);
    }
    void fault(const Json& more)
    {
        Json rule{{"match", {{"route", "graph.sendMail"}}}};
        rule.update(more);
        _sandbox.addFault(rule);
    }

public:
    void setUp() override
    {
        clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(
            runtime::SystemClock().now() - clock.now()));
        _sandbox.addTenant(kTenant, "Contoso", "contoso.example");
        _sandbox.configure({{"roles", {"Mail.Send", "User.Read.All"}}});
        auto declared = tenant();
        auto& access = declared.directory;
        access.tenant = kTenant;
        access.clientId = "9a1b0000-0000-4000-8000-000000000002";
        access.clientSecret.secret = "contoso-graph";
        access.authority = access.graph = _sandbox.baseUrl();
        access.scope = "https://graph.microsoft.com/.default";
        database.execute("UPDATE tenant SET document = $1", {estate::documentOf(declared).dump()});
        reporter.configure({.tenant = "contoso",
                            .from = "muster@contoso.example",
                            .to = {"ada@example.com", "bob@example.com"}});
    }

    void sendsFromTheMailbox()
    {
        const auto delivery = send();
        CPPUNIT_ASSERT(delivery.isCertain);
        CPPUNIT_ASSERT_EQUAL(size_t(2), delivery.to.size());
        const auto mails = _sandbox.mails();
        CPPUNIT_ASSERT_EQUAL(size_t(1), mails.size());
        CPPUNIT_ASSERT_EQUAL(std::string("muster@contoso.example"),
                             mails[0]["from"].get<std::string>());
        const auto& message = mails[0]["message"];
        CPPUNIT_ASSERT_EQUAL(subjectOf(assemble()), message["subject"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("HTML"),
                             message["body"]["contentType"].get<std::string>());
        contains(message["body"]["content"], "Contoso Ltd");
        CPPUNIT_ASSERT_EQUAL(
            std::string("bob@example.com"),
            message["toRecipients"][1]["emailAddress"]["address"].get<std::string>());
    }

    void missingPermissionIsNamed()
    {
        _sandbox.configure({{"roles", {"User.Read.All"}}});
        contains(complaint(), "grant the application permission Mail.Send");
        CPPUNIT_ASSERT_EQUAL(0, _sandbox.requests()["services"].value("graph", 0));
    }

    void unknownTenantIsNamed()
    {
        auto settings = reporter.settings();
        settings.tenant = "nobody";
        reporter.configure(settings);
        contains(complaint(), "report.tenant: ");
    }

    void throttledMailIsSentAgain()
    {
        fault({{"kind", "throttle"}, {"times", 2}});
        CPPUNIT_ASSERT(send().isCertain);
        CPPUNIT_ASSERT_EQUAL(size_t(1), _sandbox.mails().size());
    }

    void mailOfUnknownFateIsNotSentAgain()
    {
        for (const Json& then : {Json{{"kind", "drop"}}, Json{{"kind", "status"}, {"status", 504}}})
        {
            const auto before = _sandbox.mails().size();
            fault({{"kind", "takesEffectThen"}, {"then", then}});
            CPPUNIT_ASSERT(!send().isCertain);
            CPPUNIT_ASSERT_EQUAL(before + 1, _sandbox.mails().size());
        }
    }

    void refusedMailboxIsNamed()
    {
        fault({{"kind", "status"},
               {"status", 404},
               {"body", {{"error", {{"code", "ErrorInvalidUser"}, {"message", "no such user"}}}}}});
        contains(complaint(), "refuses to send mail from muster@contoso.example");
        contains(complaint() + "none", "none");
    }

    void checkSendsNothing()
    {
        reporter.check(cancellation);
        CPPUNIT_ASSERT(_sandbox.mails().empty());
        _sandbox.configure({{"roles", Json::array()}});
        graph::GraphSource other(store, clock,
                                 [this](const estate::SecretReference&) { return secret; }, {});
        Reporter unpermitted(
            {store, clock, other, [this](const estate::SecretReference&) { return secret; }},
            reporter.settings());
        CPPUNIT_ASSERT_THROW(unpermitted.check(cancellation), ConfigError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GraphMailTest);

} // namespace muster::report
