#include "sync/Preparation.h"

#include "directory/Selection.h"
#include "sync/Deriver.h"
#include "sync/ExpectedRecords.h"
#include "sync/Guards.h"
#include "sync/Ledger.h"
#include "sync/PlanStore.h"
#include "sync/Planner.h"
#include "sync/Protection.h"
#include "sync/Reversal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace muster::sync {

namespace {

/// How old the ledger may be before the target is read again, in milliseconds.
constexpr int64_t kVerifyAfter = 24 * 60 * 60 * 1000;

/// The links of the mode that the target says with the records they come from, or the others.
std::vector<plugins::LinkKind> linksOf(const Work& work, bool saidWithSource)
{
    std::vector<plugins::LinkKind> links;
    for (const auto& link : work.mode.links)
        if (const auto* known = work.target.findLink(link.from, link.to);
            known && known->isSaidWithSource == saidWithSource)
            links.push_back(*known);
    return links;
}

std::vector<std::string> destinationsOf(const std::vector<plugins::LinkKind>& links)
{
    std::set<std::string> kinds;
    for (const auto& link : links)
        kinds.insert(link.to);
    return {kinds.begin(), kinds.end()};
}

/// The rule whose order decides between groups; nothing where they do not compete.
std::optional<estate::SelectionRule> orderOf(const Work& work)
{
    const auto links = linksOf(work, true);
    if (std::none_of(links.begin(), links.end(),
                     [](const plugins::LinkKind& link) { return link.isExclusive; }))
        return std::nullopt;
    for (const auto& rule : work.tenant.groups)
        if (rule.target == work.sync.target)
            return rule;
    return estate::SelectionRule{work.sync.target};
}

} // namespace

/// All that the claims of a sync depend on beside the groups.
std::string Preparation::fingerprintOf(const Work& work,
                                       const std::optional<estate::SelectionRule>& order,
                                       Owners& owners)
{
    const auto& sync = work.sync;
    std::string roles;
    for (const auto& link : work.mode.links)
        if (const auto* known = work.target.findLink(link.from, link.to);
            known && !known->roles.empty())
            roles += " roles " + nlohmann::json(known->roles).dump();
    const auto patterns =
        order ? " order " + nlohmann::json(order->patterns).dump() : std::string();
    const auto base = work.mode.id + " " + work.mode.version + " " + sync.settings.dump() + " " +
                      std::to_string(sync.scopeId) + (sync.expandsNested ? " nested" : "") +
                      (sync.includesGuests ? "" : " no-guests") + patterns + roles;
    if (work.mode.sees.empty())
        return base;
    int64_t seen = 0;
    int64_t sequence = 0;
    std::string derivedAs;
    _database.query<int64_t, int64_t, std::string>(
        "SELECT c.seen, s.derived_seq, s.derived_as FROM sync s JOIN scope c ON c.id = s.scope "
        "WHERE s.id = $1",
        {sync.id}, [&](int64_t count, int64_t derivedSequence, std::string as) {
            seen = count;
            sequence = derivedSequence;
            derivedAs = std::move(as);
        });
    return owners.fingerprint(base + " seen " + std::to_string(seen), sequence, derivedAs);
}

Preparation::Preparation(store::Database& database, runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

int64_t Preparation::prepare(const Work& work, Verify verify, runtime::Progress& progress,
                             const runtime::Cancellation& cancellation)
{
    forgetMended(work.sync);
    // Who looks at the target's records needs them first.
    if (work.mode.sees.empty())
        derive(work, progress, cancellation);
    readTarget(work, verify, progress, cancellation);
    if (!work.mode.sees.empty())
        derive(work, progress, cancellation);
    if (verify == Verify::Now)
        forgetUndone(work.sync);
    progress.report(work.sync.name + ": planning", 0, 0);
    const auto plan = Planner(_database, _clock)
                          .plan({work.sync, work.mode, work.target, work.complete}, cancellation);
    judge(work, plan);
    return plan;
}

int64_t Preparation::prepareUndo(const Work& work, int64_t run, runtime::Progress& progress,
                                 const runtime::Cancellation& cancellation)
{
    readTarget(work, Verify::Now, progress, cancellation);
    progress.report(work.sync.name + ": planning", 0, 0);
    const auto plan =
        Reversal(_database, _clock).plan({work.sync, work.mode, work.target, true}, run);
    judge(work, plan);
    return plan;
}

void Preparation::judge(const Work& work, int64_t plan)
{
    Protection(_database).apply(work.sync, work.protect, plan);
    // A document gives nobody access to anything, and is never removed.
    if (!work.mode.isDocumenting)
        Guards(_database, _clock).judge(work.sync, plan);
    PlanStore(_database).prune(work.sync.id);
}

void Preparation::forgetUndone(const estate::Sync& sync)
{
    for (const std::string table : {"record", "link"})
        _database.execute("UPDATE " + table + " SET dirty = 1 WHERE scope = $1 AND dirty = 4",
                          {sync.scopeId});
}

/// What people changed and an earlier run put right was told then.
void Preparation::forgetMended(const estate::Sync& sync)
{
    for (const std::string table : {"record", "link"})
        _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'read' AND code = "
                          "'drift' AND EXISTS (SELECT 1 FROM " +
                              table + " t WHERE t.id = finding." + table + " AND t.dirty = 0)",
                          {sync.id});
}

void Preparation::derive(const Work& work, runtime::Progress& progress,
                         const runtime::Cancellation& cancellation)
{
    directory::Selection(_database, _clock)
        .update(work.tenant, work.sync.targetId, work.sync.target);
    if (work.mode.isDocumenting)
        work.keeper->absorb(work.sync);
    const auto order = orderOf(work);
    Owners owners(_database, work.sync.tenantId, work.sync.scopeId);
    Deriver(_database, _clock)
        .derive({work.sync, work.derivation, fingerprintOf(work, order, owners), order, owners,
                 work.mode.isDocumenting ? work.keeper : nullptr, &work.target},
                progress, cancellation);
}

void Preparation::readTarget(const Work& work, Verify verify, runtime::Progress& progress,
                             const runtime::Cancellation& cancellation)
{
    const auto& sync = work.sync;
    const auto now = runtime::toMilliseconds(_clock.now());
    const auto places = plugins::placesOf(work.mode, work.target);
    auto inScope = places.inScope;
    for (const auto& kind : work.mode.sees)
        if (work.target.records.count(kind))
            inScope.push_back(kind);
    auto kinds = inScope;
    kinds.insert(kinds.end(), work.mode.expects.begin(), work.mode.expects.end());
    Ledger ledger(_database, sync.scopeId, _clock);
    const auto readAt = ledger.readAt(kinds);
    const bool isCold = readAt == 0;
    const bool isDue =
        isCold ? !work.mode.sees.empty() || hasMarkedRecords(sync) : readAt <= now - kVerifyAfter;
    const bool reads = verify == Verify::Now || isDue;
    if (reads)
        progress.report(sync.name + ": reading " + sync.target, 0, 0);

    const Reading reading{work.channel, sync, cancellation};
    ExpectedRecords(_database, sync.scopeId)
        .look(reading, work.mode.expects,
              reads ? ExpectedRecords::Which::All : ExpectedRecords::Which::Missing);
    const auto before = reads ? now + 1 : 1;
    const auto withSource = linksOf(work, true);
    if (reads || !ledger.unread(destinationsOf(withSource), before).empty())
        if (!inScope.empty())
            ledger.readRecords(reading, {inScope, withSource, {}, work.mode.isDocumenting});
    if (!places.inExpected.empty())
        if (const auto containers = ledger.unread(work.mode.expects, before); !containers.empty())
            ledger.readRecords(reading, {places.inExpected, {}, containers});
    if (const auto links = linksOf(work, false); !links.empty())
        ledger.readLinks(reading, ledger.unread(destinationsOf(links), before));
    if (reads)
        ledger.cover(work.mode.expects);
}

bool Preparation::hasMarkedRecords(const estate::Sync& sync)
{
    return _database
        .value<int64_t>("SELECT 1 FROM record WHERE scope = $1 AND dirty = 1 LIMIT 1",
                        {sync.scopeId})
        .has_value();
}

int64_t Preparation::planAgain(const Work& work, int64_t plan, runtime::Progress& progress,
                               const runtime::Cancellation& cancellation)
{
    const PlanInput input{work.sync, work.mode, work.target, true};
    if (const auto undoes = PlanStore(_database).undoneRun(plan))
        return Reversal(_database, _clock).plan(input, *undoes);
    derive(work, progress, cancellation);
    return Planner(_database, _clock).plan(input, cancellation);
}

std::string Preparation::staleness(const Work& work, int64_t plan, runtime::Progress& progress,
                                   const runtime::Cancellation& cancellation)
{
    const auto remedy = ": make a new one with `muster plan " + work.sync.name + "`";
    const auto name = "plan " + std::to_string(plan);
    const auto open =
        _database.value<int64_t>("SELECT 1 FROM change WHERE plan = $1 AND state IN ('planned', "
                                 "'held') LIMIT 1",
                                 {plan});
    const auto wasRun =
        _database.value<int64_t>("SELECT 1 FROM run WHERE plan = $1 LIMIT 1", {plan});
    if (!open && wasRun)
        return name + " was done already" + remedy;

    // What is planned now, by the mirror and the estate as they are, is compared and thrown away.
    const auto again = planAgain(work, plan, progress, cancellation);
    const auto stale = _database.value<std::string>(
        "SELECT c.action || ' ' || COALESCE(r.key, s.key || ' in ' || d.key) FROM change c "
        "LEFT JOIN record r ON r.id = c.record LEFT JOIN link l ON l.id = c.link LEFT JOIN record "
        "s ON s.id = l.source LEFT JOIN record d ON d.id = l.destination WHERE c.plan = $1 AND "
        "c.state IN ('planned', 'held') AND NOT EXISTS (SELECT 1 FROM change n WHERE n.plan = $2 "
        "AND n.action = c.action AND n.document = c.document AND COALESCE(n.record, 0) = "
        "COALESCE(c.record, 0) AND COALESCE(n.link, 0) = COALESCE(c.link, 0)) LIMIT 1",
        {plan, again});
    store::Transaction transaction(_database);
    _database.execute("DELETE FROM change WHERE plan = $1", {again});
    _database.execute("DELETE FROM plan WHERE id = $1", {again});
    transaction.commit();
    return stale ? name + " is stale, \"" + *stale + "\" is no longer due" + remedy : std::string();
}

} // namespace muster::sync
