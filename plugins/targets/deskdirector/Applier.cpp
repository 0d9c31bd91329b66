#include "Applier.h"

#include "Records.h"

#include <array>
#include <chrono>
#include <map>

namespace deskdirector {

using muster::target::Action;
using muster::target::Answer;
using muster::target::Change;
using muster::target::Outcome;
using muster::target::Record;
using muster::target::Request;
using muster::target::State;

namespace {

using std::chrono::milliseconds;

/// A search can miss what was written a moment ago (contract, Part 1): waits between the looks.
constexpr std::array kWaits{milliseconds(500), milliseconds(1000), milliseconds(2000)};
constexpr int kMostTries = 2;

bool isLink(const Change& change)
{
    return change.action == Action::Link || change.action == Action::Unlink;
}

bool isServiceGroup(const Change& change)
{
    return isLink(change) && change.to.kind == kServiceGroup;
}

Answer notSent()
{
    Answer answer;
    answer.failure = "unsent";
    answer.message = "the work was cancelled";
    return answer;
}

/// The site itself keeps a contact from being made twice (409): one look before it is sent again is
/// enough. Of contact groups it takes two with one name.
bool isGuarded(const Change& change)
{
    return change.kind == kContact;
}

/// How long what may have been made, and could be made twice, is left alone: a list that does not
/// show it after all looks may do so later.
std::optional<milliseconds> patienceFor(const Change& change)
{
    constexpr milliseconds kSettling = std::chrono::minutes(5);
    const auto isAtRisk = change.action == Action::Create && !isGuarded(change);
    return isAtRisk ? std::optional(kSettling) : std::nullopt;
}

/// The record that was found is what the change would have made: an earlier try made it.
bool isOurs(const Change& change, const Record& found)
{
    if (change.kind == kGroup)
        return true;
    for (const auto& [name, value] : change.fields.items())
        if (value.is_string() && value != "" && found.fields.value(name, Json()) != value)
            return false;
    return found.active;
}

} // namespace

void Applier::apply(const std::vector<Change>& changes)
{
    std::vector<Task> toWrite;
    std::vector<Task> toLook;
    for (const auto& change : changes)
        (change.doubt && change.action == Action::Create ? toLook : toWrite).push_back({&change});
    while (!toWrite.empty() || !toLook.empty())
    {
        auto doubtful = write(std::move(toWrite));
        toLook.insert(toLook.end(), doubtful.begin(), doubtful.end());
        toWrite = look(std::move(toLook));
        toLook.clear();
    }
    if (_isKeyRefused)
        throw muster::target::SettingError("apiKey", kKeyRefused);
}

/// Sends what can be sent; gives those that must be looked up now.
std::vector<Applier::Task> Applier::write(std::vector<Task> tasks)
{
    std::vector<Task> sent;
    std::vector<Request> requests;
    for (auto& task : tasks)
        if (_isKeyRefused || _site.host().isCancelled())
            sayRetry(task, notSent());
        else if (auto request = requestOf(*task.change))
        {
            requests.push_back(std::move(*request));
            sent.push_back(std::move(task));
        }
    std::vector<Task> doubtful;
    _site.host().send(requests, [&](size_t index, const Answer& answer) {
        auto& task = sent[index];
        ++task.tries;
        if (!settle(task, answer))
            doubtful.push_back(task);
    });
    return doubtful;
}

/// The request that makes the change; nothing when there is none, and then its outcome was said.
std::optional<Request> Applier::requestOf(const Change& change) const
{
    const auto& profile = _site.profile();
    if (isLink(change))
        return requestOfLink(change);
    if (change.kind == kContact)
    {
        const Profile::Places places{{"contact", change.remoteId}};
        switch (change.action)
        {
        case Action::Create:
            return profile.request("contacts.create", {}, newContact(change, accountOf(change)));
        case Action::Activate:
            return profile.request("contacts.reactivate", places);
        case Action::Retire:
            return profile.request("contacts.deactivate", places);
        default:
            break;
        }
        if (const auto body = changedContact(change); !body.empty())
            return profile.request("contacts.patch", places, body);
        _output.say(Outcome{change.id, State::Unchanged});
        return std::nullopt;
    }
    if (change.kind == kGroup && change.action == Action::Create)
        return profile.request("groups.create", {{"account", std::to_string(accountOf(change))}},
                               {{"name", groupName(change)}});
    if (change.kind == kGroup && change.action == Action::Update)
        return profile.request("groups.patch", {{"group", change.remoteId}},
                               {{"name", groupName(change)}});
    _output.say(Outcome{change.id, State::Rejected,
                        "DeskDirector has no call that does this to a " + change.kind});
    return std::nullopt;
}

Request Applier::requestOfLink(const Change& change) const
{
    const auto& profile = _site.profile();
    if (isServiceGroup(change))
        return profile.request("contacts.patch", {{"contact", change.from.remoteId}},
                               serviceGroupChange(change));
    const Profile::Places places{{"group", change.to.remoteId}, {"contact", change.from.remoteId}};
    if (change.action == Action::Unlink)
        return profile.request("members.delete", places);
    return profile.request("members.put", places, {{"role", change.role}});
}

int64_t Applier::accountOf(const Change& change) const
{
    return change.within ? std::stoll(change.within->remoteId) : accountIn(_scope);
}

/// Says the outcome, or gives false when it must be looked up.
bool Applier::settle(Task& task, const Answer& answer)
{
    const auto& change = *task.change;
    const auto isCreate = change.action == Action::Create;
    task.answer = answer;
    _isKeyRefused = _isKeyRefused || isKeyRefused(answer);
    if (answer.isSuccess())
    {
        sayApplied(task, answer);
        return true;
    }
    if (change.action == Action::Unlink && answer.status == 404 && !isServiceGroup(change))
    {
        _output.say(Outcome{change.id, State::Unchanged});
        return true;
    }
    const auto isConflict = isCreate && change.kind == kContact && answer.status == 409;
    if (isConflict || (isCreate && answer.isUnknown() && answer.failure != "cancelled"))
    {
        task.mayBeOurs = task.mayBeOurs || !isConflict;
        task.isSaidToExist = isConflict;
        return false;
    }
    const auto isMember = isLink(change) && !isServiceGroup(change);
    if (isMember && isLimit(answer))
        sayFull(task, answer);
    else if (_isKeyRefused || answer.mayWorkLater() || answer.status == 412 ||
             (isMember && answer.status == 409))
        sayRetry(task, answer);
    else
        sayRejected(task, describe(titleOf(change), answer));
    return true;
}

/// Looks for the records of creates in doubt, several times where need be. Gives those to make now.
std::vector<Applier::Task> Applier::look(std::vector<Task> tasks)
{
    std::vector<Task> toMake;
    for (size_t round = 0; !tasks.empty(); ++round)
    {
        if (!_isKeyRefused)
            tasks = lookOnce(std::move(tasks));
        std::vector<Task> toLook;
        for (auto& task : tasks)
        {
            const auto isLast =
                round == kWaits.size() || (isGuarded(*task.change) && !task.isSaidToExist);
            if (_isKeyRefused)
                sayRetry(task, notSent());
            else if (!isLast)
                toLook.push_back(std::move(task));
            else if (!settleNotFound(task))
                toMake.push_back(std::move(task));
        }
        tasks = std::move(toLook);
        if (tasks.empty() || _site.host().wait(kWaits[round]))
            continue;
        for (const auto& task : tasks)
            sayRetry(task, notSent());
        break;
    }
    return toMake;
}

/// Says the outcome of those that are found; gives the others.
std::vector<Applier::Task> Applier::lookOnce(std::vector<Task> tasks)
{
    std::vector<List> lists;
    std::vector<std::vector<Task*>> seekers; ///< by list
    std::map<int64_t, size_t> groupLists;    ///< one list serves all groups of an account
    for (auto& task : tasks)
    {
        const auto account = accountOf(*task.change);
        const auto isGroup = task.change->kind == kGroup;
        const auto known = groupLists.find(account);
        if (isGroup && known != groupLists.end())
        {
            seekers[known->second].push_back(&task);
            continue;
        }
        if (isGroup)
            groupLists.emplace(account, lists.size());
        lists.push_back(isGroup ? groupsOf(account) : contactsOf(account, task.change->key));
        seekers.push_back({&task});
    }

    const auto failures = _site.readAll(lists, [&](size_t list, const Json& item) {
        // The search is fuzzy: only the very address or name is a match. Of two groups with one
        // name the first, so that every look finds the same.
        const auto& first = *seekers[list].front()->change;
        const auto record =
            first.kind == kGroup ? groupOf(item) : contactOf(item, accountOf(first));
        for (auto* task : seekers[list])
            if (record && !task->found && record->key == keyOf(*task->change))
                task->found = record;
    });

    std::vector<Task> missing;
    for (size_t list = 0; list < lists.size(); ++list)
        for (auto* task : seekers[list])
        {
            _isKeyRefused = _isKeyRefused || (failures[list] && isKeyRefused(*failures[list]));
            if (task->found)
                settleFound(*task);
            else if (failures[list])
                sayRetry(*task, *failures[list]);
            else
                missing.push_back(std::move(*task));
        }
    return missing;
}

void Applier::settleFound(const Task& task)
{
    Outcome outcome{task.change->id, State::Applied};
    outcome.record = task.found;
    outcome.adopted = !task.mayBeOurs || !isOurs(*task.change, *task.found);
    _output.say(outcome);
}

/// Says what becomes of a create that no look found, or gives false when it is to be sent (again).
bool Applier::settleNotFound(Task& task)
{
    if (task.isSaidToExist && !task.mayBeOurs && !task.change->doubt)
    {
        sayRejected(task, sentence(describe(titleOf(*task.change), *task.answer)) +
                              " No search finds it, though: look for it on the site, also among "
                              "what was deleted there.");
        return true;
    }
    if (task.tries == 0 || (isGuarded(*task.change) && task.tries < kMostTries))
        return false;
    sayRetry(task, *task.answer);
    return true;
}

void Applier::sayApplied(const Task& task, const Answer& answer)
{
    const auto& change = *task.change;
    Outcome outcome{change.id, State::Applied};
    if (isServiceGroup(change))
        return sayServiceGroup(task, answer);
    if (!isLink(change))
        outcome.record = change.kind == kContact ? contactOf(answer.json(), accountOf(change))
                                                 : groupOf(answer.json());
    if (change.action == Action::Create && !outcome.record)
    {
        outcome.state = State::Retry;
        outcome.unknown = true;
        outcome.retryAfter = patienceFor(change);
        outcome.message = titleOf(change) + ": the site's answer does not say what was made";
    }
    _output.say(outcome);
}

/// The call is assumed (contract, Part 1): a site that does not know the field may take the request
/// and do nothing.
void Applier::sayServiceGroup(const Task& task, const Answer& answer)
{
    const auto& change = *task.change;
    const auto contact = answer.json();
    const auto wanted = change.action == Action::Link ? change.to.remoteId : std::string();
    if (contact.is_object() && contact.contains("serviceGroup") &&
        idOf(field(contact, "serviceGroup")) != wanted)
        return sayRejected(task, titleOf(change) +
                                     ": the site took the request and left the service group as it "
                                     "was: say in the setting profile, contacts.patch, fields, how "
                                     "this site names the field serviceGroup.");
    _output.say(Outcome{change.id, State::Applied});
}

void Applier::sayRejected(const Task& task, const std::string& message)
{
    _output.say(Outcome{task.change->id, State::Rejected, message});
}

void Applier::sayFull(const Task& task, const Answer& answer)
{
    Outcome outcome{task.change->id, State::Rejected};
    outcome.message = sentence(describe(titleOf(*task.change), answer)) +
                      " A contact can be in 50 contact groups at most: take it out of another one "
                      "first.";
    outcome.limit = true;
    _output.say(outcome);
}

void Applier::sayRetry(const Task& task, const Answer& answer)
{
    Outcome outcome{task.change->id, State::Retry};
    outcome.message = _isKeyRefused ? std::string("apiKey: ") + kKeyRefused
                                    : describe(titleOf(*task.change), answer);
    // What was sent once and never answered stays in doubt, whatever came of a look.
    outcome.unknown = answer.isUnknown() || task.mayBeOurs || task.change->doubt;
    outcome.retryAfter = answer.retryAfter();
    if (const auto patience = patienceFor(*task.change); outcome.unknown && patience)
    {
        outcome.message = sentence(outcome.message) + " The next sync looks whether it is there.";
        outcome.retryAfter = patience;
    }
    _output.say(outcome);
}

std::string Applier::titleOf(const Change& change) const
{
    static const std::map<Action, const char*> kVerbs{
        {Action::Create, "create "},     {Action::Update, "change "},
        {Action::Activate, "activate "}, {Action::Retire, "deactivate "},
        {Action::Link, "put "},          {Action::Unlink, "take "}};
    const std::string verb = kVerbs.at(change.action);
    if (isServiceGroup(change))
        return change.action == Action::Link
                   ? "give " + change.from.key + " the service group " + change.to.key
                   : "take the service group " + change.to.key + " from " + change.from.key;
    if (change.action == Action::Link)
        return verb + change.from.key + " into " + change.to.key + " as " + change.role;
    if (change.action == Action::Unlink)
        return verb + change.from.key + " out of " + change.to.key;
    return verb + change.kind + " " + change.key;
}

} // namespace deskdirector
