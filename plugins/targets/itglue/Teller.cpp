#include "Teller.h"

#include <chrono>

namespace itglue {

using muster::target::Action;
using muster::target::Answer;
using muster::target::Change;
using muster::target::Outcome;
using muster::target::Output;
using muster::target::Record;
using muster::target::State;

namespace {

/// How long what may have been made is left alone: a list may show it late.
constexpr std::chrono::minutes kSettling{5};

bool isLink(const Change& change)
{
    return change.action == Action::Link || change.action == Action::Unlink;
}

std::string nameOf(const Change& change)
{
    return change.name.empty() ? change.key : change.name;
}

} // namespace

Teller::Teller(const Account& account, const Output& output, const std::vector<Change>& changes)
    : _account(account), _output(output)
{
    for (const auto& change : changes)
        _open[change.id].change = &change;
}

void Teller::say(const Outcome& outcome)
{
    if (_open.erase(outcome.id) > 0)
        _output.say(outcome);
}

void Teller::applied(const Changes& changes, const std::optional<Record>& record,
                     const std::string& message)
{
    for (const auto* change : changes)
    {
        Outcome outcome{change->id, State::Applied};
        if (change == changes.front())
            outcome.message = message;
        if (!isLink(*change))
            outcome.record = record;
        say(outcome);
    }
}

void Teller::unchanged(const Changes& changes)
{
    for (const auto* change : changes)
        say({change->id, State::Unchanged});
}

void Teller::rejected(const Changes& changes, const std::string& message)
{
    for (const auto* change : changes)
        say({change->id, State::Rejected, sentence(message)});
}

void Teller::gone(const Changes& changes, const std::string& what)
{
    for (const auto* change : changes)
    {
        Outcome outcome{change->id, State::Rejected,
                        titleOf(*change) + ": " + what + " is no longer in IT Glue."};
        outcome.gone = true;
        say(outcome);
    }
}

void Teller::retry(const Changes& changes, const Answer& answer)
{
    for (const auto* change : changes)
    {
        Outcome outcome{change->id, State::Retry, _account.describe(titleOf(*change), answer)};
        outcome.unknown = answer.isUnknown() || change->doubt;
        outcome.retryAfter = answer.retryAfter();
        say(outcome);
    }
}

void Teller::inDoubt(const Changes& changes, const std::string& why)
{
    for (const auto* change : changes)
    {
        Outcome outcome{change->id, State::Retry,
                        sentence(why) + " The next sync looks whether it is there."};
        outcome.unknown = true;
        outcome.retryAfter = kSettling;
        say(outcome);
    }
}

void Teller::closeAll(State state, const std::string& message, bool isLater)
{
    const auto left = _open;
    for (const auto& [id, open] : left)
    {
        Outcome outcome{id, state, titleOf(*open.change) + ": " + sentence(message)};
        outcome.unknown = state == State::Retry && (open.isSent || open.change->doubt || isLater);
        if (isLater)
            outcome.retryAfter = kSettling;
        say(outcome);
    }
}

std::string Teller::titleOf(const Change& change) const
{
    switch (change.action)
    {
    case Action::Create:
        return "document the group " + nameOf(change);
    case Action::Update:
        return "change the document of the group " + nameOf(change);
    case Action::Retire:
        return "archive the document of the group " + nameOf(change);
    case Action::Link:
        return "nest the document " + change.to.key + " in " + change.from.key;
    case Action::Unlink:
        return "take the document " + change.to.key + " out of " + change.from.key;
    case Action::Activate:
        break;
    }
    return "change " + change.kind + " " + nameOf(change);
}

} // namespace itglue
