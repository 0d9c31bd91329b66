#pragma once

#include "requests/Clerk.h"
#include "requests/Doors.h"
#include "runtime/Bell.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace muster::requests {

/// An item of a list that a form offers.
struct Choice
{
    std::string name;
    std::string identifier;
};

struct ChoiceQuery
{
    std::string plugin; ///< the two of the address
    std::string target;
    std::string list; ///< "accounts" or "modes"
    std::string term = {};
    std::string accessToken = {}; ///< of who fills in the form; may be anything
};

/// What a form may offer; the origin is that of the site the form is on.
struct Choices
{
    std::vector<Choice> items;
    std::string origin;
};

struct DeskOptions
{
    unsigned workers = 4; ///< all but one may run syncs at once
};

/// Thread-safe. Polls the boards of the estate's targets and works the requests off, on threads of
/// its own. Used once: start(), then stop().
class Desk
{
public:
    explicit Desk(Parts parts, DeskOptions options = {});

    /// Stops, and waits for what is under way for as long as it takes.
    ~Desk();
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void start();

    /// Begins nothing more, asks what is under way to stop, and waits for it. False when something
    /// was still under way at the deadline.
    bool stop(std::chrono::milliseconds deadline);

    /// The estate was changed: it is read again.
    void changed();

    /// A target's event names tickets. Answers at once; false when the target has no such door.
    /// What is told within a short time costs one look at the board.
    bool announce(const std::string& plugin, const std::string& target, const std::string& secret,
                  const std::vector<std::string>& tickets);

    /// Nothing when there is no such list. Asks the target nothing.
    std::optional<Choices> choices(const ChoiceQuery& query);

    /// Does one thing that is due, in the calling thread; false when nothing is. It is what the
    /// threads do.
    bool step();

private:
    struct Board
    {
        Setup setup;
        runtime::Instant nextPoll = {};
        runtime::Instant lastPoll = {};
        int64_t failures = 0;
        bool isPolling = false;
        std::set<std::string> announced = {};
        std::string digest = {}; ///< of the secret in the door's address; empty: there is none
        std::vector<plugins::ScopePlace> places = {};
        std::optional<runtime::Instant> placesAt = {};
    };

    struct Job
    {
        Setup setup;
        std::optional<Request> request = {}; ///< none: poll the board
        std::vector<std::string> announced = {};
        bool needsPlaces = false;
    };

    void work();
    void readEstate();
    std::optional<Job> take();
    std::optional<Job> takePoll(runtime::Instant now);
    std::optional<Job> begin(const Request& request);
    void end(const Job& job);
    void open(const Setup& setup, const std::string& digest);
    void poll(const Job& job);
    void work(const Job& job);
    void postpone(const Request& request);
    std::chrono::milliseconds untilNext();
    std::vector<Choice> accounts(const Setup& setup, const ChoiceQuery& query,
                                 std::vector<plugins::ScopePlace> places);

    Parts _parts;
    DeskOptions _options;
    runtime::Cancellation _cancellation;
    runtime::Bell _bell;
    std::atomic<bool> _isEstateChanged{true};
    std::mutex _deciding; ///< see Clerk; taken with no other held

    std::mutex _mutex;                ///< guards all below; never held while something waits
    std::map<int64_t, Board> _boards; ///< by target
    std::set<int64_t> _busy;          ///< requests being worked on
    size_t _running = 0;              ///< of them, those whose sync runs
    size_t _working = 0;              ///< threads that have not ended
    std::condition_variable _ended;
    std::vector<std::thread> _threads;
};

} // namespace muster::requests
