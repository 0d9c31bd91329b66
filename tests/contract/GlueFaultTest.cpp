#include "GlueTargetFixture.h"

#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <set>

using namespace muster;
using namespace muster::plugins;
using namespace std::chrono_literals;

/// What the IT Glue target does when account, people or settings are in its way.
class GlueFaultTest : public tests::GlueTargetFixture
{
    CPPUNIT_TEST_SUITE(GlueFaultTest);
    FRESH_TEST(makesNothingTwiceWhenAnAnswerIsLost);
    FRESH_TEST(makesNothingTwiceWhenListsAreStale);
    FRESH_TEST(makesNoTypeTwiceWhenAnAnswerIsLost);
    FRESH_TEST(finishesWhatWasMadeByHalf);
    FRESH_TEST(finishesWhatWasChangedByHalf);
    FRESH_TEST(makesAllButTheOneThatIsRefused);
    FRESH_TEST(keepsWhatPeopleAdded);
    FRESH_TEST(doesNotWriteOverFiles);
    FRESH_TEST(doesNotWriteOverPasswords);
    FRESH_TEST(usesTheKeysThatTheServerGives);
    FRESH_TEST(findsFieldsAndTypesThatPeopleRenamed);
    FRESH_TEST(findsAFieldWhoseKeyMovedUnseen);
    FRESH_TEST(addsFieldsThatWereDeleted);
    FRESH_TEST(givesNoKeyToDocumentsMadeByHand);
    FRESH_TEST(putsBackAKeyThatWasEmptied);
    FRESH_TEST(saysTheOlderOfTwoDocumentsFirst);
    FRESH_TEST(leavesOutAContactThatIsGone);
    FRESH_TEST(doesNotMakeAgainWhatPeopleDeleted);
    FRESH_TEST(rejectsANestedDocumentThatIsGone);
    FRESH_TEST(shortensListsWhenTheServerTakesLess);
    FRESH_TEST(waitsOutAStormOf429);
    FRESH_TEST(triesAgainLaterWhenTheAccountIsDown);
    FRESH_TEST(neverTakesPartOfAListForTheWhole);
    FRESH_TEST(namesTheKeyThatIsRefused);
    FRESH_TEST(takesAFirewallNotForARefusedKey);
    FRESH_TEST(namesTheOrganizationThatIsNotThere);
    FRESH_TEST(refusesTypesOfTheVendor);
    FRESH_TEST(namesAFieldThatIsInItsWay);
    FRESH_TEST(saysWhatACheckFinds);
    CPPUNIT_TEST_SUITE_END();

public:
    void makesNothingTwiceWhenAnAnswerIsLost()
    {
        const auto channel = open();
        make(*channel, document(1));
        for (const auto& then :
             {sandbox::Json{{"kind", "drop"}}, sandbox::Json{{"kind", "status"}, {"status", 504}},
              sandbox::Json{{"kind", "cut"}, {"bytes", 3}}})
            for (const auto* route : {"flexibleAssets.create", "flexibleAssets.bulkCreate"})
                server.addFault({{"kind", "takesEffectThen"},
                                 {"then", then},
                                 {"match", {{"route", route}}},
                                 {"times", 1}});
        for (int n = 2; n <= 4; ++n)
            assertState(OutcomeState::Applied, apply(*channel, document(n)));
        for (int n = 10; n < 40; n += 10)
        {
            std::vector<ChangeRequest> creates;
            for (int i = n; i < n + 10; ++i)
                creates.push_back(document(i));
            for (const auto& [id, outcome] : apply(*channel, creates))
                assertState(OutcomeState::Applied, outcome);
        }
        assertEachOnce(34);
    }

    void makesNothingTwiceWhenListsAreStale()
    {
        const auto channel = open();
        make(*channel, document(1));
        server.configure({{"glueStaleLists", 100}});
        server.addFault({{"kind", "takesEffectThen"},
                         {"then", {{"kind", "drop"}}},
                         {"match", {{"route", "flexibleAssets.create"}}},
                         {"times", 1}});
        auto create = document(2);
        const auto outcome = apply(*channel, create);
        assertState(OutcomeState::Retry, outcome);
        CPPUNIT_ASSERT(outcome.unknown);
        CPPUNIT_ASSERT(outcome.retryAfter > 60s);
        server.configure({{"glueStaleLists", 0}});
        create.doubt = true;
        assertState(OutcomeState::Applied, apply(*channel, create));
        assertEachOnce(2);
    }

    void makesNoTypeTwiceWhenAnAnswerIsLost()
    {
        for (const auto* route : {"flexibleAssetTypes.create", "flexibleAssetFields.create"})
            server.addFault({{"kind", "takesEffectThen"},
                             {"then", {{"kind", "drop"}}},
                             {"match", {{"route", route}}},
                             {"times", 1}});
        const auto channel = open();
        for (int i = 0; i < 2; ++i)
        {
            const auto outcome = apply(*channel, document(1));
            assertState(OutcomeState::Retry, outcome);
            CPPUNIT_ASSERT(outcome.unknown);
        }
        assertState(OutcomeState::Applied, apply(*channel, document(1)));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, server.glue()["types"].size());
        std::set<std::string> names;
        for (const auto state = type(kSecurity); const auto& field : state["fields"])
            CPPUNIT_ASSERT(names.insert(field["name"]).second);
    }

    void finishesWhatWasMadeByHalf()
    {
        const auto channel = open();
        make(*channel, document(1));
        server.configure({{"glueBulk", "half"}});
        std::vector<ChangeRequest> creates;
        for (int n = 2; n <= 21; ++n)
            creates.push_back(document(n));
        for (auto& [id, outcome] : apply(*channel, creates))
            if (outcome.state != OutcomeState::Applied)
                CPPUNIT_ASSERT(outcome.state == OutcomeState::Retry && outcome.unknown);
        server.configure({{"glueBulk", "untilError"}});
        for (auto& create : creates)
            create.doubt = true;
        for (const auto& [id, outcome] : apply(*channel, creates))
            assertState(OutcomeState::Applied, outcome);
        assertEachOnce(21);
    }

    void finishesWhatWasChangedByHalf()
    {
        const auto channel = open();
        const auto records = makeMany(*channel, 20);
        server.addFault({{"kind", "takesEffectThen"},
                         {"then", {{"kind", "status"}, {"status", 422}}},
                         {"match", {{"route", "flexibleAssets.bulkPatch"}}},
                         {"times", 1}});
        std::vector<ChangeRequest> changes;
        for (const auto& record : records)
            changes.push_back(
                update(static_cast<int64_t>(changes.size()) + 1, record, {{"description", "New"}}));
        for (const auto& [id, outcome] : apply(*channel, changes))
            assertState(OutcomeState::Applied, outcome);
        for (const auto content = read(*channel); const auto& record : content.records)
            CPPUNIT_ASSERT_EQUAL(std::string("New"),
                                 record.fields["description"].get<std::string>());
    }

    void makesAllButTheOneThatIsRefused()
    {
        const auto channel = open();
        std::vector<ChangeRequest> creates;
        for (int n = 1; n <= 5; ++n)
            creates.push_back(document(n));
        creates[2].fields["status"] = "Unheard of";
        const auto outcomes = apply(*channel, creates);
        for (const auto& [id, outcome] : outcomes)
            assertState(id == 3 ? OutcomeState::Rejected : OutcomeState::Applied, outcome);
        ASSERT_SAYS("Group 3", outcomes.at(3).message);
        ASSERT_SAYS("Sync Status", outcomes.at(3).message);
        assertEachOnce(4);
    }

    void keepsWhatPeopleAdded()
    {
        const auto record = make(*open(), document(1));
        addField(kSecurity, "Approver", "Tag", {{"tag-type", "Contacts"}});
        addField(kSecurity, "Cost centre", "Number", {{"decimals", 0}});
        addField(kSecurity, "How to", "Textbox");
        addField(kSecurity, "Checked", "Checkbox");
        const Json theirs{{"approver", {72, 73}},
                          {"cost-centre", 42},
                          {"how-to", "<p>Ask <b>Ann</b></p>"},
                          {"checked", true}};
        edit(record.remoteId, theirs);
        const auto channel = open();
        assertState(OutcomeState::Applied,
                    apply(*channel, update(1, record, {{"members", {"73"}}})));
        const auto after = traits(record.remoteId);
        for (const auto& [key, value] : theirs.items())
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, value.dump(), after[key].dump());
        CPPUNIT_ASSERT_EQUAL(std::string("[73]"), after["members-matched-to-a-contact"].dump());
        assertState(OutcomeState::Applied, apply(*channel, change(1, Action::Retire, record)));
        CPPUNIT_ASSERT_EQUAL(after["approver"].dump(), traits(record.remoteId)["approver"].dump());
    }

    void doesNotWriteOverFiles()
    {
        const auto record = make(*open(), document(1));
        addField(kSecurity, "Plan", "Upload");
        edit(record.remoteId, {{"plan", {{"content", "aGk="}, {"file-name", "plan.txt"}}}});
        const auto channel = open();
        const auto outcome = apply(*channel, update(1, record, {{"members", {"73"}}}));
        assertState(OutcomeState::Rejected, outcome);
        ASSERT_SAYS("plan", outcome.message);
        assertState(OutcomeState::Unchanged,
                    apply(*channel, update(1, record, {{"members", {"71", "72"}}})));
        CPPUNIT_ASSERT(traits(record.remoteId).contains("plan"));
    }

    void doesNotWriteOverPasswords()
    {
        const auto record = make(*open(), document(1));
        addField(kSecurity, "Code", "Password");
        edit(record.remoteId, {{"code", "0000"}, {"last-synchronized", "2020-01-01T00:00:00Z"}});
        const auto channel = open();
        const auto outcome = apply(*channel, update(1, record, {{"members", {"73"}}}));
        assertState(OutcomeState::Rejected, outcome);
        ASSERT_SAYS("the password field Code", outcome.message);
        CPPUNIT_ASSERT(traits(record.remoteId).contains("code"));
    }

    void usesTheKeysThatTheServerGives()
    {
        server.configure({{"glueNameKeyEnd", "-x1"}});
        const auto first = open();
        const auto record = make(*first, document(1));
        CPPUNIT_ASSERT_EQUAL(document(1).fields.dump(), record.fields.dump());
        const auto channel = open();
        assertState(OutcomeState::Applied,
                    apply(*channel, update(1, record, {{"members", {"73"}}})));
        CPPUNIT_ASSERT(traits(record.remoteId).contains("members-matched-to-a-contact-x1"));
        CPPUNIT_ASSERT(readOnly().fields["members"] == Json({"73"}));
    }

    void findsFieldsAndTypesThatPeopleRenamed()
    {
        const auto record = make(*open(), document(1));
        const auto security = type(kSecurity);
        for (const auto& field : security["fields"])
            if (field["name"] == "Domain")
                server.seedGlue({{"fields",
                                  {{{"id", field["id"]},
                                    {"name", "Mail domain"},
                                    {"name-key", "mail-domain"}}}}});
        addField(kSecurity, "Domain", "Text");
        edit(record.remoteId, {{"domain", "theirs"}});
        server.seedGlue({{"types", {{{"id", security["id"]}, {"name", "Groups"}}}}});

        CPPUNIT_ASSERT_EQUAL(record.fields.dump(), readOnly().fields.dump());
        const auto channel = open();
        assertState(OutcomeState::Applied,
                    apply(*channel, update(1, record, {{"domain", "new.example"}})));
        make(*channel, document(2));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, server.glue()["types"].size());
        const auto after = traits(record.remoteId);
        CPPUNIT_ASSERT_EQUAL(std::string("theirs"), after["domain"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("new.example"), after["mail-domain"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Groups"), type("Groups")["name"].get<std::string>());
    }

    void findsAFieldWhoseKeyMovedUnseen()
    {
        // The document has nothing in that field: nothing in it shows that the key is another one.
        const auto record = make(*open(), document(1, {{"domain", nullptr}}));
        for (const auto state = type(kSecurity); const auto& field : state["fields"])
            if (field["name"] == "Domain")
                server.seedGlue({{"fields", {{{"id", field["id"]}, {"name-key", "mail-domain"}}}}});
        assertState(OutcomeState::Applied,
                    apply(*open(), update(1, record, {{"domain", "new.example"}})));
        CPPUNIT_ASSERT_EQUAL(std::string("new.example"),
                             traits(record.remoteId)["mail-domain"].get<std::string>());
    }

    void addsFieldsThatWereDeleted()
    {
        const auto record = make(*open(), document(1));
        for (const auto state = type(kSecurity); const auto& field : state["fields"])
            if (field["name"] == "Owners" || field["name"] == "Nested Groups")
                server.seedGlue({{"fields", {{{"id", field["id"]}, {"delete", true}}}}});
        const auto read = readOnly();
        CPPUNIT_ASSERT(!read.fields.contains("owners"));
        assertState(OutcomeState::Applied,
                    apply(*open(), update(1, record, {{"owners", {"Ann Bo"}}})));
        CPPUNIT_ASSERT(readOnly().fields["owners"] == Json({"Ann Bo"}));
        CPPUNIT_ASSERT_EQUAL(size_t{21}, type(kSecurity)["fields"].size());
    }

    void givesNoKeyToDocumentsMadeByHand()
    {
        const auto channel = open();
        make(*channel, document(1));
        server.seedGlue({{"assets",
                          {{{"organization-id", 7},
                            {"flexible-asset-type-id", type(kSecurity)["id"]},
                            {"traits", {{"group-name", "By hand"}}}}}}});
        const auto records = read(*channel).records;
        CPPUNIT_ASSERT_EQUAL(size_t{2}, records.size());
        CPPUNIT_ASSERT_EQUAL(std::string(), records[1].key);
    }

    void putsBackAKeyThatWasEmptied()
    {
        const auto channel = open();
        const auto made = make(*channel, document(1));
        edit(made.remoteId, {{"entra-object-id", nullptr}});
        const auto found = readOnly();
        CPPUNIT_ASSERT_EQUAL(made.remoteId, found.remoteId);
        CPPUNIT_ASSERT_EQUAL(std::string(), found.key);
        CPPUNIT_ASSERT(!found.fields.contains("key"));
        assertState(OutcomeState::Applied,
                    apply(*channel, update(1, made, {{"description", "New"}})));
        CPPUNIT_ASSERT_EQUAL(guid(1), readOnly().key);
    }

    void saysTheOlderOfTwoDocumentsFirst()
    {
        const auto channel = open();
        const auto first = make(*channel, document(1));
        make(*channel, document(2));
        const auto third = make(*channel, document(3));
        edit(third.remoteId, {{"entra-object-id", " " + guid(1) + " "}});
        const auto records = read(*channel).records;
        CPPUNIT_ASSERT_EQUAL(size_t{3}, records.size());
        CPPUNIT_ASSERT_EQUAL(first.remoteId, records[0].remoteId);
        CPPUNIT_ASSERT_EQUAL(records[0].key, records[2].key);
    }

    void leavesOutAContactThatIsGone()
    {
        const auto channel = open();
        server.seedGlue({{"contacts", {{{"id", 73}, {"delete", true}}}}});
        const auto made = apply(*channel, document(1, {{"members", {"71", "73"}}}));
        assertState(OutcomeState::Applied, made);
        ASSERT_SAYS("73 is no longer there", made.message);
        const auto record = made.record.value();
        CPPUNIT_ASSERT_EQUAL(std::string("[71]"),
                             traits(record.remoteId)["members-matched-to-a-contact"].dump());
        // It says what it has, and not what was asked for.
        CPPUNIT_ASSERT_EQUAL(std::string("[\"71\"]"), record.fields["members"].dump());
        assertState(OutcomeState::Applied,
                    apply(*channel, update(1, record, {{"members", {"72", "73"}}})));
        CPPUNIT_ASSERT_EQUAL(std::string("[72]"),
                             traits(record.remoteId)["members-matched-to-a-contact"].dump());
        std::vector<ChangeRequest> changes;
        for (const auto& one : makeMany(*channel, 12))
            changes.push_back(
                update(static_cast<int64_t>(changes.size()) + 1, one, {{"members", {"72", "73"}}}));
        for (const auto& [id, outcome] : apply(*channel, changes))
            assertState(OutcomeState::Applied, outcome);
    }

    void doesNotMakeAgainWhatPeopleDeleted()
    {
        const auto channel = open();
        const auto record = make(*channel, document(1));
        server.seedGlue({{"assets", {{{"id", std::stoll(record.remoteId)}, {"delete", true}}}}});
        const auto outcome = apply(*channel, update(1, record, {{"members", {"73"}}}));
        assertState(OutcomeState::Rejected, outcome);
        CPPUNIT_ASSERT(outcome.gone);
        ASSERT_SAYS("no longer in IT Glue", outcome.message);
        assertState(OutcomeState::Unchanged, apply(*channel, change(1, Action::Retire, record)));
        CPPUNIT_ASSERT(server.glue()["assets"].empty());
    }

    void rejectsANestedDocumentThatIsGone()
    {
        const auto records = makeMany(*open(), 3);
        server.seedGlue(
            {{"assets", {{{"id", std::stoll(records[2].remoteId)}, {"delete", true}}}}});
        const auto outcomes =
            apply(*open(), {nest(1, records[1], records[0]), nest(2, records[2], records[0])});
        assertState(OutcomeState::Applied, outcomes.at(1));
        assertState(OutcomeState::Rejected, outcomes.at(2));
    }

    void shortensListsWhenTheServerTakesLess()
    {
        server.configure({{"glueTags", 60}, {"glueTextboxBytes", 20000}});
        sandbox::Json contacts = sandbox::Json::array();
        Json ids = Json::array();
        for (int id = 1001; id <= 1100; ++id)
        {
            ids.push_back(std::to_string(id));
            contacts.push_back({{"id", id}, {"organization-id", 7}, {"first-name", "P"}});
        }
        server.seedGlue({{"contacts", contacts}});
        const auto channel = open();
        const auto outcome = apply(*channel, document(1, {{"members", ids}}));
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server.glue()["attachments"].size());
        const auto record = make(*channel, document(2));
        assertState(OutcomeState::Applied, apply(*channel, update(1, record, {{"members", ids}})));
    }

    void waitsOutAStormOf429()
    {
        const auto channel = open();
        server.addFault({{"kind", "throttle"}, {"retryAfter", "1.5"}, {"times", 2}});
        server.addFault({{"kind", "status"}, {"status", 429}, {"body", "slow down"}, {"times", 3}});
        make(*channel, document(1));
    }

    void triesAgainLaterWhenTheAccountIsDown()
    {
        const auto channel = open();
        const auto record = make(*channel, document(1));
        server.addFault({{"kind", "htmlError"}, {"status", 503}, {"times", -1}});
        for (const auto& one : {update(1, record, {{"members", {"73"}}}), document(2)})
        {
            const auto outcome = apply(*channel, one);
            assertState(OutcomeState::Retry, outcome);
            ASSERT_SAYS("503", outcome.message);
        }
        CPPUNIT_ASSERT_THROW(read(*channel), RetryError);
    }

    void neverTakesPartOfAListForTheWhole()
    {
        const auto channel = open();
        makeMany(*channel, 3);
        for (const auto* route : {"flexibleAssets.list", "glue.contacts.list"})
        {
            server.addFault({{"kind", "missing"}, {"match", {{"route", route}}}, {"times", -1}});
            CPPUNIT_ASSERT_THROW(read(*channel, {"contact", "group-document"}), RetryError);
            server.clearFaults();
        }
        for (const auto* kind : {"htmlError", "garbage", "cut"})
        {
            server.addFault(
                {{"kind", kind}, {"match", {{"route", "flexibleAssets.list"}}}, {"times", -1}});
            CPPUNIT_ASSERT_THROW(read(*channel), RetryError);
            server.clearFaults();
        }
        CPPUNIT_ASSERT_EQUAL(size_t{3}, read(*channel).records.size());
    }

    void namesTheKeyThatIsRefused()
    {
        const auto good = open();
        const auto record = make(*good, document(1));
        const auto channel = open({{"apiKey", "wrong"}});
        try
        {
            read(*channel);
            CPPUNIT_FAIL("it reads with a wrong key");
        }
        catch (const ConfigError& error)
        {
            ASSERT_SAYS("apiKey", error.what());
            ASSERT_SAYS("region", error.what());
        }
        for (const auto& one : {document(2), update(1, record, {{"members", {"73"}}})})
        {
            Outcomes outcomes;
            CPPUNIT_ASSERT_THROW(channel->apply(
                                     scope, {one},
                                     [&](Outcome outcome) { outcomes[outcome.id] = outcome; },
                                     cancellation),
                                 ConfigError);
            assertState(OutcomeState::Retry, outcomes.at(one.id));
            ASSERT_SAYS("apiKey", outcomes.at(one.id).message);
        }
    }

    void takesAFirewallNotForARefusedKey()
    {
        const auto channel = open();
        make(*channel, document(1));
        server.addFault({{"kind", "htmlError"},
                         {"status", 403},
                         {"match", {{"route", "flexibleAssets.create"}}},
                         {"times", 1}});
        const auto outcome = apply(*channel, document(2));
        assertState(OutcomeState::Rejected, outcome);
        ASSERT_SAYS("403", outcome.message);
    }

    void namesTheOrganizationThatIsNotThere()
    {
        const auto channel = open();
        make(*channel, document(1));
        try
        {
            TargetFixture::read(*channel, {{{"organization", 404}}, {"group-document"}});
            CPPUNIT_FAIL("it reads an organization that is not there");
        }
        catch (const ConfigError& error)
        {
            ASSERT_SAYS("scope.organization", error.what());
            ASSERT_SAYS("404", error.what());
        }
    }

    void refusesTypesOfTheVendor()
    {
        try
        {
            open({{"types", {{"security", "Entra ID: Security Groups"}}}});
            CPPUNIT_FAIL("it takes the vendor's type");
        }
        catch (const ConfigError& error)
        {
            ASSERT_SAYS("types.security", std::string(error.what()) + "types.security");
            ASSERT_SAYS("IT Glue's own", error.what());
        }
        seedNative("Licences");
        const auto channel = open({{"types", {{"security", "Licences"}}}});
        Outcomes outcomes;
        CPPUNIT_ASSERT_THROW(channel->apply(
                                 scope, {document(1)},
                                 [&](Outcome outcome) { outcomes[outcome.id] = outcome; },
                                 cancellation),
                             ConfigError);
        ASSERT_SAYS("IT Glue's own", outcomes.at(1).message);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server.glue()["types"].size());
    }

    void namesAFieldThatIsInItsWay()
    {
        server.seedGlue({{"types",
                          {{{"name", kSecurity},
                            {"fields",
                             {{{"name", "Domain"},
                               {"kind", "Number"},
                               {"decimals", 0},
                               {"show-in-list", true}}}}}}}});
        const auto channel = open();
        CPPUNIT_ASSERT_THROW(channel->apply(
                                 scope, {document(1)},
                                 [&](const Outcome& outcome) {
                                     ASSERT_SAYS("a field Domain of the kind Number",
                                                 outcome.message);
                                 },
                                 cancellation),
                             ConfigError);
    }

    void saysWhatACheckFinds()
    {
        const auto says = [&](const Json& settings, const Json& where) {
            std::string text;
            for (const auto& finding : open(settings)->check({where}, cancellation))
                text += finding.code + ": " + finding.message + "\n";
            return text;
        };
        auto text = says(Json::object(), scope);
        ASSERT_SAYS("connected", text);
        ASSERT_SAYS("organization 7 is Contoso", text);
        ASSERT_SAYS("type-missing: the flexible asset type Entra: Security Groups", text);
        ASSERT_SAYS("key-refused: apiKey", says({{"apiKey", "wrong"}}, scope));
        ASSERT_SAYS("organization-missing", says(Json::object(), {{"organization", 404}}));

        make(*open(), document(1));
        seedNative("Entra ID: Security Groups");
        addField(kSecurity, "Code", "Password");
        text = says(Json::object(), scope);
        ASSERT_SAYS("type-found", text);
        ASSERT_SAYS("type-has-secrets", text);
        ASSERT_SAYS("documented-twice: IT Glue itself documents 1 groups", text);
        for (const auto state = type(kMicrosoft365); const auto& field : state["fields"])
            if (field["name"] == "Owners")
                server.seedGlue({{"fields", {{{"id", field["id"]}, {"delete", true}}}}});
        server.seedGlue({{"types", {{{"id", type(kSecurity)["id"]}, {"name", "Groups"}}}}});
        text = says(Json::object(), scope);
        ASSERT_SAYS("type-incomplete: the flexible asset type Entra: Microsoft 365 Groups lacks "
                    "Owners",
                    text);
        ASSERT_SAYS("is called Groups there", text);
    }

private:
    void assertEachOnce(size_t count)
    {
        std::multiset<std::string> keys;
        for (const auto state = server.glue(); const auto& one : state["assets"])
            keys.insert(one["traits"]["entra-object-id"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(count, keys.size());
        for (const auto& key : keys)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, size_t{1}, keys.count(key));
    }

    /// A type of IT Glue's own, with one asset in organization 7.
    void seedNative(const std::string& name)
    {
        server.seedGlue({{"types",
                          {{{"id", 555},
                            {"name", name},
                            {"native", true},
                            {"fields",
                             {{{"name", "Group Name"},
                               {"kind", "Text"},
                               {"use-for-title", true},
                               {"show-in-list", true}}}}}}}});
        server.seedGlue({{"assets",
                          {{{"organization-id", 7},
                            {"flexible-asset-type-id", 555},
                            {"traits", {{"group-name", "Finance"}}}}}}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueFaultTest);
