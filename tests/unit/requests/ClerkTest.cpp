#include "FakeDesk.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::requests {

using namespace std::chrono_literals;
using plugins::TicketStatus;

namespace {

/// Not an exception that anybody expects: the process is gone.
struct Killed
{};

const estate::Json kAccount42 = {{"account", 42}};
const estate::Json kApproval = {{"boardId", 3},          {"inProgressStatusId", 12},
                                {"closedStatusId", 14},  {"approvalRequired", true},
                                {"grantedStatusId", 21}, {"declinedStatusId", 22}};

} // namespace

/// A request on its way from ticket to ticket.
class ClerkTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClerkTest);
    FRESH_TEST(runsARequestAndClosesItsTicket);
    FRESH_TEST(runsNothingBeforeItIsGranted);
    FRESH_TEST(declinedRequestIsNotedAndNotRun);
    FRESH_TEST(ticketThatWasDoneIsNotRunAgain);
    FRESH_TEST(usesTheSyncThatIsThere);
    FRESH_TEST(declaresADailySyncOnce);
    FRESH_TEST(nameThatIsTakenGetsANumber);
    FRESH_TEST(accountIsFoundByIdAndByName);
    FRESH_TEST(badAnswersAreNotedOnce);
    FRESH_TEST(correctedAnswerIsTakenUp);
    FRESH_TEST(tenantThatLacksSomethingIsNoted);
    FRESH_TEST(tenantIsLookedAtBeforeItIsSaidToLackSomething);
    FRESH_TEST(tenantWithoutAnAccountIsNoted);
    FRESH_TEST(ticketOfAnotherFormIsLeftAlone);
    FRESH_TEST(formThatComesLaterIsTaken);
    FRESH_TEST(ticketThatIsClosedFirstIsWithdrawn);
    FRESH_TEST(announcedTicketIsFoundWhereSearchMissesIt);
    FRESH_TEST(killedAnywhereItIsFinishedAndRunOnce);
    FRESH_TEST(runThatWasStoppedIsFinishedLater);
    FRESH_TEST(runThatFinishedOthersWorkIsTaken);
    FRESH_TEST(noteIsRatherWrittenTwiceThanNever);
    FRESH_TEST(refusedNoteStopsNothing);
    FRESH_TEST(siteThatIsDownIsTriedAgain);
    FRESH_TEST(runThatReachesNothingIsTriedAgainAndThenGivenUp);
    FRESH_TEST(failedRunIsNotedAndLeavesTheTicketOpen);
    FRESH_TEST(syncThatWasRemovedMeanwhileIsDeclaredAgain);
    CPPUNIT_TEST_SUITE_END();

    FakeDesk desk;

    void assertState(State expected)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(desk.only().message, toText(expected),
                                     toText(desk.only().state));
    }
    void assertNote(const std::string& ticket, const std::string& part)
    {
        const auto notes = desk.notesOf(ticket);
        CPPUNIT_ASSERT_MESSAGE(notes, notes.find(part) != std::string::npos);
    }

public:
    void runsARequestAndClosesItsTicket()
    {
        desk.submit("1", "contoso", "2");
        desk.pass();
        assertState(State::Done);
        CPPUNIT_ASSERT(desk.ticket("1").statuses ==
                       (std::vector{TicketStatus::InProgress, TicketStatus::Closed}));
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.ticket("1").notes.size());
        assertNote("1", "1 created, 2 linked");
        assertNote("1", "Bo has no address");
        CPPUNIT_ASSERT(desk.runs == std::vector<std::string>{"contoso-contact-groups"});
    }

    void runsNothingBeforeItIsGranted()
    {
        desk.set(kApproval);
        desk.submit("1", "contoso", "2");
        desk.pass();
        desk.pass();
        assertState(State::Waiting);
        CPPUNIT_ASSERT(desk.runs.empty() && desk.declared.empty());
        const auto before = desk.site->calls.size();
        desk.pass();
        CPPUNIT_ASSERT_EQUAL(before + 1, desk.site->calls.size());
        desk.ticket("1").status = TicketStatus::Granted;
        desk.pass();
        assertState(State::Done);
    }

    void declinedRequestIsNotedAndNotRun()
    {
        desk.set(kApproval);
        desk.submit("1", "contoso", "2");
        desk.pass();
        desk.ticket("1").status = TicketStatus::Declined;
        desk.ticket("1").isClosed = true;
        desk.pass();
        desk.pass();
        assertState(State::Declined);
        assertNote("1", "was declined");
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.ticket("1").notes.size());
        CPPUNIT_ASSERT(desk.runs.empty() && desk.ticket("1").statuses.empty());
    }

    void ticketThatWasDoneIsNotRunAgain()
    {
        desk.submit("1", "contoso", "2");
        desk.pass();
        desk.ticket("1").isClosed = false;
        desk.poll({"1", "1", "1"});
        desk.workAll();
        desk.pass();
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.runs.size());
    }

    void usesTheSyncThatIsThere()
    {
        desk.declareSync("mine", "contoso", "contact-groups", kAccount42);
        desk.submit("1", "Contoso LTD ", "2");
        desk.pass();
        CPPUNIT_ASSERT(desk.runs == std::vector<std::string>{"mine"});
        CPPUNIT_ASSERT(desk.declared.empty());
    }

    void declaresADailySyncOnce()
    {
        desk.submit("1", "contoso", "2");
        desk.submit("2", "contoso", "2");
        desk.submit("3", "contoso", "1");
        desk.pass();
        std::sort(desk.declared.begin(), desk.declared.end());
        CPPUNIT_ASSERT(desk.declared ==
                       (std::vector<std::string>{"contoso-contact-groups", "contoso-contacts"}));
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"account":42})"),
            desk.database
                .value<std::string>("SELECT s.document FROM scope s JOIN sync y ON y.scope = s.id "
                                    "WHERE y.name = 'contoso-contacts'")
                .value());
    }

    void nameThatIsTakenGetsANumber()
    {
        desk.declareTenant("fabrikam", "Fabrikam");
        desk.declareSync("contoso-contact-groups", "fabrikam", "contacts", {{"account", 43}});
        desk.submit("1", "contoso", "2");
        desk.pass();
        CPPUNIT_ASSERT(desk.declared == std::vector<std::string>{"contoso-contact-groups-2"});
    }

    void accountIsFoundByIdAndByName()
    {
        desk.declareTenant("fabrikam", "Fabrikam");
        desk.declareSync("fab", "fabrikam", "contacts", {{"account", 43}});
        desk.site->accounts.push_back({{{"account", 43}}, "43", "The Fab Account"});
        for (const auto* name : {"42", "43", "the fab account", "FABRIKAM"})
        {
            desk.runs.clear();
            desk.submit(name, name, "1");
            desk.pass();
            const std::string expected = std::string(name) == "42" ? "contoso-contacts" : "fab";
            CPPUNIT_ASSERT_MESSAGE(name, desk.runs == std::vector<std::string>{expected});
        }
    }

    void badAnswersAreNotedOnce()
    {
        desk.declareTenant("contoso-2", "Contoso Ltd");
        desk.submit("1", "acc_other", "2");
        desk.submit("2", "nobody", "2");
        desk.submit("3", "contoso", "9");
        desk.submit("4", "Contoso Ltd", "2");
        desk.site->held["5"].forms = {{{"mod", "Sync mode", {}, {{"1", "1"}}}}};
        for (int i = 0; i < 5; ++i)
        {
            desk.pass();
            desk.clock.advance(1h);
        }
        assertNote("1", "\"Other\" is no account");
        assertNote("2", "no tenant for the account \"nobody\"");
        assertNote("3", "\"9\" is no sync mode. Choose one of: 1 Sync contacts only");
        assertNote("4", "may mean several tenants: contoso contoso-2");
        assertNote("5", "names no account");
        for (const auto* id : {"1", "2", "3", "4", "5"})
        {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(id, size_t(1), desk.ticket(id).notes.size());
            CPPUNIT_ASSERT(desk.ticket(id).statuses.empty());
        }
        CPPUNIT_ASSERT(desk.runs.empty());
    }

    void correctedAnswerIsTakenUp()
    {
        desk.submit("1", "nobody", "2");
        desk.pass();
        assertState(State::Unclear);
        desk.ticket("1").forms.push_back(FakeDesk::form("nobody else", "2"));
        desk.clock.advance(30s);
        desk.pass();
        CPPUNIT_ASSERT_EQUAL(size_t(2), desk.ticket("1").notes.size());
        desk.ticket("1").forms.push_back(FakeDesk::form("contoso", "2"));
        desk.clock.advance(30s);
        desk.pass();
        assertState(State::Done);
        CPPUNIT_ASSERT_EQUAL(size_t(3), desk.ticket("1").notes.size());
    }

    void tenantThatLacksSomethingIsNoted()
    {
        desk.lacks = "grant User.Read.All";
        desk.submit("1", "contoso", "2");
        desk.pass();
        assertState(State::Unclear);
        assertNote("1", "grant User.Read.All");
        desk.lacks.clear();
        desk.clock.advance(1min);
        desk.pass();
        assertState(State::Done);
    }

    void tenantIsLookedAtBeforeItIsSaidToLackSomething()
    {
        desk.lacks = "not looked at yet";
        desk.look = [] { throw RetryError("Graph does not answer"); };
        desk.submit("1", "contoso", "2");
        desk.pass();
        assertState(State::New);
        CPPUNIT_ASSERT(desk.ticket("1").notes.empty());
        desk.look = [&] { desk.lacks.clear(); };
        desk.clock.advance(1min);
        desk.pass();
        assertState(State::Done);
    }

    void tenantWithoutAnAccountIsNoted()
    {
        desk.site->accounts.clear();
        desk.submit("1", "contoso", "2");
        desk.pass();
        assertState(State::Unclear);
        assertNote("1", "not known which account of desk is that of Contoso Ltd");
        desk.submit("2", "contoso", "4"); // each group names its account
        desk.pass();
        CPPUNIT_ASSERT(desk.runs == std::vector<std::string>{"contoso-accounts"});
    }

    void ticketOfAnotherFormIsLeftAlone()
    {
        desk.site->held["1"].forms = {{{"p", "Printer", "broken", {}}}};
        for (int i = 0; i < 20; ++i)
        {
            desk.pass();
            desk.clock.advance(1h);
        }
        CPPUNIT_ASSERT(desk.ticket("1").notes.empty() && desk.ticket("1").statuses.empty());
        CPPUNIT_ASSERT(RequestStore(desk.store).list(0).empty());
        CPPUNIT_ASSERT(desk.site->count("ticket") <= 5);
    }

    void formThatComesLaterIsTaken()
    {
        desk.site->held["1"];
        desk.pass();
        desk.submit("1", "contoso", "2");
        desk.clock.advance(15s);
        desk.pass();
        assertState(State::Done);
    }

    void ticketThatIsClosedFirstIsWithdrawn()
    {
        desk.set(kApproval);
        desk.submit("1", "contoso", "2");
        desk.pass();
        desk.ticket("1").isClosed = true;
        desk.pass();
        assertState(State::Withdrawn);
        CPPUNIT_ASSERT(desk.ticket("1").notes.empty());
        desk.ticket("1").isClosed = false;
        desk.pass();
        assertState(State::Waiting);
    }

    void announcedTicketIsFoundWhereSearchMissesIt()
    {
        desk.site->isSearchBlind = true;
        desk.submit("1", "contoso", "2");
        desk.pass();
        CPPUNIT_ASSERT(RequestStore(desk.store).list(0).empty());
        desk.poll({"1", "77"});
        desk.workAll();
        assertState(State::Done);
    }

    void killedAnywhereItIsFinishedAndRunOnce()
    {
        for (size_t point = 1;; ++point)
        {
            FakeDesk fresh;
            fresh.submit("1", "contoso", "2");
            size_t calls = 0;
            fresh.site->fault = [&](const std::string&) {
                if (++calls == point)
                    throw Killed();
            };
            fresh.outcome = [&](sync::Run&) { fresh.site->fault("run done"); };
            bool wasKilled = false;
            try
            {
                fresh.pass();
            }
            catch (const Killed&)
            {
                wasKilled = true;
            }
            fresh.site->fault = [](const std::string&) {};
            fresh.pass();
            const auto where = "killed at call " + std::to_string(point);
            const auto request = fresh.only();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(where, std::string("done"), toText(request.state));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(where, size_t(1), fresh.ticket("1").notes.size());
            CPPUNIT_ASSERT_MESSAGE(where, fresh.ticket("1").isClosed);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(where, size_t(1), fresh.runs.size());
            if (!wasKilled)
                break;
            CPPUNIT_ASSERT(point < 100);
        }
    }

    void runThatWasStoppedIsFinishedLater()
    {
        desk.submit("1", "contoso", "2");
        desk.outcome = [&](sync::Run& run) {
            desk.database.execute("UPDATE run SET state = 'partial' WHERE id = $1", {run.id});
            desk.stop->request();
            throw CancelledError();
        };
        desk.poll();
        const auto due = RequestStore(desk.store).due(desk.clock.now());
        desk.workOn(due.at(0));
        desk.workOn(RequestStore(desk.store).find(due.at(0).id).value());
        assertState(State::Running);
        desk.stop = std::make_unique<runtime::Cancellation>();
        desk.outcome = [](sync::Run&) {};
        desk.workAll();
        assertState(State::Done);
        CPPUNIT_ASSERT_EQUAL(size_t(2), desk.runs.size());
    }

    void runThatFinishedOthersWorkIsTaken()
    {
        desk.submit("1", "contoso", "2");
        desk.poll();
        const auto due = RequestStore(desk.store).due(desk.clock.now());
        desk.workOn(due.at(0));
        assertState(State::Running);
        desk.run("contoso-contact-groups"); // the schedule's
        desk.workAll();
        assertState(State::Done);
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.runs.size());
    }

    void noteIsRatherWrittenTwiceThanNever()
    {
        desk.site->showsNotes = false;
        desk.submit("1", "contoso", "2");
        bool isLost = true;
        desk.site->fault = [&](const std::string& call) {
            if (call == "note done" && std::exchange(isLost, false))
                throw RetryError("no answer");
        };
        desk.pass();
        desk.clock.advance(1min);
        desk.pass();
        assertState(State::Done);
        CPPUNIT_ASSERT_EQUAL(size_t(2), desk.ticket("1").notes.size());
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.runs.size());
    }

    void refusedNoteStopsNothing()
    {
        desk.site->fault = [](const std::string& call) {
            if (call == "note")
                throw RejectedError("notes are not for this key");
        };
        desk.submit("1", "contoso", "2");
        desk.pass();
        assertState(State::Done);
    }

    void siteThatIsDownIsTriedAgain()
    {
        desk.submit("1", "contoso", "2");
        desk.poll();
        desk.site->fault = [](const std::string& call) {
            if (call == "status")
                throw RetryError("the site is down");
        };
        desk.workAll();
        assertState(State::Accepted);
        CPPUNIT_ASSERT_EQUAL(std::string("the site is down"), desk.only().message);
        desk.site->fault = [](const std::string&) {};
        desk.workAll();
        assertState(State::Accepted);
        desk.clock.advance(15s);
        desk.workAll();
        assertState(State::Done);
    }

    void runThatReachesNothingIsTriedAgainAndThenGivenUp()
    {
        desk.outcome = [](sync::Run& run) {
            run.state = sync::RunState::Failed;
            run.trouble = sync::Trouble::Unreachable;
            run.message = "Graph does not answer";
        };
        desk.submit("1", "contoso", "2");
        desk.pass();
        assertState(State::Running);
        for (int i = 0; i < 20; ++i)
        {
            desk.clock.advance(15min);
            desk.workAll();
        }
        assertState(State::Failed);
        CPPUNIT_ASSERT_EQUAL(size_t(8), desk.runs.size());
        assertNote("1", "Graph does not answer");
    }

    void failedRunIsNotedAndLeavesTheTicketOpen()
    {
        desk.outcome = [](sync::Run& run) {
            run.state = sync::RunState::Failed;
            run.trouble = sync::Trouble::Configuration;
            run.message = "the secret expired";
        };
        desk.submit("1", "contoso", "2");
        desk.pass();
        desk.pass();
        assertState(State::Failed);
        assertNote("1", "the secret expired");
        CPPUNIT_ASSERT(!desk.ticket("1").isClosed);
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.runs.size());
    }

    void syncThatWasRemovedMeanwhileIsDeclaredAgain()
    {
        desk.submit("1", "contoso", "2");
        desk.site->fault = [&](const std::string& call) {
            if (call == "status" && desk.runs.empty() && desk.declared.size() == 1)
                desk.database.execute("DELETE FROM sync");
        };
        desk.pass();
        assertState(State::Done);
        CPPUNIT_ASSERT_EQUAL(size_t(2), desk.declared.size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClerkTest);

} // namespace muster::requests
