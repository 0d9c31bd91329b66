#include "Editor.h"

#include "Texts.h"

#include <algorithm>
#include <map>
#include <regex>
#include <stdexcept>
#include <utility>

namespace itglue {

using muster::target::Action;
using muster::target::Answer;
using muster::target::Change;
using muster::target::Repeat;
using muster::target::Request;

namespace {

constexpr int kMostTries = 6;
constexpr size_t kIdsInFilter = 100;
/// Where IT Glue says that a document is too large, without saying what it would take.
constexpr size_t kFewTags = 50;
constexpr size_t kFewBytes = 5'000;

Json patchOf(const Job& job, bool isInBulk)
{
    Json attributes{{"traits", job.draft.traits}, {"archived", job.draft.isArchived}};
    if (isInBulk)
        attributes["id"] = idValue(job.id);
    return {{"type", "flexible-assets"}, {"attributes", std::move(attributes)}};
}

bool saysTooLarge(const Answer& answer)
{
    static const std::regex kTooLarge("too (large|long|many|big)|exceed|maximum",
                                      std::regex::icase);
    return answer.status == 413 ||
           (answer.status == 422 && std::regex_search(messageOf(answer), kTooLarge));
}

bool saysWrongKeys(const Answer& answer)
{
    return answer.status == 422 && messageOf(answer).find("trait key") != std::string::npos;
}

} // namespace

Editor::Editor(const Account& account, Catalogue& catalogue, Teller& teller,
               std::string organization, Bulk bulk)
    : _account(account),
      _catalogue(catalogue),
      _teller(teller),
      _organization(std::move(organization)),
      _bulk(bulk),
      _fetcher(account, catalogue, teller, _organization),
      _files(account, _organization)
{}

void Editor::edit(std::vector<Job> jobs)
{
    while (!jobs.empty())
    {
        _fetcher.fetch(jobs);
        findTypes(jobs);
        _fetcher.findNested(jobs);
        std::erase_if(jobs, [&](Job& job) { return !prepare(job); });
        write(jobs);
    }
}

Draft Editor::draftOf(const Job& job, const Type& type) const
{
    return draft(type, job.asset ? &*job.asset : nullptr, job.key, job.wish, job.bounds,
                 _catalogue);
}

const Type* Editor::typeOf(const Job& job) const
{
    return _catalogue.typeOf(job.asset->typeId, job.asset->typeName);
}

/// Looks at the types when a document may hold more than what we wrote, or lacks a field of ours.
void Editor::findTypes(std::vector<Job>& jobs)
{
    const auto isKnown = [&](const Job& job) {
        const auto* type = typeOf(job);
        return type && (!type->isPresumed || isPlain(*type, *job.asset));
    };
    const auto isWhole = [&](const Job& job) {
        const auto* type = typeOf(job);
        for (const auto& [name, value] : job.wish.fields.items())
            if (type && findField(type->group, name) && type->key(name).empty())
                return false;
        return !type || job.wish.nest.empty() || !type->key(kNestedOther).empty();
    };
    if (!std::all_of(jobs.begin(), jobs.end(), isKnown))
        _catalogue.read();
    if (!std::all_of(jobs.begin(), jobs.end(), isWhole))
        _catalogue.complete();
    std::erase_if(jobs, [&](const Job& job) {
        if (const auto* type = typeOf(job))
        {
            _catalogue.remember(job.id, type->group);
            return false;
        }
        _teller.gone(job.changes, "it is of another type now, and the document");
        return true;
    });
}

/// False when there is nothing to write, or it must not be written: the outcome was said.
bool Editor::prepare(Job& job)
{
    if (job.changes.empty())
        return false;
    if (job.tries > kMostTries)
    {
        _teller.inDoubt(job.changes, _teller.titleOf(*job.changes.front()) +
                                         ": IT Glue takes it and does not show it");
        return false;
    }
    const auto* type = typeOf(job);
    job.draft = draftOf(job, *type);
    for (const auto& remark : job.draft.remarks)
        if (std::find(job.remarks.begin(), job.remarks.end(), remark) == job.remarks.end())
            job.remarks.push_back(remark);
    const auto& refusal = job.draft.differs ? job.draft.refusal : std::string();
    if (job.isMade && (!job.draft.differs || !refusal.empty()))
    {
        if (!refusal.empty())
            job.remarks.push_back("It could not be brought up to date: " + refusal);
        _teller.applied(job.changes, recordOf(*type, *job.asset), joined(job.remarks, ". "));
    }
    else if (!job.draft.differs && job.isSent)
        _teller.applied(job.changes, recordOf(*type, *job.asset), joined(job.remarks, ". "));
    else if (!job.draft.differs)
        _teller.unchanged(job.changes);
    else if (!refusal.empty())
        _teller.rejected(job.changes, _teller.titleOf(*job.changes.front()) +
                                          ": not written, because " + refusal);
    else
        return file(job);
    return false;
}

/// Attaches lists that are too long, before the document says that they are attached.
bool Editor::file(Job& job)
{
    for (const auto& list : job.draft.lists)
    {
        if (!job.filed.insert(list.field).second)
            continue;
        const auto answer = _files.attach(job.id, list);
        if (answer.isSuccess())
            continue;
        if (answer.mayWorkLater())
        {
            _teller.retry(job.changes, answer);
            return false;
        }
        if (_account.isKeyRefused(answer))
            _account.failKey();
        job.remarks.push_back(
            _account.describe("attach the list " + fileNameOf(list.title), answer));
    }
    return true;
}

/// Sends what is drafted. Leaves the jobs that are not done.
void Editor::write(std::vector<Job>& jobs)
{
    std::vector<bool> isDone(jobs.size(), false);
    for (const auto& [part, answer] : send(jobs, isDone))
        for (const auto index : part)
        {
            auto& job = jobs[index];
            if (isDone[index])
                continue;
            job.asset.reset();
            if (answer.mayWorkLater())
            {
                _teller.retry(job.changes, answer);
                isDone[index] = true;
            }
            else if (part.size() > 1 && _account.isKeyRefused(answer))
                _account.failKey();
            else if (part.size() > 1)
                // One of them may be the reason; some may be written all the same.
                job.isAlone = job.isSent = true;
            else
                isDone[index] = !mend(job, answer);
        }
    size_t index = 0;
    std::erase_if(jobs, [&](const Job&) { return isDone[index++]; });
}

/// Gives what failed, and the documents it was about.
std::vector<Editor::Failure> Editor::send(std::vector<Job>& jobs, std::vector<bool>& isDone)
{
    const auto parts = parted(jobs, _bulk);
    std::vector<Request> requests;
    for (const auto& part : parts)
    {
        Json list = Json::array();
        for (const auto index : part)
        {
            ++jobs[index].tries;
            list.push_back(patchOf(jobs[index], part.size() > 1));
        }
        const auto isOne = part.size() == 1;
        const auto path = "/flexible_assets" + (isOne ? "/" + jobs[part.front()].id : "");
        // The same traits again change nothing.
        requests.push_back(
            writeOf("PATCH", path, {{"data", isOne ? list.front() : list}}, Repeat::Safe));
    }
    std::vector<Failure> failures;
    _account.host().send(requests, [&](size_t number, const Answer& answer) {
        const auto& part = parts[number];
        if (!answer.isSuccess())
            return failures.push_back({part, answer});
        std::map<std::string, Json> written;
        for (auto& resource : resourcesIn(answer))
            written.emplace(idOf(resource.value("id", Json())), std::move(resource));
        for (const auto index : part)
            isDone[index] = settle(jobs[index], written[jobs[index].id]);
    });
    return failures;
}

bool Editor::settle(Job& job, const Json& resource)
{
    job.asset = Asset::from(resource);
    job.isSent = true;
    job.isAlone = job.isAlone || !job.asset;
    const auto* type = job.asset ? typeOf(job) : nullptr;
    if (!type)
    {
        job.asset.reset();
        return false;
    }
    // IT Glue cleans texts in its own way: what it makes of them is to be remembered beside them,
    // or they would differ forever.
    const auto present = claimsOf(*type, *job.asset);
    bool isAltered = false;
    for (const auto& field : fieldsOf(type->group))
    {
        const auto isText = field.shape == Shape::Text || field.shape == Shape::Paragraph ||
                            field.shape == Shape::Lines;
        const auto wanted = job.wish.fields.find(field.name);
        if (!isText || wanted == job.wish.fields.end() || job.bounds.altered.contains(field.name) ||
            isSame(*wanted, present.value(field.name, Json())))
            continue;
        job.bounds.altered[field.name] = shownAs(field, traitOf(*type, *job.asset, field.name));
        isAltered = true;
    }
    if (isAltered)
        return false;
    _teller.applied(job.changes, recordOf(*type, *job.asset), joined(job.remarks, ". "));
    return true;
}

bool Editor::mend(Job& job, const Answer& answer)
{
    if (job.tries <= kMostTries)
    {
        if (isAboutReference(answer) && dropGone(job))
            return true;
        if (saysWrongKeys(answer) && job.tries < kMostTries / 2)
        {
            _catalogue.read();
            _catalogue.complete();
            return true;
        }
        if (saysTooLarge(answer) && job.bounds.tags > kFewTags)
        {
            job.bounds.tags = kFewTags;
            job.bounds.bytes = kFewBytes;
            return true;
        }
    }
    if (answer.mayWorkLater())
        _teller.retry(job.changes, answer);
    else if (_account.isKeyRefused(answer))
        _account.failKey();
    else if (answer.status == 404 && !job.id.empty())
        _fetcher.sayGone(job);
    else
        _teller.rejected(job.changes,
                         _account.describe(_teller.titleOf(*job.changes.front()), answer));
    return false;
}

/// Leaves out what is tagged and cannot be found. False when all can be found.
bool Editor::dropGone(Job& job)
{
    bool isFound = false;
    for (const auto& [field, path] :
         {std::pair("members", "/contacts"), std::pair("devices", "/configurations")})
        for (const auto& id : absentOf(job.draft.tagged[field],
                                       path + ("?filter%5Borganization_id%5D=" + _organization) +
                                           "&filter%5Bid%5D="))
            isFound = job.bounds.gone[field].insert(id).second || isFound;
    isFound = _fetcher.dropGone(job) || isFound;
    for (const auto* field : {kNested, kNestedOther})
        for (const auto& id : _fetcher.absentOf(job.draft.tagged[field]))
            isFound = job.bounds.gone[field].insert(id).second || isFound;
    return isFound;
}

/// Those of the ids that a list does not have.
std::set<std::string> Editor::absentOf(const std::set<std::string>& ids,
                                       const std::string& path) const
{
    std::vector<List> lists;
    size_t count = 0;
    for (const auto& id : ids)
        if (count++ % kIdsInFilter == 0)
            lists.push_back({path + id, "look for what is tagged", kIdsInFilter});
        else
            lists.back().path += "," + id;
    auto absent = ids;
    if (!lists.empty())
        _account.readAll(lists,
                         [&](size_t, const Json& resource) { absent.erase(idOf(resource["id"])); });
    return absent;
}

} // namespace itglue
