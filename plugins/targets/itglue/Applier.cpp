#include "Applier.h"

#include "Maker.h"

#include <map>
#include <utility>

namespace itglue {

using muster::target::Action;
using muster::target::CancelledError;
using muster::target::Change;
using muster::target::Output;
using muster::target::RetryError;
using muster::target::SettingError;
using muster::target::State;

namespace {

/// The documents that a batch is about.
struct Work
{
    std::vector<Job> toMake;
    std::vector<Job> toEdit;
};

bool isOfDocuments(const Change& change)
{
    switch (change.action)
    {
    case Action::Create:
    case Action::Update:
    case Action::Retire:
        return change.kind == kDocument;
    case Action::Link:
    case Action::Unlink:
        return change.from.kind == kDocument && change.to.kind == kDocument;
    case Action::Activate:
        break;
    }
    return false;
}

/// Changes of one document become one job, so that it is written once.
Work workOf(const std::vector<Change>& changes, Teller& teller)
{
    Work work;
    std::map<std::string, size_t> known;
    for (const auto& change : changes)
    {
        if (!isOfDocuments(change))
        {
            teller.rejected({&change}, teller.titleOf(change) +
                                           ": IT Glue has no place for it. Muster documents groups "
                                           "there, and reads contacts and configurations");
            continue;
        }
        if (change.action == Action::Create)
        {
            Job job;
            job.changes = {&change};
            job.key = change.key;
            job.wish.fields = change.fields;
            work.toMake.push_back(std::move(job));
            continue;
        }
        const auto isLink = change.action == Action::Link || change.action == Action::Unlink;
        const auto& id = isLink ? change.from.remoteId : change.remoteId;
        const auto [place, isNew] = known.emplace(id, work.toEdit.size());
        if (isNew)
            work.toEdit.emplace_back().id = id;
        auto& job = work.toEdit[place->second];
        job.changes.push_back(&change);
        job.key = isLink ? change.from.key : change.key;
        if (change.action == Action::Update)
            job.wish.fields.update(change.fields);
        else if (change.action == Action::Retire)
            job.wish.fields["archived"] = true;
        else
            (change.action == Action::Link ? job.wish.nest : job.wish.unnest)
                .insert(change.to.remoteId);
    }
    return work;
}

} // namespace

void apply(const Account& account, Catalogue& catalogue, size_t bulk, const Json& scope,
           const std::vector<Change>& changes, const Output& output)
{
    Teller teller(account, output, changes);
    try
    {
        auto work = workOf(changes, teller);
        const auto organization = organizationIn(scope);
        const Bulk size{bulk};
        Editor editor(account, catalogue, teller, organization, size);
        auto jobs = Maker(account, catalogue, teller, editor, organization, size)
                        .make(std::move(work.toMake));
        std::move(work.toEdit.begin(), work.toEdit.end(), std::back_inserter(jobs));
        editor.edit(std::move(jobs));
        teller.closeAll(State::Retry, "it was not done");
    }
    catch (const SettingError& error)
    {
        teller.closeAll(State::Retry, error.setting() + ": " + error.what());
        throw;
    }
    catch (const UnknownFate& error)
    {
        teller.closeAll(State::Retry, error.what(), true);
    }
    catch (const CancelledError&)
    {
        teller.closeAll(State::Retry, "the work was cancelled");
        throw;
    }
    catch (const RetryError& error)
    {
        teller.closeAll(State::Retry, error.what());
    }
    catch (const std::exception& error)
    {
        teller.closeAll(State::Rejected, error.what());
    }
}

} // namespace itglue
