#include "Fetcher.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace itglue {

using muster::target::Action;
using muster::target::Answer;
using muster::target::Change;
using muster::target::Request;

namespace {

constexpr size_t kFewDocuments = 10; ///< are read one by one

Request getOf(const std::string& document)
{
    Request request;
    request.path = "/flexible_assets/" + document;
    return request;
}

std::optional<Asset> assetIn(const Answer& answer)
{
    const auto resources = resourcesIn(answer);
    return resources.empty() ? std::nullopt : Asset::from(resources.front());
}

} // namespace

Fetcher::Fetcher(const Account& account, Catalogue& catalogue, Teller& teller,
                 std::string organization)
    : _account(account),
      _catalogue(catalogue),
      _teller(teller),
      _organization(std::move(organization))
{}

void Fetcher::fetch(std::vector<Job>& jobs)
{
    const auto missing =
        std::count_if(jobs.begin(), jobs.end(), [](const Job& job) { return !job.asset; });
    if (static_cast<size_t>(missing) > kFewDocuments)
        fetchAll(jobs);
    // A list may leave out what is archived: only a direct look says that a document is gone.
    fetchOne(jobs);
    std::erase_if(jobs, [](const Job& job) { return !job.asset; });
}

void Fetcher::fetchOne(std::vector<Job>& jobs)
{
    std::vector<Job*> asked;
    std::vector<Request> requests;
    for (auto& job : jobs)
        if (!job.asset)
        {
            asked.push_back(&job);
            requests.push_back(getOf(job.id));
        }
    if (requests.empty())
        return;
    const auto answers = _account.host().send(requests);
    for (size_t i = 0; i < asked.size(); ++i)
    {
        auto& job = *asked[i];
        const auto& answer = answers[i];
        job.asset = assetIn(answer);
        if (job.asset)
            continue;
        if (answer.status == 404)
            sayGone(job);
        else if (answer.failure == "cancelled")
            throw muster::target::CancelledError();
        else if (answer.mayWorkLater() || answer.isSuccess())
            _teller.retry(job.changes, answer);
        else if (_account.isKeyRefused(answer))
            _account.failKey();
        else
            _teller.rejected(job.changes,
                             _account.describe(_teller.titleOf(*job.changes.front()), answer));
    }
}

/// Unless reading all documents of the organization would cost more than reading these.
void Fetcher::fetchAll(std::vector<Job>& jobs)
{
    if (!_catalogue.isRead())
        _catalogue.read();
    std::vector<List> lists;
    std::vector<Group> groups;
    size_t pages = 0;
    for (const auto group : kGroups)
        if (const auto* type = _catalogue.find(group))
        {
            lists.push_back(Catalogue::documentsOf(*type, _organization));
            groups.push_back(group);
            pages += 1 + _account.count(lists.back()) / lists.back().page;
        }
    std::map<std::string, Job*> wanted;
    for (auto& job : jobs)
        if (!job.asset)
            wanted[job.id] = &job;
    if (lists.empty() || pages >= wanted.size())
        return;
    _account.readAll(lists, [&](size_t list, const Json& resource) {
        const auto id = idOf(resource["id"]);
        _catalogue.remember(id, groups[list]);
        if (const auto job = wanted.find(id); job != wanted.end())
            job->second->asset = Asset::from(resource);
    });
}

void Fetcher::sayGone(const Job& job)
{
    for (const auto* change : job.changes)
        if (change->action == Action::Unlink || change->action == Action::Retire)
            _teller.unchanged({change});
        else
            _teller.gone({change}, "it");
}

void Fetcher::findNested(std::vector<Job>& jobs)
{
    std::set<std::string> unknown;
    for (const auto& job : jobs)
        for (const auto& id : job.wish.nest)
            if (!_catalogue.groupOf(id))
                unknown.insert(id);
    std::vector<Request> requests;
    for (const auto& id : unknown)
        requests.push_back(getOf(id));
    if (requests.empty())
        return;
    const auto answers = _account.host().send(requests);
    size_t index = 0;
    for (const auto& id : unknown)
    {
        const auto& answer = answers[index++];
        const auto asset = assetIn(answer);
        if (!asset && answer.status != 404)
            _account.fail("read the document " + id, answer);
        const auto* type = asset ? _catalogue.typeOf(asset->typeId, asset->typeName) : nullptr;
        if (type)
            _catalogue.remember(id, type->group);
        else
            for (auto& job : jobs)
                drop(job, id);
    }
}

/// One that is not there cannot be nested.
void Fetcher::drop(Job& job, const std::string& nested)
{
    if (job.wish.nest.erase(nested) == 0)
        return;
    std::erase_if(job.changes, [&](const Change* change) {
        const auto isIt = change->action == Action::Link && change->to.remoteId == nested;
        if (isIt)
            _teller.gone({change}, "the nested one");
        return isIt;
    });
}

bool Fetcher::dropGone(Job& job)
{
    const auto gone = absentOf(job.wish.nest);
    for (const auto& id : gone)
        drop(job, id);
    return !gone.empty();
}

std::set<std::string> Fetcher::absentOf(const std::set<std::string>& documents) const
{
    std::vector<Request> requests;
    for (const auto& id : documents)
        requests.push_back(getOf(id));
    std::set<std::string> absent;
    auto id = documents.begin();
    for (const auto& answer :
         requests.empty() ? std::vector<Answer>() : _account.host().send(requests))
    {
        if (answer.status == 404)
            absent.insert(*id);
        ++id;
    }
    return absent;
}

} // namespace itglue
