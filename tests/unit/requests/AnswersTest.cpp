#include "requests/Answers.h"
#include "requests/Modes.h"
#include "support/FreshTest.h"

namespace muster::requests {

using plugins::FormField;

/// What a form's result says, in the shapes that sites give it.
class AnswersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AnswersTest);
    FRESH_TEST(takesTheSelectedChoice);
    FRESH_TEST(takesTheOnlyItemOfADynamicField);
    FRESH_TEST(takesNothingWhereNothingIsSelected);
    FRESH_TEST(formWithoutSyncModeIsNoRequest);
    FRESH_TEST(latestResultWins);
    FRESH_TEST(identifiersOfTheSettingsComeBeforeNames);
    FRESH_TEST(knowsOther);
    FRESH_TEST(tellsSeveralChoices);
    FRESH_TEST(readsFreeText);
    FRESH_TEST(modeIsFoundByNumberIdOrTitle);
    CPPUNIT_TEST_SUITE_END();

    Setup setup;

    static FormField account(std::vector<FormField::Choice> choices)
    {
        return {"acc", " company ", {}, std::move(choices)};
    }
    static FormField mode(std::vector<FormField::Choice> choices)
    {
        return {"mod", "Sync Mode", {}, std::move(choices)};
    }

public:
    void takesTheSelectedChoice()
    {
        const auto answers = answersOf(
            {{account({{"a", "A", false}, {"b", "B", true}}), mode({{"2", "Two", true}})}}, setup);
        CPPUNIT_ASSERT(answers.isRequest);
        CPPUNIT_ASSERT_EQUAL(std::string("b"), answers.account->identifier);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), answers.mode->identifier);
    }

    void takesTheOnlyItemOfADynamicField()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("x"),
                             answersOf({{mode({{"x", "X"}, {"y", "Y"}})}}, setup).mode->identifier);
        CPPUNIT_ASSERT_EQUAL(std::string("x"),
                             answersOf({{mode({{"x", "X", false}})}}, setup).mode->identifier);
    }

    void takesNothingWhereNothingIsSelected()
    {
        const auto answers = answersOf({{mode({{"1", "One", false}, {"2", "Two", false}})}}, setup);
        CPPUNIT_ASSERT(answers.isRequest);
        CPPUNIT_ASSERT(!answers.mode);
    }

    void formWithoutSyncModeIsNoRequest()
    {
        CPPUNIT_ASSERT(!answersOf({{account({{"a", "A"}})}}, setup).isRequest);
        CPPUNIT_ASSERT(!answersOf({}, setup).isRequest);
    }

    void latestResultWins()
    {
        const auto answers = answersOf({{mode({{"1", "One"}})}, {mode({{"2", "Two"}})}, {}}, setup);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), answers.mode->identifier);
    }

    void identifiersOfTheSettingsComeBeforeNames()
    {
        setup.modeField = "other";
        const FormField field{"other", "How", {}, {{"3", "Three"}}};
        CPPUNIT_ASSERT_EQUAL(std::string("3"),
                             answersOf({{mode({{"1", "One"}}), field}}, setup).mode->identifier);
    }

    void knowsOther()
    {
        const auto isOther = [&](const std::string& identifier, const std::string& name) {
            return answersOf({{mode({{identifier, name, true}})}}, setup).mode->isOther;
        };
        CPPUNIT_ASSERT(isOther("d4ptmn_other", "Other"));
        CPPUNIT_ASSERT(isOther("D4_OTHER", "?"));
        CPPUNIT_ASSERT(isOther("", "Other"));
        CPPUNIT_ASSERT(!isOther("brother", "Brother"));
    }

    void tellsSeveralChoices()
    {
        CPPUNIT_ASSERT(
            answersOf({{mode({{"1", "One", true}, {"2", "Two", true}})}}, setup).mode->isSeveral);
    }

    void readsFreeText()
    {
        const FormField field{"mod", "Sync mode", " contacts ", {}};
        CPPUNIT_ASSERT_EQUAL(std::string("contacts"), answersOf({{field}}, setup).mode->name);
    }

    void modeIsFoundByNumberIdOrTitle()
    {
        const std::vector<ModeChoice> modes{{2, "contact-groups", "Add contacts to Contact Group"}};
        for (const Chosen& chosen :
             {Chosen{.identifier = "2"}, Chosen{.identifier = "contact-groups"},
              Chosen{.identifier = "f81a", .name = " add contacts to contact group"}})
            CPPUNIT_ASSERT(findMode(modes, chosen));
        CPPUNIT_ASSERT(!findMode(modes, {.identifier = "1"}));
        CPPUNIT_ASSERT(!findMode(modes, {}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AnswersTest);

} // namespace muster::requests
