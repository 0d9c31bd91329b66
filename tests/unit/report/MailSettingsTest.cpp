#include "report/MailSettings.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <map>

namespace muster::report {

class MailSettingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MailSettingsTest);
    FRESH_TEST(nothingIsSetByDefault);
    FRESH_TEST(readsAllKeys);
    FRESH_TEST(portFollowsSecurity);
    FRESH_TEST(wrongValuesAreRefusedByKey);
    FRESH_TEST(passwordItselfIsRefusedUnshown);
    CPPUNIT_TEST_SUITE_END();

    using Values = std::map<std::string, std::string>;

    static Values good()
    {
        return {{"smtp.host", "mail.example.com"},
                {"smtp.user", "muster"},
                {"smtp.password", "secret:mail"},
                {"report.from", "muster@example.com"},
                {"report.to", "ada@example.com, bob@example.com"},
                {"report.daily", "07:30"},
                {"report.zone", "Europe/Berlin"}};
    }
    static MailSettings read(const Values& values)
    {
        return mailSettings([&](const std::string& key) {
            const auto found = values.find(key);
            return found == values.end() ? std::string() : found->second;
        });
    }
    /// The complaint about the good settings with these over them.
    static std::string complaint(const Values& over)
    {
        auto values = good();
        for (const auto& [key, value] : over)
            values[key] = value;
        try
        {
            read(values);
            return "none";
        }
        catch (const ConfigError& error)
        {
            return error.what();
        }
    }

public:
    void nothingIsSetByDefault() { CPPUNIT_ASSERT(!read({}).isSet()); }

    void readsAllKeys()
    {
        auto values = good();
        values["smtp.security"] = "tls";
        values["smtp.port"] = "2465";
        const auto settings = read(values);
        CPPUNIT_ASSERT(settings.isSet());
        CPPUNIT_ASSERT(settings.security == http::SmtpSecurity::Tls);
        CPPUNIT_ASSERT_EQUAL(uint16_t(2465), settings.port);
        CPPUNIT_ASSERT_EQUAL(std::string("mail"), settings.password.secret);
        CPPUNIT_ASSERT_EQUAL(std::string("bob@example.com"), settings.to.at(1));
        CPPUNIT_ASSERT(settings.daily == std::chrono::minutes(450));
        CPPUNIT_ASSERT_EQUAL(std::string("Europe/Berlin"), settings.zone);
    }

    void portFollowsSecurity()
    {
        auto values = good();
        CPPUNIT_ASSERT_EQUAL(uint16_t(587), read(values).port);
        values["smtp.security"] = "tls";
        CPPUNIT_ASSERT_EQUAL(uint16_t(465), read(values).port);
        values["smtp.security"] = "none";
        values["smtp.host"] = "localhost";
        CPPUNIT_ASSERT_EQUAL(uint16_t(25), read(values).port);
    }

    void wrongValuesAreRefusedByKey()
    {
        const std::vector<std::pair<std::string, std::string>> wrong = {
            {"smtp.host", "smtp://mail"},
            {"smtp.port", "70000"},
            {"smtp.port", "25x"},
            {"smtp.security", "ssl"},
            {"smtp.security", "none"},
            {"smtp.user", ""},
            {"smtp.password", ""},
            {"report.from", "muster"},
            {"report.from", ""},
            {"report.from", "Muster <m@example.com>"},
            {"report.to", ""},
            {"report.to", "a@example.com,"},
            {"report.to", "a@example.com;b@example.com"},
            {"report.to", "a@example.com\r\nRCPT TO:<x@example.com>"},
            {"report.daily", "7:30"},
            {"report.zone", "Berlin"},
            {"report.tenant", "contoso"}};
        for (const auto& [key, value] : wrong)
        {
            const auto text = complaint({{key, value}});
            CPPUNIT_ASSERT_MESSAGE(key + " " + value + ": " + text, text.rfind(key + ": ", 0) == 0);
        }
        CPPUNIT_ASSERT_EQUAL(
            std::string("report.daily: nothing sends the reports: set smtp.host, or report.tenant"),
            complaint({{"smtp.host", ""}}));
    }

    void passwordItselfIsRefusedUnshown()
    {
        for (const auto* value : {"hunter2", "env:", "hunter2:x"})
        {
            const auto text = complaint({{"smtp.password", value}});
            CPPUNIT_ASSERT_MESSAGE(text, text.rfind("smtp.password: ", 0) == 0);
            CPPUNIT_ASSERT_MESSAGE(text, text.find("hunter2") == text.npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MailSettingsTest);

} // namespace muster::report
