#include "EstateFixture.h"
#include "support/FreshTest.h"

#include <chrono>
#include <random>

namespace muster::estate {

/// Each thing that can be wrong with an estate is told with its file, line and key.
class EstateFaultTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EstateFaultTest);
    FRESH_TEST(takesTheRightEstate);
    FRESH_TEST(namesTheNearestOfAnUnknownKey);
    FRESH_TEST(refusesAnUnknownSectionAtTheTop);
    FRESH_TEST(refusesTheSameNameTwice);
    FRESH_TEST(refusesTheSameNameInTwoFiles);
    FRESH_TEST(refusesANameOfOtherLetters);
    FRESH_TEST(refusesAClientIdThatIsNoGuid);
    FRESH_TEST(refusesATenantThatIsNeitherIdNorDomain);
    FRESH_TEST(namesAMissingSecretAndHowToSetIt);
    FRESH_TEST(refusesAPlainTextSecret);
    FRESH_TEST(refusesTwoCredentialsOfATenant);
    FRESH_TEST(refusesATenantWithoutCredential);
    FRESH_TEST(namesAnUnsetVariable);
    FRESH_TEST(namesAnUnreadableSecretFile);
    FRESH_TEST(refusesPlainHttpToAPublicHost);
    FRESH_TEST(takesPlainHttpToLoopback);
    FRESH_TEST(refusesAPlainHttpSiteOfATarget);
    FRESH_TEST(namesAnUnreadableCertificate);
    FRESH_TEST(refusesACaFileThatIsNoCertificate);
    FRESH_TEST(refusesAModeTheTargetCannotHold);
    FRESH_TEST(refusesAnUnknownMode);
    FRESH_TEST(takesAModeByItsNumber);
    FRESH_TEST(refusesAnUnknownTenantOfASync);
    FRESH_TEST(refusesASelectionForAnUnknownTarget);
    FRESH_TEST(refusesAScopeTheTargetDoesNotHave);
    FRESH_TEST(refusesSettingsThePluginDoesNotKnow);
    FRESH_TEST(refusesSettingsTheModeDoesNotKnow);
    FRESH_TEST(refusesSchedulesThatMeanNothing);
    FRESH_TEST(takesEveryFormOfSchedule);
    FRESH_TEST(refusesRemovalAndGuardOfOtherValues);
    FRESH_TEST(refusesAListWhereKeysBelong);
    FRESH_TEST(tellsAllFaultsAtOnceInTheirOrder);
    FRESH_TEST(leavesTheStoredEstateUntouched);
    FRESH_TEST(refusesTenMegabytesOfGarbageAtOnce);
    FRESH_TEST(refusesAnEmptyFile);
    FRESH_TEST(doesNotShowASecretThatBreaksTheSchema);
    CPPUNIT_TEST_SUITE_END();

    EstateFixture _fixture;

    /// The estate with a line replaced gives exactly this fault.
    void refuses(const std::string& part, const std::string& line, const std::string& fault)
    {
        CPPUNIT_ASSERT_EQUAL(fault, _fixture.faultsOf(EstateFixture::estateWith(part, line)));
    }

    /// The estate with a line replaced gives a single fault that begins so and holds the remedy.
    void refuses(const std::string& part, const std::string& line, const std::string& begin,
                 const std::string& remedy)
    {
        const auto fault = _fixture.faultsOf(EstateFixture::estateWith(part, line));
        CPPUNIT_ASSERT_MESSAGE(fault, fault.starts_with(begin));
        CPPUNIT_ASSERT_MESSAGE(fault, fault.find(remedy) != fault.npos);
        CPPUNIT_ASSERT_MESSAGE(fault, fault.find('\n') == fault.npos);
    }

    void takes(const std::string& part, const std::string& line)
    {
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             _fixture.faultsOf(EstateFixture::estateWith(part, line)));
    }

public:
    void takesTheRightEstate()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), _fixture.faultsOf(EstateFixture::rightEstate()));
    }
    void namesTheNearestOfAnUnknownKey()
    {
        refuses("guard:", "    gaurd: {percent: 20}",
                "estate.yaml:26: syncs[0].gaurd: is no key here: did you mean 'guard'?");
        refuses("guard:", "    guard: {percentage: 20}",
                "estate.yaml:26: syncs[0].guard.percentage: is no key here: did you mean "
                "'percent'?");
    }
    void refusesAnUnknownSectionAtTheTop()
    {
        refuses("syncs:", "sync:", "estate.yaml:18: sync: is no key here: did you mean 'syncs'?");
    }
    void refusesTheSameNameTwice()
    {
        refuses("displayName:", "    name: contoso",
                "estate.yaml:3: the key 'name' stands on line 2", "remove one of them");
        const auto twice = EstateFixture::rightEstate() +
                           "  - {name: contoso-contacts, tenant: contoso, target: desk, mode: 1, "
                           "scope: {account: 43}}\n";
        CPPUNIT_ASSERT_EQUAL(std::string("estate.yaml:28: syncs[1].name: the name "
                                         "'contoso-contacts' stands in estate.yaml:19 too: rename "
                                         "one of them"),
                             _fixture.faultsOf(twice));
    }
    void refusesTheSameNameInTwoFiles()
    {
        try
        {
            _fixture.apply(
                {{"a.yaml", EstateFixture::rightEstate()},
                 {"b.yaml",
                  "targets:\n" + EstateFixture::rightEstate().substr(
                                     EstateFixture::rightEstate().find("  - name: desk"), 170)}});
            CPPUNIT_FAIL("it was taken");
        }
        catch (const EstateError& error)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("b.yaml"), error.faults().front().file);
            CPPUNIT_ASSERT_EQUAL(std::string("targets[0].name"), error.faults().front().key);
        }
    }
    void refusesANameOfOtherLetters()
    {
        refuses("name: contoso-contacts", "  - name: Contoso_Contacts",
                "estate.yaml:19: syncs[0].name: a name is made of a-z, 0-9 and -", "at most 63");
    }
    void refusesAClientIdThatIsNoGuid()
    {
        refuses("clientId:", "      clientId: muster",
                "estate.yaml:6: tenants[0].directory.clientId: 'muster' is no GUID",
                "app registration");
    }
    void refusesATenantThatIsNeitherIdNorDomain()
    {
        refuses("tenant: 3f0c", "      tenant: contoso",
                "estate.yaml:5: tenants[0].directory.tenant: 'contoso' is no tenant id",
                "Entra admin center");
        takes("tenant: 3f0c", "      tenant: contoso.onmicrosoft.com");
    }
    void namesAMissingSecretAndHowToSetIt()
    {
        refuses("clientSecret:", "      clientSecret: {secret: gone}",
                "estate.yaml:7: tenants[0].directory.clientSecret: there is no secret 'gone': run "
                "`muster secret set gone`");
        refuses("apiKey:", "      apiKey: {secret: gone}",
                "estate.yaml:16: targets[0].settings.apiKey: there is no secret 'gone': run "
                "`muster secret set gone`");
    }
    void refusesAPlainTextSecret()
    {
        refuses("clientSecret:", "      clientSecret: hunter2",
                "estate.yaml:7: tenants[0].directory.clientSecret: is a secret",
                "muster secret set NAME");
        refuses("apiKey:", "      apiKey: hunter2",
                "estate.yaml:16: targets[0].settings.apiKey: is a secret", "{secret: NAME}");
        const auto fault =
            _fixture.faultsOf(EstateFixture::estateWith("apiKey:", "      apiKey: hunter2"));
        CPPUNIT_ASSERT(fault.find("hunter2") == fault.npos);
    }
    void refusesTwoCredentialsOfATenant()
    {
        refuses("cloud:", "      certificate: {file: a.pem, key: a.key}",
                "estate.yaml:8: tenants[0].directory.certificate: there is a clientSecret too",
                "keep one");
    }
    void refusesATenantWithoutCredential()
    {
        refuses("clientSecret:", "", "estate.yaml:4: tenants[0].directory.clientSecret: is missing",
                "{secret: NAME}");
    }
    void namesAnUnsetVariable()
    {
        refuses("apiKey:", "      apiKey: {env: MUSTER_TEST_UNSET}",
                "estate.yaml:16: targets[0].settings.apiKey: the environment variable "
                "MUSTER_TEST_UNSET is not set",
                "where Muster is started");
    }
    void namesAnUnreadableSecretFile()
    {
        refuses("apiKey:", "      apiKey: {file: gone.txt}",
                "estate.yaml:16: targets[0].settings.apiKey: cannot read the secret file " +
                    _fixture.folder() + "/gone.txt",
                "make it");
    }
    void refusesPlainHttpToAPublicHost()
    {
        refuses("cloud:", "      graph: http://graph.example.com",
                "estate.yaml:8: tenants[0].directory.graph: 'http://graph.example.com' cannot be "
                "used",
                "use https");
    }
    void takesPlainHttpToLoopback() { takes("cloud:", "      graph: http://127.0.0.1:9001/"); }
    void refusesAPlainHttpSiteOfATarget()
    {
        refuses("site:", "      site: http://acme.example.com",
                "estate.yaml:15: targets[0].settings.site: 'http://acme.example.com' cannot be "
                "used",
                "use https");
    }
    void namesAnUnreadableCertificate()
    {
        const auto key = _fixture.writeFile("app.key", "-----BEGIN PRIVATE KEY-----\n");
        refuses("clientSecret:", "      certificate: {file: gone.pem, key: app.key}",
                "estate.yaml:7: tenants[0].directory.certificate.file: cannot read " +
                    _fixture.folder() + "/gone.pem",
                "user who runs Muster");
    }
    void refusesACaFileThatIsNoCertificate()
    {
        _fixture.writeFile("ca.pem", "hello");
        refuses("cloud:", "      caFile: ca.pem",
                "estate.yaml:8: tenants[0].directory.caFile: " + _fixture.folder() +
                    "/ca.pem holds no CERTIFICATE in PEM form",
                "openssl");
    }
    void refusesAModeTheTargetCannotHold()
    {
        refuses("mode:", "    mode: documents",
                "estate.yaml:22: syncs[0].mode: ", "cannot hold what the mode documents claims");
    }
    void refusesAnUnknownMode()
    {
        refuses("mode:", "    mode: contact",
                "estate.yaml:22: syncs[0].mode: there is no mode 'contact'");
    }
    void takesAModeByItsNumber()
    {
        takes("mode:", "    mode: 1");
        CPPUNIT_ASSERT_EQUAL(std::string("contacts"),
                             _fixture.stored().sync("contoso-contacts").mode);
    }
    void refusesAnUnknownTenantOfASync()
    {
        refuses("tenant: contoso", "    tenant: contosso",
                "estate.yaml:20: syncs[0].tenant: there is no tenant 'contosso': did you mean "
                "'contoso'?");
    }
    void refusesASelectionForAnUnknownTarget()
    {
        refuses("desk: all", "      dask: all",
                "estate.yaml:10: tenants[0].groups.dask: there is no target 'dask': did you mean "
                "'desk'?");
        refuses("desk: all", "      desk: Sales",
                "estate.yaml:10: tenants[0].groups.desk: must be all, none, or a list",
                "[\"Sales\"]");
    }
    void refusesAScopeTheTargetDoesNotHave()
    {
        refuses("scope:", "    scope: {account: forty-two}",
                "estate.yaml:23: syncs[0].scope.account: must be an integer");
        refuses("scope:", "",
                "estate.yaml:19: syncs[0].scope.account: is missing: add account: NUMBER");
    }
    void refusesSettingsThePluginDoesNotKnow()
    {
        refuses("pace:", "      pase: {perSecond: 5}",
                "estate.yaml:17: targets[0].settings.pase: is no key here: did you mean 'pace'?");
        refuses("pace:", "      pace: {perSecond: 0}",
                "estate.yaml:17: targets[0].settings.pace.perSecond: must be greater than 0");
        refuses("site:", "",
                "estate.yaml:14: targets[0].settings.site: is missing: add site: TEXT");
        refuses("apiKey:", "",
                "estate.yaml:14: targets[0].settings.apiKey: is missing: add apiKey: {secret: "
                "NAME} - The key.");
    }
    void refusesSettingsTheModeDoesNotKnow()
    {
        refuses("settings: {nested", "    settings: {suffix: x, nestd: expand}",
                "estate.yaml:27: syncs[0].settings.nestd: is no key here: did you mean 'nested'?");
        refuses("settings: {nested", "    settings: {sufix: x}",
                "estate.yaml:27: syncs[0].settings.sufix: is no key here: did you mean 'suffix'?");
        refuses("settings: {nested", "    settings: {whatever: x}",
                "estate.yaml:27: syncs[0].settings.whatever: is no key here: there is nested, "
                "guests and suffix");
        refuses("settings: {nested", "    settings: {nested: all}",
                "estate.yaml:27: syncs[0].settings.nested: 'all' is none of direct and expand");
    }
    void refusesSchedulesThatMeanNothing()
    {
        refuses("schedule:", "    schedule: hourly",
                "estate.yaml:24: syncs[0].schedule: ", "{every: 15m}");
        refuses("schedule:", "    schedule: {every: 15}",
                "estate.yaml:24: syncs[0].schedule.every: is no time span", "15m");
        refuses("schedule:", "    schedule: {daily: \"24:00\"}",
                "estate.yaml:24: syncs[0].schedule.daily: is no time of day", "HH:MM");
        refuses("schedule:", "    schedule: {daily: \"02:30\", zone: ../etc}",
                "estate.yaml:24: syncs[0].schedule.zone: is no time zone", "Europe/Vienna");
        refuses("schedule:", "    schedule: {daily: \"02:30\", zone: leapseconds}",
                "estate.yaml:24: syncs[0].schedule.zone: is no time zone", "Europe/Vienna");
    }
    void takesEveryFormOfSchedule()
    {
        for (const auto* form : {"manual", "{every: 90s}", "{every: 1h}", "{every: 15m}",
                                 "{daily: 02:30, zone: UTC}", "{daily: \"23:59\"}"})
            takes("schedule:", std::string("    schedule: ") + form);
    }
    void refusesRemovalAndGuardOfOtherValues()
    {
        refuses("removal:", "    removal: {contacts: delete}",
                "estate.yaml:25: syncs[0].removal.contacts: 'delete' is none of keep and "
                "deactivate");
        refuses(
            "guard:", "    guard: {percent: 120}",
            "estate.yaml:26: syncs[0].guard.percent: '120' is not a whole number from 0 to 100");
        refuses("guard:", "    guard: {additions: hold}",
                "estate.yaml:26: syncs[0].guard.additions: 'hold' is none of run and wait");
    }
    void refusesAListWhereKeysBelong()
    {
        refuses("removal:", "    removal: [keep]",
                "estate.yaml:25: syncs[0].removal: must hold keys with values", "key: value");
        CPPUNIT_ASSERT_EQUAL(
            std::string("estate.yaml:1: tenants: must be a list: begin each item with '- '"),
            _fixture.faultsOf("tenants: {name: contoso}\n"));
    }
    void tellsAllFaultsAtOnceInTheirOrder()
    {
        const auto faults = _fixture.faultsOf(R"(syncs:
  - {name: one, tenant: nobody, target: nothing, mode: none}
tenants:
  - {name: Two}
)");
        size_t line = 0;
        std::istringstream stream(faults);
        for (std::string text; std::getline(stream, text); ++line)
            CPPUNIT_ASSERT_MESSAGE(faults,
                                   text.starts_with(line < 3 ? "estate.yaml:2: syncs[0]."
                                                             : "estate.yaml:4: tenants[0]."));
        CPPUNIT_ASSERT_EQUAL(size_t(5), line);
    }
    void leavesTheStoredEstateUntouched()
    {
        _fixture.apply(EstateFixture::rightEstate());
        auto wrong = EstateFixture::estateWith("displayName:", "    displayName: Other");
        wrong.replace(wrong.find("mode: contacts"), 14, "mode: nonsense");
        CPPUNIT_ASSERT(!_fixture.faultsOf(wrong).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("Contoso Ltd"),
                             _fixture.stored().tenant("contoso").displayName);
    }
    void refusesTenMegabytesOfGarbageAtOnce()
    {
        std::string garbage(10u << 20, '\0');
        std::minstd_rand random(1);
        for (auto& byte : garbage)
            byte = static_cast<char>(random());
        const auto begin = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(std::string("estate.yaml: is larger than 1 MiB"),
                             _fixture.faultsOf(garbage).substr(0, 33));
        const auto fault = _fixture.faultsOf(garbage.substr(0, 1u << 20));
        CPPUNIT_ASSERT_MESSAGE(fault, fault.starts_with("estate.yaml:"));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    }
    void refusesAnEmptyFile()
    {
        CPPUNIT_ASSERT(
            _fixture.faultsOf("# nothing\n").starts_with("estate.yaml: declares nothing"));
        CPPUNIT_ASSERT(_fixture.faultsOf("hello\n").starts_with("estate.yaml:1: declares nothing"));
    }
    void doesNotShowASecretThatBreaksTheSchema()
    {
        _fixture.secrets().set("wrong", "Hunter-2-Hunter-2");
        const auto fault = _fixture.faultsOf(
            EstateFixture::estateWith("pace:", "      pace: {parallel: {secret: wrong}}"));
        CPPUNIT_ASSERT_MESSAGE(fault,
                               fault.starts_with("estate.yaml:17: targets[0].settings.pace"));
        CPPUNIT_ASSERT_MESSAGE(fault, fault.find("Hunter") == fault.npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EstateFaultTest);

} // namespace muster::estate
