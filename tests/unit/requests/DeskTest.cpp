#include "requests/Desk.h"
#include "FakeDesk.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <condition_variable>
#include <mutex>

namespace muster::requests {

using namespace std::chrono_literals;

/// When boards are looked at, and what forms and events get to see.
class DeskTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DeskTest);
    FRESH_TEST(looksAtTheBoardAsOftenAsItIsToldTo);
    FRESH_TEST(targetWithoutRequestsIsNotAsked);
    FRESH_TEST(manyEventsCostOneLook);
    FRESH_TEST(eventNeedsTheSecret);
    FRESH_TEST(subscribesOnce);
    FRESH_TEST(siteThatIsDownIsAskedLessOften);
    FRESH_TEST(accountsAreThoseOfTheTermThatLackNothing);
    FRESH_TEST(requestorSeesTheOwnAccountAlone);
    FRESH_TEST(listsHoldWhatAFormTakes);
    FRESH_TEST(modesAreTheVendorsFive);
    FRESH_TEST(worksOnItsThreads);
    CPPUNIT_TEST_SUITE_END();

    FakeDesk fake;
    std::unique_ptr<Desk> desk;

    void open(const estate::Json& more = estate::Json::object())
    {
        estate::Json requests{
            {"boardId", 3}, {"inProgressStatusId", 12}, {"closedStatusId", 14}, {"poll", "30s"}};
        requests.update(more);
        fake.set(requests);
        desk = std::make_unique<Desk>(fake.parts());
        stepAll();
    }
    void openWithDoor() { open({{"eventId", "ev"}, {"publicUrl", "https://muster.example/"}}); }

    void stepAll()
    {
        while (desk->step())
            ;
    }
    std::string secret() const
    {
        const auto& url = fake.site->urls.at(0);
        return url.substr(url.rfind('/') + 1);
    }
    std::string choices(const std::string& list, const std::string& term = {},
                        const std::string& token = {})
    {
        std::string text;
        const auto found = desk->choices({"deskdirector", "desk", list, term, token});
        for (const auto& choice : found.value().items)
            text += choice.identifier + "=" + choice.name + ";";
        return text;
    }

public:
    void looksAtTheBoardAsOftenAsItIsToldTo()
    {
        open();
        CPPUNIT_ASSERT_EQUAL(size_t(1), fake.site->count("tickets"));
        fake.clock.advance(29s);
        stepAll();
        CPPUNIT_ASSERT_EQUAL(size_t(1), fake.site->count("tickets"));
        fake.clock.advance(1s);
        stepAll();
        CPPUNIT_ASSERT_EQUAL(size_t(2), fake.site->count("tickets"));
    }

    void targetWithoutRequestsIsNotAsked()
    {
        fake.set(nullptr);
        desk = std::make_unique<Desk>(fake.parts());
        stepAll();
        CPPUNIT_ASSERT(fake.site->calls.empty());
    }

    void manyEventsCostOneLook()
    {
        openWithDoor();
        fake.submit("1", "contoso", "2");
        fake.clock.advance(2s);
        const auto before = fake.site->count("tickets");
        for (int i = 0; i < 1000; ++i)
            CPPUNIT_ASSERT(desk->announce("deskdirector", "desk", secret(), {"1"}));
        stepAll();
        CPPUNIT_ASSERT_EQUAL(before + 1, fake.site->count("tickets"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), fake.runs.size());
        desk->announce("deskdirector", "desk", secret(), {"1"});
        stepAll();
        CPPUNIT_ASSERT_EQUAL(before + 1, fake.site->count("tickets"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), fake.runs.size());
    }

    void eventNeedsTheSecret()
    {
        openWithDoor();
        CPPUNIT_ASSERT(!desk->announce("deskdirector", "desk", secret() + "x", {"1"}));
        CPPUNIT_ASSERT(!desk->announce("deskdirector", "desk", "", {"1"}));
        CPPUNIT_ASSERT(!desk->announce("deskdirector", "other", secret(), {"1"}));
        CPPUNIT_ASSERT(!desk->announce("itglue", "desk", secret(), {"1"}));
        open();
        CPPUNIT_ASSERT(!desk->announce("deskdirector", "desk", "", {"1"}));
    }

    void subscribesOnce()
    {
        openWithDoor();
        CPPUNIT_ASSERT_EQUAL(std::string("https://muster.example/hooks/deskdirector/desk/events/") +
                                 secret(),
                             fake.site->urls.at(0));
        const auto kept = secret();
        openWithDoor();
        CPPUNIT_ASSERT_EQUAL(size_t(1), fake.site->count("subscribe"));
        CPPUNIT_ASSERT(desk->announce("deskdirector", "desk", kept, {}));
        open({{"eventId", "ev"}, {"publicUrl", "https://elsewhere.example"}});
        CPPUNIT_ASSERT_EQUAL(size_t(1), fake.site->count("unsubscribe"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), fake.site->count("subscribe"));
        CPPUNIT_ASSERT(!desk->announce("deskdirector", "desk", kept, {}));
    }

    void siteThatIsDownIsAskedLessOften()
    {
        fake.site->fault = [](const std::string&) { throw RetryError("down"); };
        open();
        for (int i = 0; i < 120; ++i)
        {
            fake.clock.advance(30s);
            stepAll();
        }
        CPPUNIT_ASSERT(fake.site->calls.size() < 15);
        fake.site->fault = [](const std::string&) {};
        fake.clock.advance(10min);
        stepAll();
        const auto before = fake.site->count("tickets");
        fake.clock.advance(30s);
        stepAll();
        CPPUNIT_ASSERT_EQUAL(before + 1, fake.site->count("tickets"));
    }

    void accountsAreThoseOfTheTermThatLackNothing()
    {
        fake.declareTenant("fabrikam", "Fabrikam");
        open();
        CPPUNIT_ASSERT_EQUAL(std::string("contoso=Contoso Ltd;fabrikam=Fabrikam;"),
                             choices("accounts"));
        CPPUNIT_ASSERT_EQUAL(std::string("fabrikam=Fabrikam;"), choices("accounts", " BRIK"));
        fake.lacks = "grant User.Read.All";
        CPPUNIT_ASSERT_EQUAL(std::string(), choices("accounts"));
        CPPUNIT_ASSERT(!desk->choices({"deskdirector", "desk", "secrets"}));
        CPPUNIT_ASSERT(!desk->choices({"deskdirector", "nobody", "accounts"}));
        CPPUNIT_ASSERT_EQUAL(std::string("https://acme.example"),
                             desk->choices({"deskdirector", "desk", "modes"})->origin);
    }

    void requestorSeesTheOwnAccountAlone()
    {
        fake.declareTenant("fabrikam", "Fabrikam");
        fake.declareSync("fab", "fabrikam", "contacts", {{"account", 43}});
        open();
        // {"companyId":42}: by its name. {"companyId":43}: by its sync. {"companyId":44}: nobody.
        CPPUNIT_ASSERT_EQUAL(std::string("contoso=Contoso Ltd;"),
                             choices("accounts", {}, "e30.eyJjb21wYW55SWQiOjQyfQ.s"));
        CPPUNIT_ASSERT_EQUAL(std::string("fabrikam=Fabrikam;"),
                             choices("accounts", {}, "e30.eyJjb21wYW55SWQiOjQzfQ.s"));
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             choices("accounts", {}, "e30.eyJjb21wYW55SWQiOjQ0fQ.s"));
    }

    void listsHoldWhatAFormTakes()
    {
        fake.declareTenant(std::string(63, 'x'), std::string(99, 'A') + "ééé");
        for (int i = 10; i < 50; ++i)
            fake.declareTenant("tenant-" + std::to_string(i), "Zeta " + std::to_string(i));
        open();
        const auto found = desk->choices({"deskdirector", "desk", "accounts"});
        CPPUNIT_ASSERT_EQUAL(size_t(30), found->items.size());
        const auto longest =
            desk->choices({"deskdirector", "desk", "accounts", "aaa"})->items.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string(99, 'A') + "é", longest.name);
        CPPUNIT_ASSERT(longest.identifier.size() <= 50);
        // It leads back to its tenant.
        fake.site->accounts.push_back({{{"account", 43}}, "43", std::string(99, 'A') + "ééé"});
        fake.submit("1", longest.identifier, "1");
        fake.pass();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(fake.notesOf("1"), size_t(1), fake.runs.size());
    }

    void modesAreTheVendorsFive()
    {
        open();
        CPPUNIT_ASSERT_EQUAL(
            std::string("1=Sync contacts only;2=Add contacts to Contact Group;3=Link contacts to "
                        "Service Group;4=Sync Entra groups as Accounts;5=Add Entra group owners "
                        "and members to Contact Group;"),
            choices("modes"));
        CPPUNIT_ASSERT_EQUAL(std::string("1=Sync contacts only;"), choices("modes", "ONLY"));
    }

    void worksOnItsThreads()
    {
        fake.submit("1", "contoso", "2");
        fake.submit("2", "contoso", "1");
        desk = std::make_unique<Desk>(fake.parts());
        std::mutex mutex;
        std::condition_variable done;
        size_t closed = 0;
        fake.site->fault = [&](const std::string& call) {
            const std::lock_guard lock(mutex);
            closed += call == "status done" ? 1 : 0;
            done.notify_all();
        };
        desk->start();
        std::unique_lock lock(mutex);
        CPPUNIT_ASSERT(done.wait_for(lock, 30s, [&] { return closed == 4; }));
        lock.unlock();
        CPPUNIT_ASSERT(desk->stop(30s));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeskTest);

} // namespace muster::requests
