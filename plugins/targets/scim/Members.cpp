#include "Members.h"

#include <stdexcept>

namespace scim {

using muster::target::escaped;
using muster::target::Link;

namespace {

const std::string kReading = "reading a group's members";

/// The group that the search for it found, if it has members.
struct Search
{
    bool isAnswered = false;
    Json group = {};
};

Search searchIn(const Answer& answer, const std::string& id)
{
    const auto body = answer.json();
    const auto total = body.is_object() ? body.value("totalResults", Json()) : Json();
    if (!answer.isSuccess() || !total.is_number_unsigned())
        return {};
    for (const auto& group : body.value("Resources", Json::array()))
        if (textIn(group, "id") == id)
            return {.isAnswered = true, .group = group};
    // Groups that were not asked for: the service does not heed the filter.
    return {.isAnswered = total == 0};
}

} // namespace

void Members::read(const std::vector<muster::target::End>& groups)
{
    std::vector<Request> requests;
    for (const auto& group : groups)
        requests.push_back(Service::get("/Groups/" + escaped(group.remoteId)));
    std::vector<std::string> unlisted;
    auto hasShownMembers = false;
    const auto answers = _service.host().send(requests);
    for (size_t i = 0; i < answers.size(); ++i)
    {
        if (answers[i].status == 404)
            continue;
        if (!answers[i].isSuccess())
            _service.failures().fail(kReading, answers[i]);
        const auto group = answers[i].json();
        if (textIn(group, "id").empty())
            throw muster::target::RetryError(kReading + ": it is no group");
        if (!listsMembers(group))
        {
            unlisted.push_back(groups[i].remoteId);
            continue;
        }
        hasShownMembers = hasShownMembers || !group["members"].empty();
        say(groups[i].remoteId, group);
    }
    readUnlisted(unlisted, hasShownMembers);
}

/// A service may leave `members` out when there are none (RFC 7643, 2.5), when it was not asked for
/// them (7), and some do when there are many: it is asked whether there are any.
void Members::readUnlisted(const std::vector<std::string>& ids, bool hasShownMembers)
{
    std::vector<Request> requests;
    for (const auto& id : ids)
        requests.push_back(Service::get(
            "/Groups?filter=" + escaped("id eq " + Json(id).dump() + " and members pr") +
            "&attributes=members"));
    const auto answers = _service.host().send(requests);
    for (size_t i = 0; i < answers.size(); ++i)
    {
        const auto& answer = answers[i];
        const auto& failures = _service.failures();
        if (answer.mayWorkLater() || failures.isCredentialRefused(answer) || answer.status == 0)
            failures.fail(kReading, answer);
        const auto search = searchIn(answer, ids[i]);
        if (listsMembers(search.group))
            say(ids[i], search.group);
        else if (search.group.is_object())
            throw std::runtime_error(kReading + ": the SCIM service says that the group " + ids[i] +
                                     " has members and does not show them; let the token read "
                                     "members, or ask the service's vendor");
        else if (!search.isAnswered && !hasShownMembers)
            throw std::runtime_error(
                kReading + ": the SCIM service shows no members of the group " + ids[i] +
                " and of no other one, and does not answer whether there are any (filter members "
                "pr), so they may be there unseen; let the token read members, or put somebody "
                "into one of the groups to show that it can");
    }
}

void Members::say(const std::string& id, const Json& group)
{
    for (const auto& user : usersIn(group, _users))
        _output.say(Link{{"contact", {}, user}, {"contact-group", {}, id}, "regular"});
}

} // namespace scim
