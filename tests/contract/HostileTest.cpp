#include "HostileFixture.h"
#include "support/FreshTest.h"
#include "support/Sanitized.h"
#include "support/SocketActivation.h"

#include <atomic>
#include <thread>

namespace muster::tests {

/// A plugin that does in its child what no plugin may; the host must not suffer.
class HostileTest : public HostileFixture
{
    CPPUNIT_TEST_SUITE(HostileTest);
    FRESH_TEST(namesPluginChangeAndSignalWhenAPluginAborts);
    FRESH_TEST(namesPluginAndSignalWhenAPluginCrashes);
    FRESH_TEST(namesTheExitCodeOfAPluginThatExits);
    FRESH_TEST(outlivesACrashInEachFunction);
    FRESH_TEST(outlivesAnExceptionInEachFunction);
    FRESH_TEST(killsAPluginThatLoopsForEver);
    FRESH_TEST(killsAPluginThatLoopsTwoSecondsAfterACancel);
    FRESH_TEST(endsAPluginThatLooksWhetherItIsCancelled);
    FRESH_TEST(letsAPluginComputeThatShowsThatItLives);
    FRESH_TEST(stopsAPluginThatComputesBetweenCalls);
    FRESH_TEST(endsAPluginThatTakesMoreThanItsShare);
    FRESH_TEST(endsAPluginThatStartsThreadsWithoutEnd);
    FRESH_TEST(killsAPluginThatStopsItself);
    FRESH_TEST(killsAPluginThatHangsUp);
    FRESH_TEST(boundsTheMemoryOfAPluginThatLeaks);
    FRESH_TEST(takesNothingThatAPluginPrintsForAnOutcome);
    FRESH_TEST(takesNoOutcomeOfAnotherChange);
    FRESH_TEST(takesNoHalfOutcome);
    FRESH_TEST(takesNoTextThatIsNotUtf8);
    FRESH_TEST(refusesAHundredMegabytesInOneLine);
    FRESH_TEST(stopsAFloodOfLines);
    FRESH_TEST(outlivesAFloodOfLogMessages);
    FRESH_TEST(refusesRequestsThatAreGarbage);
    FRESH_TEST(refusesWhatIsNestedWithoutEnd);
    FRESH_TEST(refusesMoreFindingsThanAnybodyReads);
    FRESH_TEST(refusesWhatReachesOutOfTheChild);
    FRESH_TEST(refusesWhatReachesOutWhileTheLibraryIsLoaded);
    FRESH_TEST(waitsLongerAfterEachCrash);
    FRESH_TEST(startsAgainAfterACrash);
    FRESH_TEST(doesTheRestBeforeAChangeThatThePluginCrashesOver);
    FRESH_TEST(disablesATargetAfterFiveCrashesInTenMinutes);
    FRESH_TEST(remembersThatATargetIsDisabledAfterARestart);
    FRESH_TEST(servesAnotherTargetWhileOneHangs);
    CPPUNIT_TEST_SUITE_END();

public:
    void namesPluginChangeAndSignalWhenAPluginAborts()
    {
        const auto outcomes = apply(*open("apply", "abort"));
        CPPUNIT_ASSERT(outcomes.at(1).state == OutcomeState::Applied);
        CPPUNIT_ASSERT(outcomes.at(2).unknown);
        CPPUNIT_ASSERT(outcomes.at(3).unknown);
        ASSERT_TELLS("target acme (plugin hostile): create contact c2@contoso.example: the "
                     "plugin crashed (signal 6",
                     outcomes.at(2).message);
    }

    void namesPluginAndSignalWhenAPluginCrashes()
    {
        const auto outcomes = apply(*open("apply", "segfault"));
        if (!testing::kIsSanitized)
            ASSERT_TELLS("the plugin crashed (signal 11", outcomes.at(2).message);
        CPPUNIT_ASSERT(outcomes.at(2).unknown);
    }

    void namesTheExitCodeOfAPluginThatExits()
    {
        ASSERT_TELLS("the plugin ended itself (exit code 3) during apply",
                     apply(*open("apply", "exit")).at(2).message);
    }

    void outlivesACrashInEachFunction()
    {
        ASSERT_TELLS(") during create", retryError([&] { open("create", "abort"); }));
        _clock.advance(2min);
        const auto checked = open("check", "abort");
        ASSERT_TELLS(") during check", retryError([&] { check(*checked); }));
        _clock.advance(2min);
        const auto read = open("read", "abort");
        ASSERT_TELLS(") during read", retryError([&] { this->read(*read); }));
        _clock.advance(2min);
        CPPUNIT_ASSERT_NO_THROW(open("destroy", "abort").reset());
        ASSERT_TELLS(") during destroy", _catalog->health("acme")->crashes().back().reason);
    }

    void outlivesAnExceptionInEachFunction()
    {
        const auto says = [&](const std::string& text) {
            ASSERT_TELLS("the plugin threw an exception at the host", text);
        };
        says(configError([&] { open("create", "throw"); }));
        says(rejectedError([&] { check(*open("check", "throw-number")); }));
        says(rejectedError([&] { read(*open("read", "throw")); }));
        says(apply(*open("apply", "throw")).at(2).message);
        CPPUNIT_ASSERT_NO_THROW(open("destroy", "throw").reset());
    }

    void killsAPluginThatLoopsForEver()
    {
        _children.deadline = 300ms;
        ASSERT_TELLS("the plugin gave no sign of life for 0.3 s during apply, and was ended",
                     apply(*open("apply", "hang")).at(2).message);
    }

    void killsAPluginThatLoopsTwoSecondsAfterACancel()
    {
        const auto channel = open("apply", "hang");
        const auto began = std::chrono::steady_clock::now();
        const auto outcomes = apply(*channel, [&](const Outcome&) { _cancellation.request(); });
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began >= 2s);
        CPPUNIT_ASSERT(outcomes.at(1).state == OutcomeState::Applied);
        ASSERT_TELLS("did not end within two seconds", outcomes.at(2).message);
    }

    void endsAPluginThatLooksWhetherItIsCancelled()
    {
        const auto channel = open("apply", "hang-politely");
        const auto outcomes = apply(*channel, [&](const Outcome&) { _cancellation.request(); });
        CPPUNIT_ASSERT_EQUAL(size_t{3}, outcomes.size());
        CPPUNIT_ASSERT(_catalog->health("acme")->crashes().empty());
    }

    void letsAPluginComputeThatShowsThatItLives()
    {
        _children.deadline = 1s; // two seconds of the processor, which it takes longer than
        CPPUNIT_ASSERT_EQUAL(size_t{1}, check(*open("check", "compute")).size());
    }

    void stopsAPluginThatComputesBetweenCalls()
    {
        const auto channel = open("check", "spin-behind");
        check(*channel);
        const auto until = std::chrono::steady_clock::now() + 30s;
        while (statesOfRunners().find_first_not_of('T') != std::string::npos)
            CPPUNIT_ASSERT(std::chrono::steady_clock::now() < until);
        CPPUNIT_ASSERT_NO_THROW(read(*channel));
    }

    void endsAPluginThatTakesMoreThanItsShare()
    {
        _children.deadline = 1s;
        const auto channel = open("check", "spin-deaf");
        ASSERT_TELLS(excess("used more than half a processor"),
                     retryError([&] { check(*channel); }));
    }

    void endsAPluginThatStartsThreadsWithoutEnd()
    {
        const auto why = retryError([&] { check(*open("check", "threads")); });
        ASSERT_TELLS(excess("started more than 64 threads"), why);
    }

    void killsAPluginThatStopsItself()
    {
        _children.deadline = 300ms;
        ASSERT_TELLS("no sign of life", apply(*open("apply", "stop")).at(2).message);
    }

    void killsAPluginThatHangsUp()
    {
        ASSERT_TELLS("target acme (plugin hostile)", apply(*open("apply", "close")).at(2).message);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _catalog->health("acme")->crashes().size());
    }

    void boundsTheMemoryOfAPluginThatLeaks()
    {
        if (testing::kIsSanitized)
            return;
        const auto outcomes = apply(*open("apply", "leak"));
        CPPUNIT_ASSERT(outcomes.at(2).unknown);
        ASSERT_TELLS("the plugin threw an exception", outcomes.at(2).message);
    }

    void takesNothingThatAPluginPrintsForAnOutcome()
    {
        const auto outcomes = apply(*open("apply", "print"));
        for (int id = 1; id <= 3; ++id)
            CPPUNIT_ASSERT_MESSAGE(outcomes.at(id).message,
                                   outcomes.at(id).state == OutcomeState::Applied);
    }

    void takesNoOutcomeOfAnotherChange()
    {
        ASSERT_TELLS("there is no change 777", apply(*open("apply", "wrong-id")).at(2).message);
    }

    void takesNoHalfOutcome()
    {
        ASSERT_TELLS("makes no sense", apply(*open("apply", "half")).at(2).message);
    }

    void takesNoTextThatIsNotUtf8()
    {
        ASSERT_TELLS("makes no sense", apply(*open("apply", "bad-text")).at(2).message);
    }

    void refusesAHundredMegabytesInOneLine()
    {
        const auto outcomes = apply(*open("apply", "flood-line"));
        CPPUNIT_ASSERT(outcomes.at(2).unknown);
        ASSERT_TELLS("the plugin said a text of 104857600 bytes at once", outcomes.at(2).message);
    }

    void stopsAFloodOfLines()
    {
        ASSERT_TELLS("makes no sense", apply(*open("apply", "flood-lines")).at(2).message);
    }

    void outlivesAFloodOfLogMessages()
    {
        const auto outcomes = apply(*open("apply", "flood-log"));
        CPPUNIT_ASSERT(outcomes.at(3).state == OutcomeState::Applied);
    }

    void refusesRequestsThatAreGarbage()
    {
        ASSERT_TELLS("the plugin's requests make no sense",
                     apply(*open("apply", "http-garbage")).at(2).message);
    }

    void refusesWhatIsNestedWithoutEnd()
    {
        ASSERT_TELLS("it is nested too deeply", apply(*open("apply", "nested")).at(2).message);
        _catalog.reset();
        ASSERT_TELLS("it is nested too deeply", apply(*open("apply", "http-nested")).at(2).message);
    }

    void refusesMoreFindingsThanAnybodyReads()
    {
        ASSERT_TELLS("more than 1000 findings",
                     rejectedError([&] { check(*open("check", "findings")); }));
    }

    void refusesWhatReachesOutOfTheChild()
    {
        if (testing::kIsSanitized)
            return;
        for (const auto& [deed, refusal] : kRefusals)
        {
            const auto findings = check(*open("check", deed));
            CPPUNIT_ASSERT_EQUAL(size_t{1}, findings.size());
            CPPUNIT_ASSERT_EQUAL(refusal, findings[0].message);
        }
    }

    void refusesWhatReachesOutWhileTheLibraryIsLoaded()
    {
        if (testing::kIsSanitized)
            return;
        std::filesystem::rename(_manifest,
                                std::filesystem::path(_manifest).replace_filename("loading.json"));
        const auto findings = check(*open("", ""));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, findings.size());
        CPPUNIT_ASSERT_MESSAGE(findings[0].message,
                               findings[0].message.find("done") == std::string::npos);
        for (const char* const part : {"socket: ", "open: ", "ptrace: ", "kill: ", "fork: "})
            ASSERT_TELLS(part, findings[0].message);
    }

    void waitsLongerAfterEachCrash()
    {
        const auto channel = open("check", "abort");
        for (const auto rest : {1000ms, 2000ms, 4000ms})
        {
            ASSERT_TELLS("during check", retryError([&] { check(*channel); }));
            ASSERT_TELLS("it is started again in", retryError([&] { check(*channel); }));
            const auto waiting = apply(*channel).at(2);
            CPPUNIT_ASSERT(!waiting.unknown && waiting.state == OutcomeState::Retry);
            CPPUNIT_ASSERT(waiting.retryAfter == rest);
            ASSERT_TELLS("not tried: ", waiting.message);
            _clock.advance(rest);
        }
    }

    void startsAgainAfterACrash()
    {
        const auto channel = open("apply", "abort");
        CPPUNIT_ASSERT(apply(*channel).at(2).unknown);
        _clock.advance(1s);
        CPPUNIT_ASSERT_NO_THROW(check(*channel));
    }

    void doesTheRestBeforeAChangeThatThePluginCrashesOver()
    {
        const auto channel = open("apply", "crash-at");
        _keys = {"crash@contoso.example", "ann@contoso.example", "bo@contoso.example"};
        for (const auto& [id, outcome] : apply(*channel))
            CPPUNIT_ASSERT(outcome.unknown);
        _clock.advance(1s);
        const auto outcomes = apply(*channel);
        CPPUNIT_ASSERT(outcomes.at(1).unknown);
        CPPUNIT_ASSERT(outcomes.at(2).state == OutcomeState::Applied);
        CPPUNIT_ASSERT(outcomes.at(3).state == OutcomeState::Applied);
    }

    void disablesATargetAfterFiveCrashesInTenMinutes()
    {
        const auto channel = open("check", "abort");
        crash(*channel, Health::kMostCrashes);
        const auto why = configError([&] { read(*channel); });
        ASSERT_TELLS("after five crashes in ten minutes", why);
        ASSERT_TELLS("muster plugins --enable acme", why);
        const auto health = _catalog->health("acme");
        CPPUNIT_ASSERT(health->isDisabled());
        ASSERT_TELLS("about to abort\n", health->crashes().back().output);
        health->enable();
        CPPUNIT_ASSERT_NO_THROW(read(*channel));
    }

    void remembersThatATargetIsDisabledAfterARestart()
    {
        crash(*open("check", "abort"), Health::kMostCrashes);
        _catalog.reset();
        ASSERT_TELLS("muster plugins --enable acme", configError([&] { open("", ""); }));
    }

    void servesAnotherTargetWhileOneHangs()
    {
        const auto hanging = open("apply", "hang");
        const auto other = open("", "", "other");
        std::atomic<bool> isHanging{false};
        std::thread thread([&] { apply(*hanging, [&](const Outcome&) { isHanging = true; }); });
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!isHanging && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
        const auto outcomes = apply(*other);
        _cancellation.request();
        thread.join();
        for (const auto& [id, outcome] : outcomes)
            CPPUNIT_ASSERT(outcome.state == OutcomeState::Applied);
    }

private:
    /// Who attends a runner ends it without a word.
    std::string excess(const std::string& what) const
    {
        return _children.socket.empty() ? what : "crashed (signal 9, Killed) during check";
    }

    static const std::map<std::string, std::string> kRefusals;
};

const std::map<std::string, std::string> HostileTest::kRefusals{
    {"passwd", "open: Operation not permitted"},
    {"write", "open: Operation not permitted"},
    {"list", "opendir: Operation not permitted"},
    {"socket", "socket: Operation not permitted"},
    {"ptrace", "ptrace: Operation not permitted"},
    {"readv", "process_vm_readv: Operation not permitted"},
    {"kill", "kill: Operation not permitted"},
    {"kill-all", "kill: Operation not permitted"},
    {"prlimit", "prlimit: Function not implemented"},
    {"setown", "fcntl: Function not implemented"},
    {"fork", "fork: Operation not permitted"},
    {"exec", "execve: Operation not permitted"}};

CPPUNIT_TEST_SUITE_REGISTRATION(HostileTest);

/// The same where a socket of systemd starts the children.
class HostileBySocketTest : public HostileTest
{
    CPPUNIT_TEST_SUITE(HostileBySocketTest);
    FRESH_TEST(namesPluginChangeAndSignalWhenAPluginAborts);
    FRESH_TEST(namesTheExitCodeOfAPluginThatExits);
    FRESH_TEST(outlivesACrashInEachFunction);
    FRESH_TEST(killsAPluginThatLoopsForEver);
    FRESH_TEST(endsAPluginThatLooksWhetherItIsCancelled);
    FRESH_TEST(stopsAPluginThatComputesBetweenCalls);
    FRESH_TEST(endsAPluginThatTakesMoreThanItsShare);
    FRESH_TEST(endsAPluginThatStartsThreadsWithoutEnd);
    FRESH_TEST(killsAPluginThatHangsUp);
    FRESH_TEST(boundsTheMemoryOfAPluginThatLeaks);
    FRESH_TEST(outlivesAFloodOfLogMessages);
    FRESH_TEST(refusesWhatReachesOutOfTheChild);
    FRESH_TEST(refusesWhatReachesOutWhileTheLibraryIsLoaded);
    FRESH_TEST(startsAgainAfterACrash);
    FRESH_TEST(leavesNoProcessBehind);
    FRESH_TEST(saysThatTheSocketStartsNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    HostileBySocketTest() { _children.socket = _activation.socket(); }

    void leavesNoProcessBehind()
    {
        {
            const auto channel = open("check", "spin-behind");
            check(*channel);
            CPPUNIT_ASSERT(isARunnerThere());
        }
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (isARunnerThere())
            CPPUNIT_ASSERT(std::chrono::steady_clock::now() < until);
    }

    void saysThatTheSocketStartsNothing()
    {
        _children.socket += ".gone";
        ASSERT_TELLS("systemctl status muster-targets.socket",
                     configError([&] { open("create", ""); }));
    }

private:
    SocketActivation _activation;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostileBySocketTest);

} // namespace muster::tests
