#include "GlueTargetFixture.h"

#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace muster;
using namespace muster::plugins;

/// What the IT Glue target does with an organization.
class GlueTargetTest : public tests::GlueTargetFixture
{
    CPPUNIT_TEST_SUITE(GlueTargetTest);
    FRESH_TEST(readsContactsAndConfigurationsWithTheirAliases);
    FRESH_TEST(makesItsTypesWithTheFirstDocument);
    FRESH_TEST(makesFiftyDocumentsWithOneRequest);
    FRESH_TEST(readsBackWhatItWasTold);
    FRESH_TEST(changesAMemberWithOneLookAndOneWrite);
    FRESH_TEST(writesNothingWhenNothingDiffers);
    FRESH_TEST(emptiesWhatIsNull);
    FRESH_TEST(writesADocumentOnceForSeveralChanges);
    FRESH_TEST(changesManyDocumentsWithFewRequests);
    FRESH_TEST(nestsDocumentsOfBothTypes);
    FRESH_TEST(archivesAndTakesUpAgain);
    FRESH_TEST(givesTextsBackAsTheyWereClaimed);
    FRESH_TEST(showsTextsAsTextAndNotAsMarkup);
    FRESH_TEST(attachesListsThatAreTooLong);
    FRESH_TEST(writesNoFormulasIntoFiles);
    FRESH_TEST(comparesTagsAsSets);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsContactsAndConfigurationsWithTheirAliases()
    {
        const auto channel = open();
        const auto records = read(*channel, {"contact", "configuration"}).records;
        CPPUNIT_ASSERT_EQUAL(size_t{5}, records.size());
        const auto aliases = [&](const std::string& id) {
            return std::find_if(records.begin(), records.end(),
                                [&](const auto& record) { return record.remoteId == id; })
                ->aliases;
        };
        using Texts = std::vector<std::string>;
        CPPUNIT_ASSERT(
            (aliases("71") == Texts{"ann@contoso.example", "ann.bo@contoso.example", "ann bo"}));
        CPPUNIT_ASSERT((aliases("74") == Texts{"eve"}));
        CPPUNIT_ASSERT((aliases("91") == Texts{"pc-1", "pc-1.local"}));
        CPPUNIT_ASSERT_EQUAL(uint64_t{3}, channel->requests());
    }

    void makesItsTypesWithTheFirstDocument()
    {
        const auto channel = open();
        CPPUNIT_ASSERT(read(*channel).records.empty());
        CPPUNIT_ASSERT(server.glue()["types"].empty());
        make(*channel, document(1));
        const auto security = type(kSecurity);
        const auto other = type(kMicrosoft365);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, server.glue()["types"].size());
        const auto fieldOf = [](const Json& of, const std::string& name) {
            for (const auto& field : of["fields"])
                if (field["name"] == name)
                    return field;
            CPPUNIT_FAIL("there is no field " + name);
            return Json();
        };
        const auto tags = [](const Json& of) { return "FlexibleAssetType: " + of["id"].dump(); };
        CPPUNIT_ASSERT_EQUAL(tags(security),
                             fieldOf(security, "Nested Groups")["tag-type"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(
            tags(other),
            fieldOf(security, "Nested Microsoft 365 Groups")["tag-type"].get<std::string>());
        CPPUNIT_ASSERT(fieldOf(other, "Group Name")["use-for-title"] == true);
        CPPUNIT_ASSERT(fieldOf(security, "Nested Groups")["order"] == 2);
        CPPUNIT_ASSERT(fieldOf(security, "Entra Object ID")["show-in-list"] == false);
    }

    void makesFiftyDocumentsWithOneRequest()
    {
        const auto channel = open();
        makeMany(*channel, 120);
        CPPUNIT_ASSERT_EQUAL(size_t{3}, requests("flexibleAssets.bulkCreate"));
        CPPUNIT_ASSERT_EQUAL(size_t{0}, requests("flexibleAssets.create"));
        CPPUNIT_ASSERT_EQUAL(size_t{0}, requests("flexibleAssets.list"));
        CPPUNIT_ASSERT_EQUAL(size_t{120}, read(*channel).records.size());
    }

    void readsBackWhatItWasTold()
    {
        const auto channel = open();
        for (const auto* name : {"security", "microsoft365"})
        {
            auto create = document(name == std::string("security") ? 1 : 2,
                                   {{"type", name}, {"mail", "group@contoso.example"}});
            const auto made = make(*channel, create);
            CPPUNIT_ASSERT_EQUAL(create.fields.dump(), made.fields.dump());
        }
        const auto records = read(*channel).records;
        CPPUNIT_ASSERT_EQUAL(size_t{2}, records.size());
        for (const auto& record : records)
        {
            const auto n = record.key == guid(1) ? 1 : 2;
            auto expected = document(n, {{"mail", "group@contoso.example"}}).fields;
            if (n == 2)
                expected["type"] = "microsoft365";
            CPPUNIT_ASSERT_EQUAL(expected.dump(), record.fields.dump());
            CPPUNIT_ASSERT_EQUAL("Group " + std::to_string(n), record.name);
            CPPUNIT_ASSERT(record.active);
        }
    }

    void changesAMemberWithOneLookAndOneWrite()
    {
        const auto record = make(*open(), document(1));
        const auto before = traits(record.remoteId);
        server.clearRequests();
        const auto channel = open();
        const auto outcome = apply(*channel, update(1, record, {{"members", {"72", "73"}}}));
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT_EQUAL(uint64_t{2}, channel->requests());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, requests("flexibleAssets.get"));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, requests("flexibleAssets.patch"));
        auto expected = before;
        expected["members-matched-to-a-contact"] = {72, 73};
        auto after = traits(record.remoteId);
        expected["last-synchronized"] = after["last-synchronized"];
        CPPUNIT_ASSERT_EQUAL(expected.dump(), after.dump());
        CPPUNIT_ASSERT(outcome.record.value().fields["members"] == Json({"72", "73"}));
    }

    void writesNothingWhenNothingDiffers()
    {
        const auto record = make(*open(), document(1));
        server.clearRequests();
        const auto channel = open();
        assertState(OutcomeState::Unchanged, apply(*channel, update(1, record, record.fields)));
        assertState(OutcomeState::Unchanged,
                    apply(*channel, update(1, record, {{"name", " Group 1 "}, {"mail", nullptr}})));
        CPPUNIT_ASSERT_EQUAL(size_t{0}, requests("flexibleAssets.patch"));
    }

    void emptiesWhatIsNull()
    {
        const auto channel = open();
        const auto record = make(*channel, document(1));
        const Json empty{{"description", nullptr}, {"members", nullptr}, {"membersText", nullptr}};
        assertState(OutcomeState::Applied, apply(*channel, update(1, record, empty)));
        const auto fields = readOnly().fields;
        for (const auto& [name, value] : empty.items())
            CPPUNIT_ASSERT_MESSAGE(fields.dump(), !fields.contains(name));
        CPPUNIT_ASSERT(fields.contains("devices"));
    }

    void writesADocumentOnceForSeveralChanges()
    {
        const auto channel = open();
        const auto records = makeMany(*channel, 3);
        server.clearRequests();
        const auto outcomes =
            apply(*channel, {update(1, records[0], {{"description", "New"}}),
                             nest(2, records[1], records[0]), nest(3, records[2], records[0])});
        for (const auto& [id, outcome] : outcomes)
            assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, requests("flexibleAssets.patch"));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, requests("flexibleAssets.get"));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, read(*channel).links.size());
    }

    void changesManyDocumentsWithFewRequests()
    {
        const auto records = makeMany(*open(), 90);
        server.clearRequests();
        const auto channel = open();
        std::vector<ChangeRequest> changes;
        for (const auto& record : records)
            changes.push_back(
                update(static_cast<int64_t>(changes.size()) + 1, record, {{"members", {"73"}}}));
        for (const auto& [id, outcome] : apply(*channel, changes))
            assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, requests("flexibleAssets.bulkPatch"));
        CPPUNIT_ASSERT_EQUAL(size_t{0}, requests("flexibleAssets.patch"));
        CPPUNIT_ASSERT_EQUAL(size_t{0}, requests("flexibleAssets.get"));
        CPPUNIT_ASSERT(channel->requests() < 12);
        for (const auto content = read(*channel); const auto& record : content.records)
            CPPUNIT_ASSERT(record.fields["members"] == Json({"73"}));
    }

    void nestsDocumentsOfBothTypes()
    {
        const auto first = open();
        const auto outer = make(*first, document(1));
        const auto inner = make(*first, document(2));
        const auto other = make(*first, document(3, {{"type", "microsoft365"}}));
        // A new channel does not know of which types they are.
        const auto channel = open();
        apply(*channel, {nest(1, inner, outer), nest(2, other, outer), nest(3, outer, other)});
        const auto nested = traits(outer.remoteId);
        CPPUNIT_ASSERT_EQUAL("[" + inner.remoteId + "]", nested["nested-groups"].dump());
        CPPUNIT_ASSERT_EQUAL("[" + other.remoteId + "]",
                             nested["nested-microsoft-365-groups"].dump());
        CPPUNIT_ASSERT_EQUAL("[" + outer.remoteId + "]",
                             traits(other.remoteId)["nested-security-groups"].dump());
        CPPUNIT_ASSERT_EQUAL(size_t{3}, read(*channel).links.size());
        CPPUNIT_ASSERT_EQUAL(std::string("nested"), read(*channel).links[0].role);

        assertState(OutcomeState::Unchanged, apply(*channel, nest(1, inner, outer)));
        assertState(OutcomeState::Applied, apply(*channel, nest(2, other, outer, Action::Unlink)));
        assertState(OutcomeState::Unchanged,
                    apply(*channel, nest(3, other, outer, Action::Unlink)));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, read(*channel).links.size());
    }

    void archivesAndTakesUpAgain()
    {
        const auto channel = open();
        const auto record = make(*channel, document(1));
        const auto before = traits(record.remoteId);
        assertState(OutcomeState::Applied, apply(*channel, change(1, Action::Retire, record)));
        CPPUNIT_ASSERT(asset(record.remoteId)["archived"] == true);
        CPPUNIT_ASSERT(readOnly().fields["archived"] == true);
        assertState(OutcomeState::Unchanged, apply(*channel, change(1, Action::Retire, record)));
        assertState(
            OutcomeState::Applied,
            apply(*channel, update(1, record, {{"archived", nullptr}, {"status", "Orphaned"}})));
        CPPUNIT_ASSERT(asset(record.remoteId)["archived"] == false);
        CPPUNIT_ASSERT(!readOnly().fields.contains("archived"));
        CPPUNIT_ASSERT_EQUAL(before.size(), traits(record.remoteId).size());
        make(*channel, document(2, {{"archived", true}}));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, read(*channel).records.size());
    }

    void givesTextsBackAsTheyWereClaimed()
    {
        std::string longest;
        for (int i = 0; i < 64; ++i)
            longest += "aé漢👩";
        const std::vector<std::string> texts{"Sales, \"EMEA\" & 'APAC'",
                                             "<b>Bold</b> <script>alert(1)</script>",
                                             "צוות מכירות ‏(א)",
                                             "👩‍👩‍👧 Family",
                                             longest,
                                             "=1+1",
                                             "two  blanks",
                                             "R&amp;D &lt;x&gt;",
                                             "a;b\\,c",
                                             "tab\there"};
        const auto channel = open();
        int n = 0;
        for (const auto& text : texts)
        {
            const auto create = document(++n, {{"name", text},
                                               {"description", text + "\r\n\r\n  " + text},
                                               {"membersText", {text + " <a@b.example>"}},
                                               {"owners", {text}}});
            const auto record = make(*channel, create);
            CPPUNIT_ASSERT_EQUAL(create.fields.dump(), record.fields.dump());
            assertState(OutcomeState::Unchanged, apply(*channel, update(1, record, create.fields)));
        }
        for (const auto content = read(*channel); const auto& record : content.records)
        {
            const auto& text = texts.at(std::stoul(record.key.substr(24)) - 1);
            CPPUNIT_ASSERT_EQUAL(text, record.fields["name"].get<std::string>());
            CPPUNIT_ASSERT_EQUAL(text, record.name);
            CPPUNIT_ASSERT(record.fields["owners"] == Json::array({text}));
        }
        CPPUNIT_ASSERT_EQUAL(size_t{256}, size_t{64 * 4});
    }

    void showsTextsAsTextAndNotAsMarkup()
    {
        const auto channel = open();
        const std::string text = "<b>R&D</b> \"x\"";
        const auto record = make(*channel, document(1, {{"name", text},
                                                        {"description", text + "\nnext"},
                                                        {"membersText", {"A <a@b.c>", "B"}}}));
        const auto shown = traits(record.remoteId);
        CPPUNIT_ASSERT_EQUAL(text, shown["group-name"].get<std::string>());
        const auto html = shown["group-description"].get<std::string>();
        ASSERT_SAYS("&lt;b&gt;R&amp;D&lt;/b&gt;", html);
        ASSERT_SAYS("<br>next", html);
        CPPUNIT_ASSERT_EQUAL(std::string("A &lt;a@b.c&gt;<br>B"),
                             shown["members-not-matched-to-a-contact"].get<std::string>());
        // What is shown in place of something else counts only as long as nobody edits it.
        edit(record.remoteId, {{"group-description", "mine"}});
        CPPUNIT_ASSERT_EQUAL(std::string("mine"),
                             readOnly().fields["description"].get<std::string>());
    }

    void attachesListsThatAreTooLong()
    {
        seedContacts(700);
        Json ids = Json::array();
        for (int id = 1001; id <= 1700; ++id)
            ids.push_back(std::to_string(id));
        Json texts = Json::array();
        for (int i = 1000; i < 4000; ++i)
            texts.push_back("Person " + std::to_string(i) + " <p" + std::to_string(i) + "@x.y>");
        const auto channel = open();
        const auto create = document(1, {{"members", ids}, {"membersText", texts}});
        const auto outcome = apply(*channel, create);
        assertState(OutcomeState::Applied, outcome);
        ASSERT_SAYS("700 are too many to show", outcome.message);
        const auto record = outcome.record.value();
        CPPUNIT_ASSERT(record.fields["members"].contains("digest"));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, server.glue()["attachments"].size());
        auto shown = traits(record.remoteId);
        CPPUNIT_ASSERT(!shown.contains("members-matched-to-a-contact"));
        ASSERT_SAYS("Members Matched To A Contact.csv", shown["remarks"].get<std::string>());
        ASSERT_SAYS("3000 are too many", shown["members-not-matched-to-a-contact"].dump());

        // Neither read nor written again while it stays as it is.
        CPPUNIT_ASSERT_EQUAL(record.fields.dump(), readOnly().fields.dump());
        server.clearRequests();
        assertState(OutcomeState::Unchanged, apply(*channel, update(1, record, create.fields)));
        CPPUNIT_ASSERT_EQUAL(uint64_t{0}, uint64_t{requests("attachments.create")});

        ids.erase(ids.begin());
        assertState(OutcomeState::Applied, apply(*channel, update(1, record, {{"members", ids}})));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, server.glue()["attachments"].size());
        const Json few{{"members", {"71"}}, {"membersText", {"Eve"}}};
        assertState(OutcomeState::Applied, apply(*channel, update(1, record, few)));
        shown = traits(record.remoteId);
        CPPUNIT_ASSERT(!shown.contains("remarks") && !shown.contains("synchronization-details"));
        CPPUNIT_ASSERT(readOnly().fields["members"] == Json({"71"}));
    }

    void writesNoFormulasIntoFiles()
    {
        seedContacts(501);
        server.seedGlue(
            {{"contacts",
              {{{"id", 1001}, {"first-name", "=HYPERLINK(\"x\")"}, {"last-name", ""}}}}});
        Json ids = Json::array();
        for (int id = 1001; id <= 1501; ++id)
            ids.push_back(std::to_string(id));
        make(*open(), document(1, {{"members", ids}}));
        const auto file = server.glue()["attachments"].at(0);
        const auto content = file.value("content", file.dump());
        ASSERT_SAYS("\"'=HYPERLINK(\"\"x\"\")\"", content);
        ASSERT_SAYS("\"P 1002\",\"p1002@contoso.example\",\"1002\"", content);
    }

    void comparesTagsAsSets()
    {
        server.configure({{"glueDoublesTags", true}});
        const auto channel = open();
        const auto record = make(*channel, document(1));
        CPPUNIT_ASSERT(record.fields["members"] == Json({"71", "72"}));
        assertState(OutcomeState::Unchanged,
                    apply(*channel, update(1, record, {{"members", {"71", "72"}}})));
    }

private:
    void seedContacts(int count)
    {
        sandbox::Json contacts = sandbox::Json::array();
        for (int id = 1001; id <= 1000 + count; ++id)
            contacts.push_back(
                {{"id", id},
                 {"organization-id", 7},
                 {"first-name", "P"},
                 {"last-name", std::to_string(id)},
                 {"contact-emails", {"p" + std::to_string(id) + "@contoso.example"}}});
        server.seedGlue({{"contacts", contacts}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueTargetTest);
