#pragma once

#include "runtime/Clock.h"

#include <cstdint>
#include <optional>
#include <string>

namespace muster::requests {

/// What is to be done with a request next.
enum class State
{
    New,       ///< look at the ticket
    Waiting,   ///< for its approval
    Unclear,   ///< for better answers: a note says what is wrong
    Foreign,   ///< the ticket has no such form: somebody else's
    Accepted,  ///< set the ticket in progress
    Running,   ///< run the sync
    Closing,   ///< close the ticket
    Done,      ///< it ran, and the ticket is closed
    Failed,    ///< it did not run; the ticket stays in progress
    Declined,  ///< by whoever approves
    Withdrawn, ///< the ticket was closed, or is gone, before it ran
};

/// A sync that somebody asked for in a ticket. A note that is to be written comes before what the
/// state says.
struct Request
{
    int64_t id = 0;
    int64_t target = 0;
    std::string ticket;
    State state = State::New;
    std::string summary = {};
    std::string contact = {}; ///< who asked
    std::string answers = {}; ///< of the form, when it was last looked at
    std::string tenant = {};  ///< names, once they are known
    std::string mode = {};
    std::string sync = {};
    int64_t baseline = 0; ///< the latest run of the sync when the request was accepted
    int64_t run = 0;
    std::string note = {};    ///< to be written
    bool isNoteTried = false; ///< it may have been written
    int64_t notes = 0;        ///< how many there were, this one included
    std::string message = {}; ///< what stands in its way, or how it ended
    int64_t attempts = 0;     ///< in a row that came to nothing
    runtime::Instant seenAt = {};
    runtime::Instant changedAt = {};            ///< of the state
    std::optional<runtime::Instant> dueAt = {}; ///< nothing: the target must tell of a change
};

std::string toText(State state);
State stateFromText(const std::string& text);

} // namespace muster::requests
