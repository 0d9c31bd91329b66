#include "web/Hooks.h"

#include "support/FreshTest.h"

namespace muster::web {

/// The doors for sites, as far as they are HTTP.
class HooksTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HooksTest);
    FRESH_TEST(choicesComeInTheShapeOfTheContract);
    FRESH_TEST(choicesTakeQueryJsonAndForm);
    FRESH_TEST(unknownListIsAnErrorOfTheContract);
    FRESH_TEST(sitesMayAskFromTheirPages);
    FRESH_TEST(eventGivesTheTicketsIdAndNothingElse);
    FRESH_TEST(eventWithoutATicketIsTakenToo);
    FRESH_TEST(wrongSecretIsNotFound);
    FRESH_TEST(refusesWhatIsTooLargeOrTooMuch);
    CPPUNIT_TEST_SUITE_END();

    ChoiceCall asked;
    EventCall told;
    bool isKnown = true;
    Hooks hooks{{.choices = [this](const ChoiceCall& call) -> std::optional<ChoiceAnswer> {
                     asked = call;
                     if (!isKnown)
                         return std::nullopt;
                     return ChoiceAnswer{Json::array({{{"name", "A"}, {"identifier", "a"}}}),
                                         "https://acme.example"};
                 },
                 .announce =
                     [this](const EventCall& call) {
                         told = call;
                         return isKnown;
                     }}};

    HookAnswer get(const std::map<std::string, std::string>& query)
    {
        return hooks.answer({"GET", {"deskdirector", "desk", "choices", "accounts"}, query, {}});
    }
    HookAnswer post(const std::string& body)
    {
        return hooks.answer({"POST", {"deskdirector", "desk", "choices", "accounts"}, {}, body});
    }
    HookAnswer tell(const std::string& body)
    {
        return hooks.answer({"POST", {"deskdirector", "desk", "events", "s3cret"}, {}, body});
    }

public:
    void choicesComeInTheShapeOfTheContract()
    {
        const auto answer = get({{"term", "A"}, {"ticketId", "3032"}});
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"request":{"term":"A","ticketId":3032},)"
                                         R"("value":[{"identifier":"a","name":"A"}]})"),
                             answer.body.dump());
        CPPUNIT_ASSERT_EQUAL(std::string("desk"), asked.target);
        CPPUNIT_ASSERT_EQUAL(std::string("accounts"), asked.list);
    }

    void choicesTakeQueryJsonAndForm()
    {
        get({{"access_token", "t1"}});
        CPPUNIT_ASSERT_EQUAL(std::string("t1"), asked.accessToken);
        post(R"({"term": "x", "access_token": "t2", "ticketId": 7})");
        CPPUNIT_ASSERT_EQUAL(std::string("t2"), asked.accessToken);
        CPPUNIT_ASSERT_EQUAL(std::string("x"), asked.term);
        post("term=a%20b&access_token=t3");
        CPPUNIT_ASSERT_EQUAL(std::string("t3"), asked.accessToken);
        CPPUNIT_ASSERT_EQUAL(std::string("a b"), asked.term);
        CPPUNIT_ASSERT_EQUAL(200, post("[1,").status);
    }

    void unknownListIsAnErrorOfTheContract()
    {
        isKnown = false;
        const auto answer = get({});
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT(answer.body.at("error").is_string() &&
                       answer.body.at("errorDescription").is_string());
        CPPUNIT_ASSERT_EQUAL(404, hooks.answer({"GET", {"deskdirector"}, {}, {}}).status);
        CPPUNIT_ASSERT_EQUAL(
            405,
            hooks.answer({"PUT", {"deskdirector", "desk", "choices", "modes"}, {}, {}}).status);
    }

    void sitesMayAskFromTheirPages()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("https://acme.example"),
                             get({}).headers.at("Access-Control-Allow-Origin"));
        CPPUNIT_ASSERT_EQUAL(
            204,
            hooks.answer({"OPTIONS", {"deskdirector", "desk", "choices", "modes"}, {}, {}}).status);
    }

    void eventGivesTheTicketsIdAndNothingElse()
    {
        for (const auto* body :
             {R"({"ticket":{"id":7,"account":{"id":1}}})", R"([{"ticket":{"entityId":"7"}}])",
              R"({"ticketId":7,"id":99})", R"({"entityId":7})", R"([{"id":7}])"})
        {
            told = {};
            CPPUNIT_ASSERT_EQUAL(202, tell(body).status);
            CPPUNIT_ASSERT_MESSAGE(body, told.tickets == std::vector<std::string>{"7"});
        }
        CPPUNIT_ASSERT_EQUAL(std::string("s3cret"), told.secret);
    }

    void eventWithoutATicketIsTakenToo()
    {
        for (const auto* body : {"", "{}", "[]", "null", "{", R"({"id":{"a":1}})",
                                 R"({"id":"../../x"})", R"({"ticket":7})"})
        {
            CPPUNIT_ASSERT_EQUAL(202, tell(body).status);
            CPPUNIT_ASSERT_MESSAGE(body, told.tickets.empty());
        }
    }

    void wrongSecretIsNotFound()
    {
        isKnown = false;
        CPPUNIT_ASSERT_EQUAL(404, tell(R"({"id":7})").status);
        CPPUNIT_ASSERT_EQUAL(
            405,
            hooks.answer({"GET", {"deskdirector", "desk", "events", "s3cret"}, {}, {}}).status);
    }

    void refusesWhatIsTooLargeOrTooMuch()
    {
        CPPUNIT_ASSERT_EQUAL(413, tell(std::string(Hooks::kLargestBody + 1, ' ')).status);
        int refused = 0;
        for (int i = 0; i < 1000 && refused == 0; ++i)
            refused += get({}).status == 429 ? 1 : 0;
        CPPUNIT_ASSERT_EQUAL(1, refused);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HooksTest);

} // namespace muster::web
