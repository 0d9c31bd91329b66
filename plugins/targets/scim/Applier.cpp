#include "Applier.h"

#include <algorithm>
#include <map>
#include <utility>

namespace scim {

using muster::target::Action;
using muster::target::escaped;
using muster::target::Outcome;
using muster::target::Repeat;
using muster::target::State;

namespace {

bool isLink(const Change& change)
{
    return change.action == Action::Link || change.action == Action::Unlink;
}

bool isUser(const Change& change)
{
    return change.kind == "contact";
}

std::string pathOf(const Change& change)
{
    return (isUser(change) ? "/Users/" : "/Groups/") + escaped(change.remoteId);
}

/// What was to be taken away is not there (RFC 7644, 3.12).
bool isNoTarget(const Answer& answer)
{
    return answer.status == 400 && textIn(answer.json(), "scimType") == "noTarget";
}

/// Twice is as good as once: RFC 7644 asks it of adding a value that is there, and of the rest.
Request patch(const std::string& path, const Json& operations)
{
    auto request = Service::write("PATCH", path, patchOf(operations));
    request.repeat = Repeat::Safe;
    return request;
}

} // namespace

std::string Applier::describe(const Change& change)
{
    if (isLink(change))
        return "change the membership of " + change.from.key + " in " + change.to.key;
    return "write the " + change.kind + " " + change.key;
}

void Applier::apply(const std::vector<Change>& changes)
{
    std::vector<Task> questions;
    std::map<std::string, Changes> links; // by group: two writes of one list could lose one
    for (const auto& change : changes)
        if (isLink(change))
            links[change.to.remoteId].push_back(&change);
        else if (change.action == Action::Create &&
                 (change.doubt || change.kind == "contact-group"))
            // No service refuses a second group of one name.
            questions.push_back({{&change}, Service::search(change)});
        else if (change.action == Action::Update && isUser(change))
            questions.push_back({{&change}, Service::get(pathOf(change))});
        else
            plan(change);
    for (const auto& [group, members] : links)
        if (std::any_of(members.begin(), members.end(), [](const auto* one) { return one->doubt; }))
            questions.push_back({members, Service::get("/Groups/" + escaped(group))});
        else
            _tasks.push_back(membership(members));
    look(questions);
    write();
    adopt(std::exchange(_taken, {}));
    if (_isTokenRefused)
        _service.failures().failForCredential();
}

/// What changes depend on: whether an earlier try took effect, how the user is now.
void Applier::look(const std::vector<Task>& questions)
{
    std::vector<Request> requests;
    for (const auto& question : questions)
        requests.push_back(question.request);
    _service.host().send(
        requests, [&](size_t index, const Answer& answer) { hear(questions[index], answer); });
}

void Applier::hear(const Task& question, const Answer& answer)
{
    const auto& failures = _service.failures();
    _isTokenRefused = _isTokenRefused || failures.isCredentialRefused(answer);
    const auto& first = *question.changes.front();
    const auto resource = answer.json();
    const auto found =
        first.action == Action::Create ? Service::found(first, answer) : Service::Found{};
    const auto isUnclear =
        first.action == Action::Create ? found.isUnclear : textIn(resource, "id").empty();
    for (const auto* change : question.changes)
        if (!answer.isSuccess())
            _output.say(failures.outcome(*change, describe(*change), answer));
        else if (isUnclear)
            _output.say(failures.unclear(*change, describe(*change)));
    if (!answer.isSuccess() || isUnclear)
        return;
    if (isLink(first))
        planLinks(question.changes, resource);
    else if (first.action == Action::Update)
        planUser(first, resource);
    else if (found.resource)
        sayFound(first, *found.resource, first.doubt);
    else
        plan(first);
}

/// Some services list a member twice that is added twice, though RFC 7644 (3.5.2.1) forbids it.
void Applier::planLinks(const Changes& changes, const Json& group)
{
    const auto users = usersIn(group);
    Changes left;
    for (const auto* change : changes)
        if (const bool isIn = users.count(change->from.remoteId) > 0;
            change->action == Action::Link ? isIn : !isIn && listsMembers(group))
            say(*change, State::Unchanged);
        else
            left.push_back(change);
    if (!left.empty())
        _tasks.push_back(membership(left));
}

void Applier::planUser(const Change& change, const Json& user)
{
    const auto operations = userOperations(change, user);
    if (operations.empty())
        return say(change, State::Unchanged);
    auto request = patch(pathOf(change), operations);
    // Lists are written as a whole: what somebody else adds to one now would be lost.
    if (const auto version = versionOf(user); !version.empty())
        request.headers["If-Match"] = version;
    _tasks.push_back({{&change}, std::move(request)});
}

void Applier::plan(const Change& change)
{
    const auto isGroup = change.kind == "contact-group";
    const auto isActive = change.action == Action::Activate;
    if (!isUser(change) && !isGroup)
        return say(change, State::Rejected, "SCIM has no records of the kind " + change.kind);
    if (change.action == Action::Create)
        _tasks.push_back({{&change},
                          Service::write("POST", isGroup ? "/Groups" : "/Users",
                                         isGroup ? newGroup(change) : newUser(change))});
    else if (change.action == Action::Update && change.fields.contains("name"))
        _tasks.push_back({{&change},
                          patch(pathOf(change), {{{"op", "replace"},
                                                  {"path", "displayName"},
                                                  {"value", change.fields["name"]}}})});
    else if (change.action == Action::Update)
        say(change, State::Unchanged);
    else if (isGroup)
        say(change, State::Rejected, "a group of SCIM is not retired");
    else
        _tasks.push_back({{&change},
                          patch(pathOf(change),
                                {{{"op", "replace"}, {"path", "active"}, {"value", isActive}}})});
}

Applier::Task Applier::membership(const Changes& changes)
{
    Json operations = Json::array();
    for (const auto* change : changes)
    {
        const Json id = change->from.remoteId;
        if (change->action == Action::Link)
            operations.push_back(
                {{"op", "add"}, {"path", "members"}, {"value", Json::array({{{"value", id}}})}});
        else
            operations.push_back(
                {{"op", "remove"}, {"path", "members[value eq " + id.dump() + "]"}});
    }
    return {changes, patch("/Groups/" + escaped(changes.front()->to.remoteId), operations)};
}

void Applier::write()
{
    const auto tasks = std::exchange(_tasks, {});
    std::vector<Request> requests;
    for (const auto& task : tasks)
        requests.push_back(task.request);
    _service.host().send(requests,
                         [&](size_t index, const Answer& answer) { settle(tasks[index], answer); });
}

void Applier::settle(const Task& task, const Answer& answer)
{
    const auto& failures = _service.failures();
    _isTokenRefused = _isTokenRefused || failures.isCredentialRefused(answer);
    const auto& first = *task.changes.front();
    const auto isRefused = !answer.isSuccess() && !answer.mayWorkLater() &&
                           !failures.isCredentialRefused(answer) && answer.status != 0;
    if (isRefused && task.changes.size() > 1)
    {
        // One of them is wrong. Each group's list is still written by one request at a time: those
        // that follow are sent in turn.
        for (const auto* change : task.changes)
            _taken.push_back(change);
        return;
    }
    if (answer.status == 409 && first.action == Action::Create)
        return _taken.push_back(&first);
    for (const auto* change : task.changes)
    {
        if (!answer.isSuccess())
        {
            sayFailed(task, *change, answer);
            continue;
        }
        if (change->action != Action::Create)
        {
            say(*change, State::Applied);
            continue;
        }
        const auto resource = answer.json();
        if (textIn(resource, "id").empty())
            _output.say(failures.unclear(*change, describe(*change)));
        else
        {
            Outcome outcome{change->id, State::Applied};
            outcome.record = isUser(*change) ? userRecord(resource) : groupRecord(resource);
            _output.say(outcome);
        }
    }
}

void Applier::sayFailed(const Task& task, const Change& change, const Answer& answer)
{
    if (answer.status == 412 && task.request.headers.count("If-Match"))
        say(change, State::Retry,
            describe(change) +
                ": somebody else changed it at the same time; it is looked at again");
    else if (change.action == Action::Unlink && isNoTarget(answer))
        say(change, State::Unchanged);
    else
        _output.say(_service.failures().outcome(change, describe(change), answer));
}

/// What was refused: a record that is there already is taken as it is; of links that were refused
/// together each is tried alone.
void Applier::adopt(const Changes& taken)
{
    const auto& failures = _service.failures();
    for (const auto* change : taken)
    {
        if (isLink(*change))
        {
            const auto task = membership({change});
            settle(task, _service.host().send(task.request));
            continue;
        }
        const auto answer = _service.host().send(Service::search(*change));
        const auto found = Service::found(*change, answer);
        if (!answer.isSuccess())
            _output.say(failures.outcome(*change, describe(*change), answer));
        else if (found.resource)
            sayFound(*change, *found.resource, false);
        else
            say(*change, State::Rejected,
                describe(*change) + ": the SCIM service says that there is one already, and does "
                                    "not show it: look for it there");
    }
}

void Applier::say(const Change& change, State state, const std::string& message)
{
    _output.say(Outcome{change.id, state, message});
}

void Applier::sayFound(const Change& change, const Json& resource, bool isOurs)
{
    Outcome outcome{change.id, State::Applied};
    outcome.record = isUser(change) ? userRecord(resource) : groupRecord(resource);
    for (const auto& [name, value] : change.fields.items())
        isOurs = isOurs && outcome.record->fields.value(name, Json()) == value;
    outcome.adopted = !isOurs;
    _output.say(outcome);
}

} // namespace scim
