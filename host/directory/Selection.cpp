#include "directory/Selection.h"

#include "directory/Directory.h"
#include "directory/MirrorChange.h"
#include "store/Dialect.h"
#include "store/EntraId.h"
#include "store/JsonRows.h"

#include <muster/Keys.h>

#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>
#include <Poco/Unicode.h>

#include <algorithm>

namespace muster::directory {

using namespace store;
using runtime::toMilliseconds;

namespace {

/// A living group with the answer it has for a target, if any.
struct Candidate
{
    int64_t id = 0;
    std::string entraId;
    std::string name;
    bool isAnswered = false;
    bool isSelected = false;
};

std::u32string folded(const std::string& text)
{
    const Poco::UTF8Encoding encoding;
    std::u32string result;
    const auto trimmedText = trimmed(text);
    for (Poco::TextIterator at(trimmedText, encoding), end(trimmedText); at != end; ++at)
        result += static_cast<char32_t>(Poco::Unicode::toLower(std::max(*at, 0)));
    return result;
}

bool matchesAny(const std::vector<std::string>& patterns, const Candidate& group)
{
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return lowered(pattern) == group.entraId || matchesPattern(pattern, group.name);
    });
}

const estate::SelectionRule& ruleOf(const estate::Tenant& tenant, const std::string& targetName)
{
    static const estate::SelectionRule kNone;
    for (const auto& rule : tenant.groups)
    {
        if (rule.target == targetName)
            return rule;
    }
    return kNone;
}

std::string documentOf(const estate::SelectionRule& rule)
{
    return nlohmann::json{{"all", rule.all}, {"patterns", rule.patterns}}.dump();
}

/// The answers for one target, within a transaction.
class Answers
{
public:
    Answers(Database& database, int64_t directory, int64_t targetId, int64_t now)
        : _database(database), _directory(directory), _targetId(targetId), _now(now)
    {}

    /// Living groups that the SQL condition on object o and selection s lets through, of those
    /// touched after that number of the directory's sequence.
    std::vector<Candidate> candidates(const std::string& condition, int64_t after = -1)
    {
        std::vector<Candidate> found;
        _database.query<int64_t, std::string, std::string, std::optional<int64_t>>(
            "SELECT o.id, entra_text(o.entra), " + dialect::member("o.attributes", "displayName") +
                ", s.selected FROM object o LEFT JOIN selection s"
                " ON s.grp = o.id AND s.target = $1 WHERE o.directory = $2 AND o.kind = 'group'"
                " AND o.touched > $3 AND o.state = 'live' AND (" +
                condition + ") ORDER BY o.id",
            {_targetId, _directory, after},
            [&](int64_t id, std::string entraId, std::string name,
                std::optional<int64_t> selected) {
                found.push_back({.id = id,
                                 .entraId = std::move(entraId),
                                 .name = std::move(name),
                                 .isAnswered = selected.has_value(),
                                 .isSelected = selected.value_or(0) != 0});
            });
        return found;
    }

    void give(const Candidate& group, bool selected, const std::string& origin,
              const std::string& actor)
    {
        _answers.add(group.id, selected ? 1 : 0, origin);
        if (selected == group.isSelected)
            return;
        _switched.push_back({.group = group.id, .name = group.name, .selected = selected});
        if (group.isAnswered || origin == "hand")
            _log.add(group.id, selected ? 1 : 0, actor);
    }

    /// Stores what was given and touches the groups whose answer changed, which it returns.
    std::vector<Selection::Switched> store()
    {
        if (_answers.count() > 0)
            _database.execute(
                "INSERT INTO selection(grp, target, selected, origin)"
                " SELECT grp, $1, selected, origin FROM " +
                    dialect::rows("$2", "grp integer, selected integer, origin text") +
                    " AS given WHERE true ON CONFLICT(grp, target) DO UPDATE"
                    " SET selected = excluded.selected, origin = excluded.origin",
                {_targetId, _answers.text()});
        if (_log.count() > 0)
            _database.execute("INSERT INTO selection_log(at, actor, target, grp, selected)"
                              " SELECT $1, actor, $2, grp, selected FROM " +
                                  dialect::rows("$3", "grp integer, selected integer, actor text") +
                                  " AS given",
                              {_now, _targetId, _log.text()});
        std::vector<int64_t> touched;
        for (const auto& group : _switched)
            touched.push_back(group.group);
        touchGroups(_database, _directory, touched);
        return std::move(_switched);
    }

private:
    Database& _database;
    int64_t _directory;
    int64_t _targetId;
    int64_t _now;
    JsonRows _answers;
    JsonRows _log;
    std::vector<Selection::Switched> _switched;
};

void requireMatch(const std::vector<std::string>& patterns, const std::vector<Candidate>& groups,
                  const std::string& tenant)
{
    for (const auto& pattern : patterns)
    {
        if (std::none_of(groups.begin(), groups.end(),
                         [&](const Candidate& group) { return matchesAny({pattern}, group); }))
            throw UsageError("no group of " + tenant + " matches \"" + pattern +
                             "\": see muster groups " + tenant);
    }
}

} // namespace

bool matchesPattern(const std::string& pattern, const std::string& name)
{
    const auto mask = folded(pattern);
    const auto text = folded(name);
    size_t maskAt = 0;
    size_t textAt = 0;
    size_t star = mask.npos;
    size_t retry = 0;
    while (textAt < text.size())
    {
        if (maskAt < mask.size() && mask[maskAt] == U'*')
        {
            star = maskAt++;
            retry = textAt;
        }
        else if (maskAt < mask.size() && (mask[maskAt] == U'?' || mask[maskAt] == text[textAt]))
        {
            ++maskAt;
            ++textAt;
        }
        else if (star != mask.npos)
        {
            maskAt = star + 1;
            textAt = ++retry;
        }
        else
            return false;
    }
    return mask.find_first_not_of(U'*', maskAt) == mask.npos;
}

Selection::Selection(Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

void Selection::update(const estate::Tenant& tenant, int64_t targetId,
                       const std::string& targetName)
{
    const auto directory = liveDirectory(_database, tenant.id);
    if (!directory)
        return;
    const auto& rule = ruleOf(tenant, targetName);
    const auto document = documentOf(rule);
    Transaction transaction(_database);
    const auto sequence = Directory(_database, tenant.id).sequence();
    // How far this rule was asked already; groups that are new since were touched since.
    const auto answered = _database.value<int64_t>(
        "SELECT seq FROM selection_rule WHERE tenant = $1 AND target = $2 AND document = $3",
        {tenant.id, targetId, document});
    Answers answers(_database, *directory, targetId, toMilliseconds(_clock.now()));
    const auto groups = answered ? answers.candidates("s.grp IS NULL", *answered)
                                 : answers.candidates("s.grp IS NULL OR s.origin <> 'hand'");
    for (const auto& group : groups)
        answers.give(group, rule.all || matchesAny(rule.patterns, group), "rule", "the estate");
    answers.store();
    if (answered != sequence)
        _database.execute("INSERT INTO selection_rule(tenant, target, document, seq)"
                          " VALUES($1, $2, $3, $4) ON CONFLICT(tenant, target)"
                          " DO UPDATE SET document = excluded.document, seq = excluded.seq",
                          {tenant.id, targetId, document, sequence});
    transaction.commit();
}

std::vector<Selection::Switched> Selection::set(const estate::Tenant& tenant, int64_t targetId,
                                                const std::vector<std::string>& enable,
                                                const std::vector<std::string>& disable,
                                                const std::string& actor)
{
    const auto directory = liveDirectory(_database, tenant.id);
    if (!directory)
        throw UsageError("the groups of " + tenant.name + " were never read: run muster groups " +
                         tenant.name + " --refresh");
    Transaction transaction(_database);
    Answers answers(_database, *directory, targetId, toMilliseconds(_clock.now()));
    const auto groups = answers.candidates("true");
    requireMatch(enable, groups, tenant.name);
    requireMatch(disable, groups, tenant.name);
    for (const auto& group : groups)
    {
        if (matchesAny(disable, group))
            answers.give(group, false, "hand", actor);
        else if (matchesAny(enable, group))
            answers.give(group, true, "hand", actor);
    }
    auto switched = answers.store();
    transaction.commit();
    return switched;
}

std::vector<Selection::Switched> Selection::reset(const estate::Tenant& tenant, int64_t targetId,
                                                  const std::string& targetName,
                                                  const std::string& actor)
{
    const auto directory = liveDirectory(_database, tenant.id);
    if (!directory)
        return {};
    const auto& rule = ruleOf(tenant, targetName);
    Transaction transaction(_database);
    Answers answers(_database, *directory, targetId, toMilliseconds(_clock.now()));
    for (const auto& group : answers.candidates("s.origin = 'hand'"))
        answers.give(group, rule.all || matchesAny(rule.patterns, group), "rule", actor);
    auto switched = answers.store();
    transaction.commit();
    return switched;
}

bool Selection::isSelected(int64_t groupId, int64_t targetId)
{
    return _database
               .value<int64_t>("SELECT selected FROM selection WHERE grp = $1 AND target = $2",
                               {groupId, targetId})
               .value_or(0) != 0;
}

} // namespace muster::directory
