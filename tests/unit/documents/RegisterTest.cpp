#include "DocumentWorld.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <atomic>
#include <thread>

namespace muster::testing {

using Names = std::vector<std::string>;

/// The documents that the register makes of a tenant's groups.
class RegisterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RegisterTest);
    FRESH_TEST(documentsEveryGroupWithoutASync);
    FRESH_TEST(documentsWhatTheSyncSelects);
    FRESH_TEST(namesContactsAsTheTargetDoes);
    FRESH_TEST(anUnchangedTenantIsNotWritten);
    FRESH_TEST(onlyWhatIsEnabledChanges);
    FRESH_TEST(goesOnAfterItIsEnabled);
    FRESH_TEST(aDeletedDocumentIsForgotten);
    FRESH_TEST(saysWhatIsNestedInWhat);
    FRESH_TEST(leadsToTheAdminCenterOfTheCloud);
    FRESH_TEST(findsByWhatStandsInADocument);
    FRESH_TEST(findsByIdOrName);
    FRESH_TEST(documentsOfTwoTenantsAreToldApart);
    FRESH_TEST(tellsTheEngineHowADocumentStands);
    FRESH_TEST(membersThatMayNotBeReadStay);
    FRESH_TEST(severalRegistersWorkSideBySide);
    CPPUNIT_TEST_SUITE_END();

    DocumentWorld _world;

    void start()
    {
        _world.apply("user", {_world.user(1), _world.user(2)});
        _world.apply("group",
                     {_world.group(11, R"(,"description":"Sells","groupTypes":["Unified"])"),
                      _world.group(12)},
                     {_world.link(11, 1), _world.link(11, 2, false, directory::Role::Owner)});
    }

    static std::string textOf(const std::vector<std::string>& texts) { return json(texts).dump(); }

public:
    void documentsEveryGroupWithoutASync()
    {
        start();
        _world.update();
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 11", "Group 12"}), textOf(_world.names()));
        const auto page = _world.page(11);
        CPPUNIT_ASSERT(page.type == documents::Type::Microsoft365);
        CPPUNIT_ASSERT_EQUAL(std::string("Sells"), page.description);
        CPPUNIT_ASSERT_EQUAL(std::string("Assigned"), page.membership);
        CPPUNIT_ASSERT_EQUAL(std::string("contoso"), page.tenant);
        CPPUNIT_ASSERT_EQUAL(std::string("Contoso Ltd"), page.organization);
        CPPUNIT_ASSERT(page.status == documents::Status::Enabled);
        CPPUNIT_ASSERT_EQUAL(textOf({"User 1 <user1@contoso.com>"}),
                             textOf(page.lists.membersText));
        CPPUNIT_ASSERT_EQUAL(textOf({"User 2 <user2@contoso.com>"}), textOf(page.lists.owners));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), page.counts.membersText);
        CPPUNIT_ASSERT_EQUAL(int64_t(0), page.counts.members);
        CPPUNIT_ASSERT(!page.updated.empty());
    }

    void documentsWhatTheSyncSelects()
    {
        _world.declareSync();
        start();
        _world.apply("group", {_world.group(13)});
        directory::Selection(_world.database, _world.clock).update(_world.tenant, 7, "desk");
        _world.select(12, false);
        _world.update();
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 11", "Group 13"}), textOf(_world.names()));
        CPPUNIT_ASSERT_EQUAL(std::string("7"), _world.page(11).organization);
        _world.declareSync({{"types", {"security"}}});
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("disabled"), _world.status(11));
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), _world.status(13));
    }

    void namesContactsAsTheTargetDoes()
    {
        _world.declareSync();
        _world.contact("73", "Morgan, John", "user1@contoso.com");
        start();
        _world.update();
        const auto page = _world.page(11);
        CPPUNIT_ASSERT_EQUAL(int64_t(1), page.counts.members);
        CPPUNIT_ASSERT(page.lists.membersText.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("73"), page.lists.members.front().id);
        CPPUNIT_ASSERT_EQUAL(std::string("Morgan, John"), page.lists.members.front().name);
        // A contact that goes leaves its id.
        _world.database.execute("DELETE FROM record_alias");
        _world.database.execute("DELETE FROM record");
        CPPUNIT_ASSERT_EQUAL(std::string("73"), _world.page(11).lists.members.front().name);
    }

    void anUnchangedTenantIsNotWritten()
    {
        start();
        _world.update();
        const auto writes = [&] {
            return _world.database.value<int64_t>("SELECT total_changes()").value();
        };
        const auto before = writes();
        _world.update();
        CPPUNIT_ASSERT_EQUAL(before, writes());
    }

    void onlyWhatIsEnabledChanges()
    {
        start();
        _world.update();
        _world.edit(11, {.isEnabled = false});
        _world.edit(12, {.fields = {{"Room", "12"}}});
        _world.apply("group",
                     {_world.group(11, R"(,"description":"Buys","groupTypes":["Unified"])"),
                      _world.group(12, R"(,"description":"Buys")")});
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("Sells"), _world.page(11).description);
        CPPUNIT_ASSERT_EQUAL(std::string("Buys"), _world.page(12).description);
        CPPUNIT_ASSERT_EQUAL(std::string("12"), _world.page(12).ownFields.at("Room"));
    }

    void goesOnAfterItIsEnabled()
    {
        start();
        _world.update();
        _world.edit(11, {.isArchived = true});
        _world.apply("group", {_world.group(11, R"(,"description":"Buys","groupTypes":[])")});
        _world.update();
        _world.edit(11, {.isArchived = false});
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("Buys"), _world.page(11).description);
        CPPUNIT_ASSERT(_world.page(11).type == documents::Type::Security);
    }

    void aDeletedDocumentIsForgotten()
    {
        start();
        _world.update();
        _world.edit(11, {.isArchived = true, .fields = {{"Room", "12"}}});
        _world.remove(11);
        _world.apply("group", {_world.group(11, R"(,"description":"Buys")")});
        _world.declareSync(); // all groups are derived again
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"), _world.status(11));
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 12"}), textOf(_world.names({.withArchived = true})));
        CPPUNIT_ASSERT_THROW(_world.page(11), UsageError);
        CPPUNIT_ASSERT(_world.entry(11).document.ownFields.empty());
        _world.edit(11, {.isEnabled = true});
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("Buys"), _world.page(11).description);
    }

    void saysWhatIsNestedInWhat()
    {
        _world.apply("group", {_world.group(11), _world.group(12), _world.group(13)},
                     {_world.link(11, 12, false, directory::Role::Member, "group"),
                      _world.link(11, 13, false, directory::Role::Member, "group")});
        _world.update();
        CPPUNIT_ASSERT_EQUAL(int64_t(2), _world.page(11).counts.nested);
        CPPUNIT_ASSERT_EQUAL(std::string("Group 12"), _world.page(11).lists.nested.front().name);
        CPPUNIT_ASSERT_EQUAL(guid(11), _world.page(12).lists.nestedIn.front().id);
        _world.edit(13, {.isEnabled = false});
        _world.remove(13);
        CPPUNIT_ASSERT_EQUAL(int64_t(1), _world.page(11).counts.nested);
    }

    void leadsToTheAdminCenterOfTheCloud()
    {
        const std::vector<std::pair<std::string, std::string>> clouds = {
            {"https://graph.microsoft.com", "https://entra.microsoft.com/"},
            {"https://graph.microsoft.us", "https://entra.microsoft.us/"},
            {"https://dod-graph.microsoft.us", "https://entra.microsoft.us/"},
            {"https://microsoftgraph.chinacloudapi.cn", "https://entra.microsoftonline.cn/"}};
        start();
        _world.update();
        for (const auto& [graph, center] : clouds)
        {
            _world.tenant.directory.scope = graph + "/.default";
            _world.database.execute("UPDATE tenant SET document = $1",
                                    {estate::documentOf(_world.tenant).dump()});
            const auto url = _world.page(11).manageUrl;
            CPPUNIT_ASSERT_MESSAGE(url, url.starts_with(center) && url.ends_with(guid(11)));
        }
    }

    void findsByWhatStandsInADocument()
    {
        _world.declareSync();
        _world.contact("73", "Morgan, Jóhn", "user1@contoso.com");
        start();
        _world.update();
        _world.edit(12, {.fields = {{"Room", "Under the ROOF"}}});
        const std::vector<std::pair<std::string, Names>> table = {
            {"JÓHN", {"Group 11"}},
            {"sells", {"Group 11"}},
            {"user2@", {"Group 11"}},
            {"roof", {"Group 12"}},
            {"group", {"Group 11", "Group 12"}},
            {"73", {}}};
        for (const auto& [text, expected] : table)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, textOf(expected),
                                         textOf(_world.names({.search = text})));
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 12"}),
                             textOf(_world.names({.type = documents::Type::Security})));
        CPPUNIT_ASSERT(_world.names({.organization = "8"}).empty());
        CPPUNIT_ASSERT_EQUAL(size_t(2), _world.names({.organization = "contoso ltd"}).size());
        _world.edit(11, {.isArchived = true});
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 12"}), textOf(_world.names()));
        CPPUNIT_ASSERT_EQUAL(
            textOf({"Group 11"}),
            textOf(_world.names({.status = documents::Status::Orphaned, .withArchived = true})));
    }

    void findsByIdOrName()
    {
        start();
        _world.update();
        documents::Reader reader(_world.database);
        const auto found = reader.find({.ids = {"gROUP 11", guid(11), guid(12)}}, Detail::Counts,
                                       Tombstones::Hidden);
        CPPUNIT_ASSERT_EQUAL(size_t(2), found.size());
        CPPUNIT_ASSERT_THROW(reader.find({.ids = {"Group 1"}}, Detail::Counts, Tombstones::Hidden),
                             UsageError);
        _world.apply("group", {{.id = guid(13), .attributes = R"({"displayName":"Group 11"})"}});
        _world.update();
        CPPUNIT_ASSERT_THROW(reader.find({.ids = {"Group 11"}}, Detail::Counts, Tombstones::Hidden),
                             UsageError);
    }

    void documentsOfTwoTenantsAreToldApart()
    {
        start();
        _world.update();
        auto other = _world.tenant;
        other.id = 2;
        other.name = "fabrikam";
        _world.database.execute("INSERT INTO tenant(id, name, document) VALUES(2, $1, $2)",
                                {other.name, estate::documentOf(other).dump()});
        directory::Mirror(_world.database, 2, _world.clock)
            .apply(directory::Mirror::Copy::Live,
                   {.kind = "group", .objects = {_world.group(11)}, .memberships = {}}, "groups",
                   {.link = "next"});
        _world.registry.update(other, _world.silent, _world.never);
        documents::Reader reader(_world.database);
        CPPUNIT_ASSERT_THROW(reader.find({.ids = {guid(11)}}, Detail::Counts, Tombstones::Hidden),
                             UsageError);
        const auto found = reader.find({.ids = {guid(11)}, .tenant = "fabrikam"}, Detail::Counts,
                                       Tombstones::Hidden);
        CPPUNIT_ASSERT_EQUAL(std::string("fabrikam"), found.front().document.tenant);
    }

    void tellsTheEngineHowADocumentStands()
    {
        using sync::Presence;
        using sync::Standing;
        _world.declareSync();
        start();
        _world.update();
        const auto standing = [&](int group, Presence presence) {
            return _world.registry.stateOf(_world.sync, _world.id(group), presence).standing;
        };
        CPPUNIT_ASSERT(standing(11, Presence::Wanted) == Standing::Enabled);
        CPPUNIT_ASSERT(standing(11, Presence::Unwanted) == Standing::Disabled);
        CPPUNIT_ASSERT(standing(11, Presence::Gone) == Standing::Orphaned);
        _world.edit(11, {.isArchived = true});
        CPPUNIT_ASSERT(standing(11, Presence::Wanted) == Standing::Orphaned);
        CPPUNIT_ASSERT(
            _world.registry.stateOf(_world.sync, _world.id(11), Presence::Wanted).isArchived);
        _world.remove(11);
        CPPUNIT_ASSERT(standing(11, Presence::Wanted) == Standing::Deleted);
        CPPUNIT_ASSERT(
            _world.registry.stateOf(_world.sync, _world.id(11), Presence::Wanted).message.empty());
    }

    void membersThatMayNotBeReadStay()
    {
        start();
        _world.update();
        _world.database.execute("UPDATE directory SET reads_hidden = 0");
        _world.apply("group", {_world.group(11, R"(,"visibility":"HiddenMembership")")});
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), _world.status(11));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), _world.page(11).counts.membersText);
    }

    void severalRegistersWorkSideBySide()
    {
        constexpr int kGroups = 30;
        constexpr int kRounds = 15;
        std::atomic<bool> isDone = false;
        std::atomic<int> failures = 0;
        const auto work = [&] {
            try
            {
                auto database = _world.store.connect();
                documents::Register registry(database, _world.catalog, _world.clock);
                runtime::SilentProgress silent;
                while (!isDone)
                    registry.update(_world.tenant, silent, _world.never);
            }
            catch (const std::exception&)
            {
                ++failures;
            }
        };
        std::thread one(work);
        std::thread other(work);
        for (int round = 1; round <= kRounds; ++round)
        {
            std::vector<directory::ObjectChange> groups;
            for (int number = 1; number <= kGroups; ++number)
                groups.push_back(_world.group(number, R"(,"description":"Round )" +
                                                          std::to_string(round) + "\""));
            _world.apply("group", groups);
        }
        isDone = true;
        one.join();
        other.join();
        CPPUNIT_ASSERT_EQUAL(0, failures.load());
        _world.update();
        for (int number = 1; number <= kGroups; ++number)
            CPPUNIT_ASSERT_EQUAL("Round " + std::to_string(kRounds),
                                 _world.page(number).description);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RegisterTest);

} // namespace muster::testing
