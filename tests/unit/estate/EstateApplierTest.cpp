#include "EstateFixture.h"
#include "support/FreshTest.h"

namespace muster::estate {

class EstateApplierTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EstateApplierTest);
    FRESH_TEST(createsWhatIsDeclared);
    FRESH_TEST(changesNothingTheSecondTime);
    FRESH_TEST(takesAWrittenDefaultForNoChange);
    FRESH_TEST(namesTheKeysThatChanged);
    FRESH_TEST(derivesAChangedSyncAnew);
    FRESH_TEST(keepsDerivationWhenOnlyTheScheduleChanged);
    FRESH_TEST(keepsWhatTheFilesDoNotName);
    FRESH_TEST(removesTheUnnamedWhenAsked);
    FRESH_TEST(keepsTheIdOfANameThatComesBack);
    FRESH_TEST(refusesAnotherDirectoryUnderTheSameName);
    FRESH_TEST(takesReferencesToStoredEntries);
    FRESH_TEST(takesReferencesAcrossFiles);
    FRESH_TEST(refusesReferencesToWhatIsRemoved);
    FRESH_TEST(sharesOneScopeBetweenSyncs);
    FRESH_TEST(keepsSecretsOutOfTheStore);
    FRESH_TEST(readsFilesBesideTheEstate);
    FRESH_TEST(setsCloudEndpoints);
    FRESH_TEST(overridesCloudEndpoints);
    FRESH_TEST(keepsSyncsInTheOrderOfTheirDeclaration);
    FRESH_TEST(readsSelectionRules);
    CPPUNIT_TEST_SUITE_END();

    EstateFixture _fixture;

    std::string shown(const std::vector<EntryChange>& changes)
    {
        std::string text;
        for (const auto& change : changes)
        {
            text += change.kind + " " + change.name + " " + toText(change.what);
            for (const auto& key : change.keys)
                text += " " + key;
            text += "\n";
        }
        return text;
    }

    int64_t number(const std::string& sql)
    {
        return _fixture.database().value<int64_t>(sql).value_or(-1);
    }

public:
    void createsWhatIsDeclared()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("tenant contoso created\n"
                                         "target desk created\n"
                                         "sync contoso-contacts created\n"),
                             shown(_fixture.apply(EstateFixture::rightEstate())));
        const auto sync = _fixture.stored().sync("contoso-contacts");
        CPPUNIT_ASSERT_EQUAL(std::string("contoso"), sync.tenant);
        CPPUNIT_ASSERT_EQUAL(_fixture.stored().target("desk").id, sync.targetId);
        CPPUNIT_ASSERT_EQUAL((Json{{"account", 42}}), sync.scope);
    }
    void changesNothingTheSecondTime()
    {
        _fixture.apply(EstateFixture::rightEstate());
        CPPUNIT_ASSERT_EQUAL(std::string("tenant contoso unchanged\n"
                                         "target desk unchanged\n"
                                         "sync contoso-contacts unchanged\n"),
                             shown(_fixture.apply(EstateFixture::rightEstate())));
    }
    void takesAWrittenDefaultForNoChange()
    {
        _fixture.apply(EstateFixture::rightEstate());
        const auto changes = _fixture.apply(EstateFixture::estateWith("removal:", ""));
        CPPUNIT_ASSERT_EQUAL(std::string("unchanged"), toText(changes.back().what));
    }
    void namesTheKeysThatChanged()
    {
        _fixture.apply(EstateFixture::rightEstate());
        const auto changes = _fixture.apply(
            EstateFixture::estateWith("guard:", "    guard: {percent: 30, count: 5}"));
        CPPUNIT_ASSERT_EQUAL(std::string("tenant contoso unchanged\n"
                                         "target desk unchanged\n"
                                         "sync contoso-contacts changed guard.percent\n"),
                             shown(changes));
    }
    void derivesAChangedSyncAnew()
    {
        _fixture.apply(EstateFixture::rightEstate());
        _fixture.database().execute("UPDATE sync SET derived_seq = 7");
        _fixture.apply(
            EstateFixture::estateWith("settings: {nested", "    settings: {nested: expand}"));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), number("SELECT derived_seq FROM sync"));
    }
    void keepsDerivationWhenOnlyTheScheduleChanged()
    {
        _fixture.apply(EstateFixture::rightEstate());
        _fixture.database().execute("UPDATE sync SET derived_seq = 7");
        _fixture.apply(EstateFixture::estateWith("schedule:", "    schedule: manual"));
        CPPUNIT_ASSERT_EQUAL(int64_t(7), number("SELECT derived_seq FROM sync"));
        CPPUNIT_ASSERT_EQUAL(Json("manual"), _fixture.stored().sync("contoso-contacts").schedule);
    }
    void keepsWhatTheFilesDoNotName()
    {
        _fixture.apply(EstateFixture::rightEstate());
        const auto changes = _fixture.apply("syncs:\n  - {name: two, tenant: contoso, target: "
                                            "desk, mode: 1, scope: {account: 1}}\n");
        CPPUNIT_ASSERT_EQUAL(std::string("tenant contoso kept\n"
                                         "target desk kept\n"
                                         "sync two created\n"
                                         "sync contoso-contacts kept\n"),
                             shown(changes));
        CPPUNIT_ASSERT_EQUAL(size_t(2), _fixture.stored().syncs().size());
    }
    void removesTheUnnamedWhenAsked()
    {
        _fixture.apply(EstateFixture::rightEstate());
        auto renamed = EstateFixture::estateWith("name: contoso-contacts", "  - name: other");
        const auto changes = _fixture.apply({{"estate.yaml", renamed}}, Unnamed::Remove);
        CPPUNIT_ASSERT_EQUAL(std::string("tenant contoso unchanged\n"
                                         "target desk unchanged\n"
                                         "sync other created\n"
                                         "sync contoso-contacts removed\n"),
                             shown(changes));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _fixture.stored().syncs().size());
        CPPUNIT_ASSERT_EQUAL(int64_t(2), number("SELECT count(*) FROM sync"));
    }
    void keepsTheIdOfANameThatComesBack()
    {
        _fixture.apply(EstateFixture::rightEstate());
        const auto id = _fixture.stored().sync("contoso-contacts").id;
        const auto renamed = EstateFixture::estateWith("name: contoso-contacts", "  - name: other");
        _fixture.apply({{"estate.yaml", renamed}}, Unnamed::Remove);
        _fixture.database().execute("UPDATE sync SET derived_seq = 7");
        _fixture.apply(EstateFixture::rightEstate());
        CPPUNIT_ASSERT_EQUAL(id, _fixture.stored().sync("contoso-contacts").id);
        CPPUNIT_ASSERT_EQUAL(
            int64_t(0), number("SELECT derived_seq FROM sync WHERE name = 'contoso-contacts'"));
    }
    void refusesAnotherDirectoryUnderTheSameName()
    {
        _fixture.apply(EstateFixture::rightEstate());
        CPPUNIT_ASSERT_EQUAL(
            std::string("estate.yaml:5: tenants[0].directory.tenant: the tenant 'contoso' is the "
                        "directory 3f0c0e0e-0000-4000-8000-000000000001: give another directory a "
                        "name of its own"),
            _fixture.faultsOf(EstateFixture::estateWith(
                "tenant: 3f0c", "      tenant: 3f0c0e0e-0000-4000-8000-00000000000f")));
    }
    void takesReferencesToStoredEntries()
    {
        _fixture.apply(EstateFixture::rightEstate());
        const auto& right = EstateFixture::rightEstate();
        CPPUNIT_ASSERT_EQUAL(std::string(), _fixture.faultsOf(right.substr(right.find("syncs:"))));
    }
    void takesReferencesAcrossFiles()
    {
        const auto& right = EstateFixture::rightEstate();
        const auto cut = right.find("targets:");
        const auto changes =
            _fixture.apply({{"a.yaml", right.substr(0, cut)}, {"b.yaml", right.substr(cut)}});
        CPPUNIT_ASSERT_EQUAL(size_t(3), changes.size());
    }
    void refusesReferencesToWhatIsRemoved()
    {
        _fixture.apply(EstateFixture::rightEstate());
        const auto& right = EstateFixture::rightEstate();
        CPPUNIT_ASSERT_THROW(
            _fixture.apply({{"estate.yaml", right.substr(right.find("syncs:"))}}, Unnamed::Remove),
            EstateError);
    }
    void sharesOneScopeBetweenSyncs()
    {
        _fixture.apply(EstateFixture::rightEstate() +
                       "  - {name: two, tenant: contoso, target: desk, mode: 1, scope: {account: "
                       "42}}\n");
        const auto syncs = _fixture.stored().syncs();
        CPPUNIT_ASSERT_EQUAL(syncs[0].scopeId, syncs[1].scopeId);
    }
    void keepsSecretsOutOfTheStore()
    {
        _fixture.apply(EstateFixture::rightEstate());
        CPPUNIT_ASSERT_EQUAL((Json{{"secret", "desk-key"}}),
                             _fixture.stored().target("desk").settings["apiKey"]);
        CPPUNIT_ASSERT_EQUAL(int64_t(0),
                             number("SELECT count(*) FROM target WHERE document LIKE '%the desk "
                                    "key%'"));
    }
    void readsFilesBesideTheEstate()
    {
        _fixture.writeFile("key.txt", "from a file\n");
        _fixture.apply(EstateFixture::estateWith("apiKey:", "      apiKey: {file: key.txt}"));
        const auto target = _fixture.stored().target("desk");
        CPPUNIT_ASSERT_EQUAL((Json{{"file", _fixture.folder() + "/key.txt"}}),
                             target.settings["apiKey"]);
        CPPUNIT_ASSERT_EQUAL(Json("from a file"),
                             _fixture.resolver().resolve(target.settings)["apiKey"]);
    }
    void setsCloudEndpoints()
    {
        _fixture.apply(EstateFixture::estateWith("cloud:", "      cloud: dod"));
        const auto directory = _fixture.stored().tenant("contoso").directory;
        CPPUNIT_ASSERT_EQUAL(std::string("https://login.microsoftonline.us"), directory.authority);
        CPPUNIT_ASSERT_EQUAL(std::string("https://dod-graph.microsoft.us"), directory.graph);
        CPPUNIT_ASSERT_EQUAL(std::string("https://dod-graph.microsoft.us/.default"),
                             directory.scope);
    }
    void overridesCloudEndpoints()
    {
        _fixture.apply(EstateFixture::estateWith("cloud:", "      graph: http://127.0.0.1:9001/"));
        const auto directory = _fixture.stored().tenant("contoso").directory;
        CPPUNIT_ASSERT_EQUAL(std::string("http://127.0.0.1:9001"), directory.graph);
        CPPUNIT_ASSERT_EQUAL(std::string("https://login.microsoftonline.com"), directory.authority);
        CPPUNIT_ASSERT_EQUAL(std::string("https://graph.microsoft.com/.default"), directory.scope);
    }
    void keepsSyncsInTheOrderOfTheirDeclaration()
    {
        const auto sync = [](const std::string& name) {
            return "  - {name: " + name +
                   ", tenant: contoso, target: desk, mode: 1, scope: "
                   "{account: 1}}\n";
        };
        const auto order = [&] {
            std::string text;
            for (const auto& each : _fixture.stored().syncs())
                text += each.name + " ";
            return text;
        };
        _fixture.apply(EstateFixture::rightEstate() + sync("b") + sync("a"));
        CPPUNIT_ASSERT_EQUAL(std::string("contoso-contacts b a "), order());
        _fixture.apply("syncs:\n" + sync("c") + sync("a") + sync("b"));
        CPPUNIT_ASSERT_EQUAL(std::string("contoso-contacts c a b "), order());
    }
    void readsSelectionRules()
    {
        _fixture.apply(EstateFixture::estateWith("desk: all", "      desk: [Sales*, 7f0c]"));
        const auto rules = _fixture.stored().tenant("contoso").groups;
        CPPUNIT_ASSERT_EQUAL(size_t(1), rules.size());
        CPPUNIT_ASSERT_EQUAL(std::string("desk"), rules[0].target);
        CPPUNIT_ASSERT(!rules[0].all);
        CPPUNIT_ASSERT_EQUAL(size_t(2), rules[0].patterns.size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EstateApplierTest);

} // namespace muster::estate
