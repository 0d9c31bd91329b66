#include "DocumentWorld.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

namespace muster::testing {

/// What people do to documents, and the log of it.
class EditorTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EditorTest);
    FRESH_TEST(logsWhoDidWhat);
    FRESH_TEST(logsBeforeAndAfter);
    FRESH_TEST(whatChangesNothingIsNotLogged);
    FRESH_TEST(theLogIsNarrowedByDocumentAndTime);
    FRESH_TEST(anEmptyTextRemovesAField);
    FRESH_TEST(refusesToWriteWhatComesFromEntra);
    FRESH_TEST(saysWhatToDoBeforeADeletion);
    FRESH_TEST(changesAllOrNone);
    FRESH_TEST(touchesGroupsWhoseDocumentsStandOtherwise);
    FRESH_TEST(aDocumentMadeByHandIsWrittenByHand);
    FRESH_TEST(aDocumentMadeByHandIsNeverSynced);
    FRESH_TEST(namedPeopleReadWhatIsNotForEveryone);
    FRESH_TEST(whoHasSomeTenantsReadsTheirDocuments);
    FRESH_TEST(fieldsOfAPageKeepTheirNames);
    CPPUNIT_TEST_SUITE_END();

    DocumentWorld _world;

    static std::string textOf(const std::vector<std::string>& texts) { return json(texts).dump(); }

    documents::ActivityLog::Entry newest()
    {
        std::vector<documents::ActivityLog::Entry> all;
        documents::ActivityLog(_world.database, _world.clock).each({}, [&](const auto& entry) {
            all.push_back(entry);
        });
        return all.at(0);
    }

    template <typename Function>
    static std::string complaint(const Function& function)
    {
        try
        {
            function();
        }
        catch (const std::exception& error)
        {
            return error.what();
        }
        return {};
    }

public:
    void setUp() override
    {
        _world.apply("group", {_world.group(1), _world.group(2)});
        _world.update();
    }

    void logsWhoDidWhat()
    {
        _world.edit(1, {.isArchived = true});
        _world.edit(1, {.isArchived = false});
        _world.edit(1, {.isEnabled = false});
        _world.edit(1, {.isEnabled = true});
        _world.edit(1, {.fields = {{"Room", "12"}}});
        _world.edit(1, {.access = documents::Access{false, {}, {"ann"}}});
        _world.edit(1, {.isEnabled = false});
        _world.remove(1);
        CPPUNIT_ASSERT_EQUAL(
            textOf({"deleted by ann", "disabled by ann", "access-changed by ann", "updated by ann",
                    "enabled by ann", "disabled by ann", "unarchived by ann", "archived by ann"}),
            textOf(_world.activity()));
    }

    void logsBeforeAndAfter()
    {
        _world.edit(1, {.isArchived = true});
        auto entry = newest();
        CPPUNIT_ASSERT_EQUAL(std::string("Group 1"), entry.name);
        CPPUNIT_ASSERT_EQUAL(guid(1), entry.document);
        CPPUNIT_ASSERT_EQUAL(std::string("contoso"), entry.tenant);
        CPPUNIT_ASSERT(entry.at == _world.clock.now());
        CPPUNIT_ASSERT_EQUAL(json({{"status", "enabled"}}).dump(), entry.activity.before.dump());
        CPPUNIT_ASSERT_EQUAL(json({{"status", "orphaned"}}).dump(), entry.activity.after.dump());
        _world.edit(2, {.fields = {{"Room", "1"}}});
        _world.edit(2, {.fields = {{"Room", "2"}}});
        entry = newest();
        CPPUNIT_ASSERT_EQUAL(std::string("1"),
                             entry.activity.before["fields"]["Room"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("2"),
                             entry.activity.after["fields"]["Room"].get<std::string>());
    }

    void whatChangesNothingIsNotLogged()
    {
        _world.edit(1, {.isArchived = false,
                        .isEnabled = true,
                        .fields = {{"Room", ""}},
                        .access = documents::Access()});
        CPPUNIT_ASSERT(_world.activity().empty());
    }

    void theLogIsNarrowedByDocumentAndTime()
    {
        _world.edit(1, {.isArchived = true});
        _world.clock.advance(std::chrono::hours(2));
        _world.edit(2, {.isEnabled = false});
        CPPUNIT_ASSERT_EQUAL(textOf({"archived by ann"}),
                             textOf(_world.activity({.document = guid(1)})));
        CPPUNIT_ASSERT_EQUAL(textOf({"disabled by ann"}),
                             textOf(_world.activity({.document = "gROUP 2"})));
        CPPUNIT_ASSERT_EQUAL(
            textOf({"disabled by ann"}),
            textOf(_world.activity({.since = _world.clock.now() - std::chrono::hours(1)})));
        CPPUNIT_ASSERT(_world.activity({.tenants = {"fabrikam"}}).empty());
    }

    void anEmptyTextRemovesAField()
    {
        _world.edit(1, {.fields = {{"Room", "12"}, {"Floor", "1"}}});
        _world.edit(1, {.fields = {{"Room", ""}}});
        CPPUNIT_ASSERT_EQUAL(json({{"Floor", "1"}}).dump(), json(_world.page(1).ownFields).dump());
    }

    void refusesToWriteWhatComesFromEntra()
    {
        for (const auto* name : {"name", "Group Name", "group NAME", "members", "Updated", " "})
            CPPUNIT_ASSERT_THROW_MESSAGE(name, _world.edit(1, {.fields = {{name, "x"}}}),
                                         UsageError);
        CPPUNIT_ASSERT(_world.page(1).ownFields.empty());
    }

    void saysWhatToDoBeforeADeletion()
    {
        const auto text = complaint([&] { _world.remove(1); });
        CPPUNIT_ASSERT_MESSAGE(text, text.find("'Group 1'") != text.npos &&
                                         text.find("archive or disable it first") != text.npos);
    }

    void changesAllOrNone()
    {
        documents::Reader reader(_world.database);
        _world.edit(1, {.isArchived = true});
        const auto both =
            reader.find({.ids = {guid(1), guid(2)}}, Detail::Lists, Tombstones::Hidden);
        CPPUNIT_ASSERT_THROW(_world.editor.remove(both, "row-deleted"), RejectedError);
        CPPUNIT_ASSERT_EQUAL(std::string("orphaned"), _world.status(1));
        CPPUNIT_ASSERT_THROW(_world.editor.edit(both, {.isEnabled = true}), RejectedError);
        CPPUNIT_ASSERT_EQUAL(size_t(1), _world.editor.edit(both, {.isArchived = true}));
    }

    void touchesGroupsWhoseDocumentsStandOtherwise()
    {
        _world.touched();
        _world.edit(1, {.isArchived = true});
        CPPUNIT_ASSERT(_world.touched() == std::vector<int>{1});
        _world.edit(2, {.fields = {{"Room", "12"}}});
        CPPUNIT_ASSERT(_world.touched().empty());
        _world.remove(1);
        CPPUNIT_ASSERT(_world.touched() == std::vector<int>{1});
        _world.edit(1, {.isEnabled = true});
        CPPUNIT_ASSERT(_world.touched() == std::vector<int>{1});
    }

    void aDocumentMadeByHandIsWrittenByHand()
    {
        const auto id = _world.editor.create({.type = documents::Type::Microsoft365,
                                              .tenant = 1,
                                              .name = "Door codes",
                                              .fields = {{"Owners", "Cy; Ann\nBo"}}});
        documents::Reader reader(_world.database);
        const auto entries = reader.find({.ids = {id}}, Detail::Lists, Tombstones::Hidden);
        CPPUNIT_ASSERT_EQUAL(textOf({"Ann", "Bo", "Cy"}),
                             textOf(entries.front().document.lists.owners));
        _world.editor.edit(entries, {.fields = {{"name", "Codes"}, {"mail", "a@b.example"}}});
        const auto now = reader.find({.ids = {"codes"}}, Detail::Lists, Tombstones::Hidden);
        CPPUNIT_ASSERT_EQUAL(std::string("a@b.example"), now.front().document.mail);
        CPPUNIT_ASSERT_EQUAL(int64_t(3), now.front().document.counts.owners);
        CPPUNIT_ASSERT(now.front().document.manageUrl.empty());
        CPPUNIT_ASSERT_THROW(_world.editor.create({.tenant = 1, .name = " "}), UsageError);
    }

    void aDocumentMadeByHandIsNeverSynced()
    {
        const auto id = _world.editor.create({.tenant = 1, .name = "Door codes"});
        _world.declareSync();
        _world.update();
        const auto entry = documents::Reader(_world.database).findIn(1, id);
        CPPUNIT_ASSERT(entry && entry->document.isMadeByHand);
        CPPUNIT_ASSERT_EQUAL(std::string("Door codes"), entry->document.name);
    }

    void namedPeopleReadWhatIsNotForEveryone()
    {
        _world.edit(1, {.access = documents::Access{false, {"desk"}, {"bo"}}});
        const auto seenBy = [&](const documents::Sight::Person& person) {
            return textOf(_world.names({}, {.person = person}));
        };
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 1", "Group 2"}), seenBy({"bo"}));
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 1", "Group 2"}), seenBy({"cy", {"desk"}}));
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 2"}), seenBy({"desk", {"bo"}}));
        documents::Reader reader(_world.database, {.person = {{"cy"}}});
        CPPUNIT_ASSERT_THROW(reader.find({.ids = {guid(1)}}, Detail::Lists, Tombstones::Hidden),
                             MissingError);
    }

    void whoHasSomeTenantsReadsTheirDocuments()
    {
        CPPUNIT_ASSERT_EQUAL(textOf({"Group 1", "Group 2"}),
                             textOf(_world.names({}, {.tenants = {_world.tenant.name}})));
        CPPUNIT_ASSERT_EQUAL(textOf({}), textOf(_world.names({}, {.tenants = {"fabrikam"}})));
    }

    void fieldsOfAPageKeepTheirNames()
    {
        for (const auto* name : {"Manage", "organization", "Type", "id", " ID "})
            CPPUNIT_ASSERT_THROW(_world.edit(1, {.fields = {{name, "x"}}}), UsageError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EditorTest);

} // namespace muster::testing
