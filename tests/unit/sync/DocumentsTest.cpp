#include "SyncWorld.h"
#include "plugins/Catalog.h"
#include "support/FreshTest.h"
#include "sync/PlanStore.h"

using namespace muster;
using Lines = std::vector<std::string>;
using plugins::Json;

namespace {

/// The register as far as the engine asks it.
class FakeKeeper : public sync::Keeper
{
public:
    void absorb(const estate::Sync&) override { ++absorbed; }

    sync::DocumentState stateOf(const estate::Sync&, int64_t group,
                                sync::Presence presence) override
    {
        if (const auto found = decided.find(group); found != decided.end())
            return found->second;
        return {presence == sync::Presence::Wanted     ? sync::Standing::Enabled
                : presence == sync::Presence::Unwanted ? sync::Standing::Disabled
                                                       : sync::Standing::Orphaned};
    }

    std::map<int64_t, sync::DocumentState> decided; ///< by people
    int absorbed = 0;
};

/// The mode that is shipped, for a world.
class DocumentsMode : public Mode
{
public:
    explicit DocumentsMode(runtime::Clock& clock)
        : _catalog({MUSTER_BINARY_DIR "/lib/muster"}, clock),
          _mode(_catalog.loadMode("group-documents"))
    {}

    Claims derive(const Group& group, Records& records, const Json& settings) const override
    {
        return _mode.derive(group, records, settings);
    }

    plugins::ModeManifest manifest() const { return _catalog.mode("group-documents"); }

private:
    plugins::Catalog _catalog;
    const Mode& _mode;
};

tests::SyncMode documents()
{
    static tests::TestClock clock;
    auto mode = std::make_unique<DocumentsMode>(clock);
    return {mode->manifest(), std::move(mode)};
}

} // namespace

class DocumentsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DocumentsTest);
    FRESH_TEST(documentsAGroupWithAllThatItHolds);
    FRESH_TEST(matchesPeopleByAddressThenUserNameThenName);
    FRESH_TEST(severalCandidatesAreNone);
    FRESH_TEST(aContactIsOnePerson);
    FRESH_TEST(ofSeveralWithAContactsNameNoneIsIt);
    FRESH_TEST(devicesOfOneNameAreListedEach);
    FRESH_TEST(whatPeopleArchivedBeforeIsAdoptedSo);
    FRESH_TEST(anUndoTakesNoDocumentAway);
    FRESH_TEST(anUnchangedWorldAsksNothing);
    FRESH_TEST(aChangedMemberIsOneChange);
    FRESH_TEST(whatIsLeftOutIsEmptied);
    FRESH_TEST(nestedGroupsAreLinkedOnceTheyAreDocumented);
    FRESH_TEST(aGroupThatIsSwitchedOffStaysAsItIs);
    FRESH_TEST(aTypeThatIsClearedStaysAsItIs);
    FRESH_TEST(aDeletedGroupIsOrphanedUnderEitherPolicy);
    FRESH_TEST(aRestoredGroupIsTheSameDocument);
    FRESH_TEST(anArchivedDocumentStaysAsItIs);
    FRESH_TEST(aDeletedDocumentIsNotMadeAgain);
    FRESH_TEST(aContactThatComesIsMatched);
    FRESH_TEST(aContactThatGoesIsMatchedNoMore);
    FRESH_TEST(whatPeopleDidIsKeptForTheRegister);
    FRESH_TEST(aGroupThatIsEmptiedIsNotHeld);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.keeper = &_keeper;
        _world.person(1, "a@x.example");
        _world.person(2, "b@x.example");
        _world.group(1, "Sales", R"({"description": "Sells"})");
        _world.member(1, 1);
        _ann = contact("a@x.example");
    }

    void documentsAGroupWithAllThatItHolds()
    {
        _world.person(3, "c@x.example", R"({"displayName": "Cy", "accountEnabled": false})");
        _world.member(1, 3);
        _world.member(1, 2, false, directory::Role::Owner);
        _world.device(1, "PC-1");
        _world.device(2, "PC-2");
        _world.holds(1, 1);
        _world.holds(1, 2);
        const auto pc = _world.target.add("configuration", "7");
        _world.target.records.at(pc).aliases = {"pc-1"};
        sync();
        const Json expected = {{"type", "security"},
                               {"key", id(1)},
                               {"name", "Sales"},
                               {"description", "Sells"},
                               {"domain", "contoso.example"},
                               {"membership", "Assigned"},
                               {"status", "Enabled"},
                               {"integration", "contoso"},
                               {"members", {_ann}},
                               {"membersText", {"Cy <c@x.example> (disabled)"}},
                               {"devices", {pc}},
                               {"devicesText", {"PC-2"}},
                               {"owners", {"Person 2 <b@x.example>"}}};
        auto fields = document(1).fields;
        CPPUNIT_ASSERT(!fields.at("updated").get<std::string>().empty());
        fields.erase("updated");
        CPPUNIT_ASSERT_EQUAL(expected.dump(), fields.dump());
    }

    void matchesPeopleByAddressThenUserNameThenName()
    {
        _world.member(1, 2);
        const auto byName = contact("person 2");
        sync();
        CPPUNIT_ASSERT_EQUAL(Json({_ann, byName}).dump(), document(1).fields["members"].dump());
        const auto byUser = contact("u2@contoso.example");
        CPPUNIT_ASSERT(Lines({"update " + id(1)}) == planned(true));
        run();
        CPPUNIT_ASSERT_EQUAL(Json({_ann, byUser}).dump(), document(1).fields["members"].dump());
    }

    void severalCandidatesAreNone()
    {
        contact("a@x.example");
        sync();
        CPPUNIT_ASSERT_EQUAL(Json({"Person 1 <a@x.example>"}).dump(),
                             document(1).fields["membersText"].dump());
        CPPUNIT_ASSERT(!document(1).fields.contains("members"));
        CPPUNIT_ASSERT(_world.findings() == Lines({"contact-ambiguous a@x.example"}));
    }

    void aContactIsOnePerson()
    {
        _world.person(3, "other@x.example", R"({"givenName": "An", "surname": "Bo"})");
        _world.member(1, 3);
        _world.target.records.at(_ann).aliases = {"a@x.example", "an bo"};
        sync();
        CPPUNIT_ASSERT_EQUAL(Json({_ann}).dump(), document(1).fields["members"].dump());
        CPPUNIT_ASSERT_EQUAL(Json({"Person 3 <other@x.example>"}).dump(),
                             document(1).fields["membersText"].dump());
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void ofSeveralWithAContactsNameNoneIsIt()
    {
        contact("an bo");
        for (const int number : {3, 4})
        {
            _world.person(number, "p" + std::to_string(number) + "@x.example",
                          R"({"givenName": "An", "surname": "Bo"})");
            _world.member(1, number);
        }
        sync();
        CPPUNIT_ASSERT_EQUAL(Json({_ann}).dump(), document(1).fields["members"].dump());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, document(1).fields["membersText"].size());
    }

    void devicesOfOneNameAreListedEach()
    {
        for (const int number : {1, 2, 3})
        {
            _world.device(number, number == 3 ? "PC-2" : "PC-1");
            _world.holds(1, number);
        }
        _world.device(4, "PC-2");
        _world.holds(1, 4);
        const auto pc = _world.target.add("configuration", "7");
        _world.target.records.at(pc).aliases = {"pc-1"};
        sync();
        CPPUNIT_ASSERT_EQUAL(Json({pc}).dump(), document(1).fields["devices"].dump());
        CPPUNIT_ASSERT_EQUAL(Json({"PC-1", "PC-2", "PC-2 (2)"}).dump(),
                             document(1).fields["devicesText"].dump());
    }

    void whatPeopleArchivedBeforeIsAdoptedSo()
    {
        const auto document = _world.target.add("group-document", id(1));
        _world.target.records.at(document).fields = {{"name", "Sales"}, {"archived", true}};
        prepare(false);
        const auto drift = _world.database.value<std::string>("SELECT after FROM drift");
        CPPUNIT_ASSERT(drift && Json::parse(*drift).at("archived") == true);
    }

    void anUndoTakesNoDocumentAway()
    {
        sync();
        const auto undo = _world.planUndo(1);
        _world.run(undo);
        CPPUNIT_ASSERT(document(1).active);
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
    }

    void anUnchangedWorldAsksNothing()
    {
        sync();
        const auto requests = _world.target.requests();
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT_EQUAL(requests, _world.target.requests());
    }

    void aChangedMemberIsOneChange()
    {
        sync();
        _world.member(1, 2);
        CPPUNIT_ASSERT(planned() == Lines({"update " + id(1)}));
    }

    void whatIsLeftOutIsEmptied()
    {
        sync();
        _world.group(1, "Sales", R"({"description": null})");
        _world.member(1, 1, true);
        sync();
        CPPUNIT_ASSERT(document(1).fields["description"].is_null());
        CPPUNIT_ASSERT(document(1).fields["members"].is_null());
        CPPUNIT_ASSERT(planned().empty());
    }

    void nestedGroupsAreLinkedOnceTheyAreDocumented()
    {
        _world.group(2, "Inner");
        _world.select(2, false);
        _world.nests(1, 2);
        CPPUNIT_ASSERT(planned() == Lines({"create " + id(1)}));
        run();
        CPPUNIT_ASSERT(planned().empty());
        _world.select(2);
        CPPUNIT_ASSERT(planned() ==
                       Lines({"create " + id(2), "link " + id(1) + " " + id(2) + " nested"}));
        run();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _world.target.links.size());
        CPPUNIT_ASSERT(planned(true).empty());
        _world.nests(1, 2, true);
        CPPUNIT_ASSERT(planned() == Lines({"unlink " + id(1) + " " + id(2)}));
    }

    void aGroupThatIsSwitchedOffStaysAsItIs()
    {
        sync();
        _world.select(1, false);
        _world.member(1, 2);
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Disabled"), status(1));
        CPPUNIT_ASSERT_EQUAL(Json({_ann}).dump(), document(1).fields["members"].dump());
        CPPUNIT_ASSERT(!document(1).fields.contains("membersText"));
        _world.select(1);
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
        CPPUNIT_ASSERT(document(1).fields.contains("membersText"));
    }

    void aTypeThatIsClearedStaysAsItIs()
    {
        sync();
        _world.syncSettings.settings = {{"types", {"microsoft365"}}};
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Disabled"), status(1));
    }

    void aDeletedGroupIsOrphanedUnderEitherPolicy()
    {
        for (const auto policy : {estate::GroupRemoval::Keep, estate::GroupRemoval::Retire})
        {
            _world.syncSettings.removal.groups = policy;
            _world.group(1, "Sales");
            sync();
            _world.removeGroup(1);
            sync();
            CPPUNIT_ASSERT_EQUAL(std::string("Orphaned"), status(1));
            CPPUNIT_ASSERT(document(1).active);
            CPPUNIT_ASSERT(planned().empty());
        }
    }

    void aRestoredGroupIsTheSameDocument()
    {
        sync();
        _world.removeGroup(1);
        sync();
        _world.group(1, "Sales");
        CPPUNIT_ASSERT(planned() == Lines({"update " + id(1)}));
        run();
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
    }

    void anArchivedDocumentStaysAsItIs()
    {
        sync();
        decide({sync::Standing::Orphaned, true});
        _world.member(1, 2);
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Orphaned"), status(1));
        CPPUNIT_ASSERT(document(1).fields.at("archived") == true);
        CPPUNIT_ASSERT(!document(1).fields.contains("membersText"));
        decide({});
        sync();
        CPPUNIT_ASSERT(document(1).fields.at("archived").is_null());
        CPPUNIT_ASSERT(document(1).fields.contains("membersText"));
    }

    void aDeletedDocumentIsNotMadeAgain()
    {
        sync();
        _world.target.records.erase(_world.target.idOf("group-document", id(1)));
        decide({sync::Standing::Deleted, false, "somebody deleted Sales"});
        CPPUNIT_ASSERT(planned(true).empty());
        CPPUNIT_ASSERT(_world.findings() == Lines({"document-deleted "}));
        decide({});
        CPPUNIT_ASSERT(planned() == Lines({"create " + id(1)}));
    }

    void aContactThatComesIsMatched()
    {
        _world.member(1, 2);
        sync();
        const auto bo = contact("b@x.example");
        CPPUNIT_ASSERT(planned(true) == Lines({"update " + id(1)}));
        run();
        CPPUNIT_ASSERT_EQUAL(Json({_ann, bo}).dump(), document(1).fields["members"].dump());
        CPPUNIT_ASSERT(document(1).fields["membersText"].is_null());
    }

    void aContactThatGoesIsMatchedNoMore()
    {
        sync();
        _world.target.records.erase(_ann);
        CPPUNIT_ASSERT(planned(true) == Lines({"update " + id(1)}));
    }

    void whatPeopleDidIsKeptForTheRegister()
    {
        sync();
        auto& held = _world.target.records.at(_world.target.idOf("group-document", id(1)));
        held.fields["name"] = "Vertrieb";
        CPPUNIT_ASSERT(planned(true) == Lines({"update " + id(1)}));
        run();
        _world.target.records.erase(_world.target.idOf("group-document", id(1)));
        planned(true);
        Lines drift;
        _world.database.query<std::string, std::string>(
            "SELECT before, COALESCE(after, '') FROM drift ORDER BY id", {},
            [&](const std::string& before, const std::string& after) {
                const auto name = [](const std::string& fields) {
                    return Json::parse(fields).at("name").get<std::string>();
                };
                drift.push_back(name(before) + " " + (after.empty() ? "deleted" : name(after)));
            });
        CPPUNIT_ASSERT(drift == Lines({"Sales Vertrieb", "Sales deleted"}));
        CPPUNIT_ASSERT(_keeper.absorbed > 0);
    }

    void aGroupThatIsEmptiedIsNotHeld()
    {
        _world.syncSettings.guard = {.percent = 1, .count = 1};
        _world.group(2, "Inner");
        _world.nests(1, 2);
        sync();
        _world.nests(1, 2, true);
        const auto plan = prepare(false);
        CPPUNIT_ASSERT(sync::Verdict::Clear == _world.verdict(plan));
    }

private:
    std::string contact(const std::string& alias)
    {
        const auto remoteId = _world.target.add("contact", alias + " " + std::to_string(++_count));
        _world.target.records.at(remoteId).aliases = {alias};
        return remoteId;
    }

    int64_t prepare(bool verify)
    {
        runtime::SilentProgress silent;
        const runtime::Cancellation never;
        return sync::Preparation(_world.database, _world.clock)
            .prepare(_world.work(), verify ? sync::Verify::Now : sync::Verify::WhenDue, silent,
                     never);
    }

    /// What a new plan would do, which run() does.
    Lines planned(bool verify = false)
    {
        _plan = prepare(verify);
        auto changes = _world.changes(_plan);
        for (auto& change : changes)
            if (const auto kind = change.find("group-document "); kind != change.npos)
                change.erase(kind, std::string("group-document ").size());
        return changes;
    }

    void run() { _world.run(_plan); }

    void sync()
    {
        _plan = prepare(false);
        run();
    }

    void decide(const sync::DocumentState& state)
    {
        const auto group = _world.ourGroup(1);
        _keeper.decided.erase(group);
        if (state.standing != sync::Standing::Enabled)
            _keeper.decided.emplace(group, state);
        directory::Directory(_world.database, 1).touch({group});
    }

    std::string id(int number) const { return _world.idOfGroup(number); }

    const tests::FakeTarget::Record& document(int number) const
    {
        return _world.target.records.at(_world.target.idOf("group-document", id(number)));
    }

    std::string status(int number) const { return document(number).fields.at("status"); }

    tests::SyncWorld _world{documents()};
    FakeKeeper _keeper;
    std::string _ann;
    int _count = 0;
    int64_t _plan = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(DocumentsTest);
