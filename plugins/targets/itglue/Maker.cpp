#include "Maker.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

namespace itglue {

using muster::target::Answer;
using muster::target::Repeat;
using muster::target::Request;

namespace {

using std::chrono::milliseconds;

/// A list may miss what was written a moment ago (contract, section 1.6): waits between the looks.
constexpr std::array kWaits{milliseconds(1000), milliseconds(2000)};

Group groupIn(const Job& job)
{
    const auto type = job.wish.fields.value("type", Json());
    return type == toText(Group::Microsoft365) ? Group::Microsoft365 : Group::Security;
}

Request createOf(const std::vector<Json>& documents, const std::string& organization)
{
    if (documents.size() == 1)
    {
        auto document = documents.front();
        document["attributes"]["organization-id"] = idValue(organization);
        return writeOf("POST", "/flexible_assets", {{"data", std::move(document)}}, Repeat::Never);
    }
    return writeOf("POST", "/organizations/" + organization + "/relationships/flexible_assets",
                   {{"data", documents}}, Repeat::Never);
}

} // namespace

Maker::Maker(const Account& account, Catalogue& catalogue, Teller& teller, Editor& editor,
             std::string organization, Bulk bulk)
    : _account(account),
      _catalogue(catalogue),
      _teller(teller),
      _editor(editor),
      _organization(std::move(organization)),
      _bulk(bulk)
{}

std::vector<Job> Maker::make(std::vector<Job> jobs)
{
    if (jobs.empty())
        return {};
    _catalogue.complete();
    std::vector<Job> made;
    std::vector<Job> doubtful;
    const auto isDoubtful = [](const Job& job) { return job.changes.front()->doubt; };
    for (auto& job : jobs)
        if (isDoubtful(job))
            doubtful.push_back(std::move(job));
    std::erase_if(jobs, [](const Job& job) { return job.changes.empty(); });
    while (!jobs.empty() || !doubtful.empty())
    {
        auto found = look(doubtful);
        std::move(found.begin(), found.end(), std::back_inserter(made));
        for (auto& job : doubtful)
            if (job.isSent)
                _teller.inDoubt(job.changes, _teller.titleOf(*job.changes.front()) +
                                                 ": IT Glue did not answer, and does not show it");
            else
                jobs.push_back(std::move(job));
        doubtful = send(jobs, made);
    }
    return made;
}

/// Looks for documents that may be there, several times where need be; leaves those that are not.
std::vector<Job> Maker::look(std::vector<Job>& jobs)
{
    std::vector<Job> found;
    for (size_t round = 0; !jobs.empty(); ++round)
    {
        lookOnce(jobs, found);
        if (jobs.empty() || round == kWaits.size())
            break;
        if (!_account.host().wait(kWaits[round]))
            throw muster::target::CancelledError();
    }
    return found;
}

void Maker::lookOnce(std::vector<Job>& jobs, std::vector<Job>& found)
{
    std::map<std::string, std::pair<Asset, const Type*>> there;
    std::vector<List> lists;
    std::vector<const Type*> types;
    for (const auto group : kGroups)
    {
        types.push_back(_catalogue.find(group));
        lists.push_back(Catalogue::documentsOf(*types.back(), _organization));
    }
    _account.readAll(lists, [&](size_t list, const Json& resource) {
        if (auto asset = Asset::from(resource))
        {
            _catalogue.remember(asset->id, types[list]->group);
            auto key = keyOf(*types[list], *asset);
            auto [place, isNew] = there.try_emplace(key, *asset, types[list]);
            // Of two the older one, so that every look finds the same.
            const auto rank = [](const std::string& id) { return std::pair(id.size(), id); };
            if (!isNew && rank(asset->id) < rank(place->second.first.id))
                place->second = {std::move(*asset), types[list]};
        }
    });
    std::erase_if(jobs, [&](Job& job) {
        const auto place = there.find(job.key);
        if (place == there.end())
            return false;
        auto& [asset, type] = place->second;
        job.id = asset.id;
        job.asset = asset;
        job.isMade = true;
        found.push_back(std::move(job));
        return true;
    });
}

void Maker::draftAll(std::vector<Job>& jobs)
{
    for (auto& job : jobs)
    {
        job.asset.reset();
        job.draft = _editor.draftOf(job, *_catalogue.find(groupIn(job)));
        for (const auto& remark : job.draft.remarks)
            if (std::find(job.remarks.begin(), job.remarks.end(), remark) == job.remarks.end())
                job.remarks.push_back(remark);
        if (job.draft.lists.empty())
            continue;
        // Files can be attached to what is there: such lists come with a second write.
        const auto wish = job.wish;
        for (const auto& list : job.draft.lists)
            job.wish.fields.erase(list.field);
        job.draft = _editor.draftOf(job, *_catalogue.find(groupIn(job)));
        job.wish = wish;
        job.isShort = true;
    }
}

/// Makes documents. Gives those that may be there; leaves none, but those to send again.
std::vector<Job> Maker::send(std::vector<Job>& jobs, std::vector<Job>& made)
{
    draftAll(jobs);
    const auto parts = parted(jobs, _bulk);
    std::vector<Request> requests;
    for (const auto& part : parts)
    {
        std::vector<Json> documents;
        for (const auto index : part)
        {
            auto& job = jobs[index];
            ++job.tries;
            _teller.sent(*job.changes.front());
            Json attributes{{"flexible-asset-type-id", idValue(_catalogue.find(groupIn(job))->id)},
                            {"traits", job.draft.traits}};
            if (job.draft.isArchived)
                attributes["archived"] = true;
            documents.push_back(
                {{"type", "flexible-assets"}, {"attributes", std::move(attributes)}});
        }
        requests.push_back(createOf(documents, _organization));
    }
    std::vector<Answer> answers(parts.size());
    std::vector<bool> isMade(jobs.size(), false);
    _account.host().send(requests, [&](size_t number, const Answer& answer) {
        answers[number] = answer;
        std::map<std::string, Json> resources;
        for (auto& resource : resourcesIn(answer))
            if (const auto asset = Asset::from(resource))
                if (const auto* type = _catalogue.typeOf(asset->typeId, asset->typeName))
                    resources.emplace(keyOf(*type, *asset), std::move(resource));
        for (const auto index : parts[number])
            if (const auto found = resources.find(jobs[index].key); found != resources.end())
            {
                isMade[index] = true;
                take(jobs[index], found->second, made);
            }
    });

    std::vector<Job> doubtful;
    std::vector<Job> again;
    for (size_t number = 0; number < parts.size(); ++number)
        for (const auto index : parts[number])
        {
            if (isMade[index])
                continue;
            auto& job = jobs[index];
            const auto fate = judge(job, answers[number], parts[number].size() == 1);
            if (fate != Fate::Closed)
                (fate == Fate::Doubtful ? doubtful : again).push_back(std::move(job));
        }
    jobs = std::move(again);
    return doubtful;
}

/// What became of one that the answer does not show.
Maker::Fate Maker::judge(Job& job, const Answer& answer, bool isAlone)
{
    if (answer.failure == "cancelled")
        throw muster::target::CancelledError();
    if (answer.isUnknown() || answer.isSuccess())
    {
        job.isSent = true;
        return Fate::Doubtful;
    }
    if (answer.mayWorkLater())
    {
        _teller.retry(job.changes, answer);
        return Fate::Closed;
    }
    if (isAlone)
        return _editor.mend(job, answer) ? Fate::Again : Fate::Closed;
    if (_account.isKeyRefused(answer))
        _account.failKey();
    // One of them may be the reason; some may be made all the same.
    job.isAlone = true;
    return Fate::Doubtful;
}

void Maker::take(Job& job, const Json& resource, std::vector<Job>& made)
{
    job.isMade = true;
    job.asset = Asset::from(resource);
    job.id = job.asset->id;
    _catalogue.remember(job.id, groupIn(job));
    if (job.isShort || !_editor.settle(job, resource))
        made.push_back(std::move(job));
}

} // namespace itglue
