#include "Trial.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace muster::testing {

namespace {

constexpr const char* kStatuses[] = {"MUSTER_OK", "MUSTER_CONFIG", "MUSTER_RETRY",
                                     "MUSTER_REJECTED", "MUSTER_CANCELLED"};

std::string statusOf(const Result& result)
{
    const auto isKnown = result.status >= 0 && result.status <= MUSTER_CANCELLED;
    return (isKnown ? kStatuses[result.status] : "status " + std::to_string(result.status)) +
           (result.message.empty() ? "" : " (" + result.message + ")");
}

bool isText(const Json& object, const char* member)
{
    const auto value = object.is_object() ? object.value(member, Json()) : Json();
    return value.is_string() && value != "";
}

void requireRecord(const Json& record, const std::string& rule)
{
    for (const auto* member : {"kind", "remoteId"})
        require(isText(record, member),
                std::string("a record without ") + member + ": " + record.dump(), rule);
    require(record.value("key", Json("")).is_string() && record.value("name", Json("")).is_string(),
            "a record whose key or name is no text: " + record.dump(), rule);
    require(record.value("fields", Json::object()).is_object(),
            "a record whose fields are no object: " + record.dump(), rule);
    require(record.value("active", Json(true)).is_boolean(),
            "a record that is neither active nor not: " + record.dump(), rule);
}

void requireLink(const Json& link)
{
    for (const auto* end : {"from", "to"})
    {
        const auto there = link.value(end, Json());
        require(isText(there, "kind") && (isText(there, "remoteId") || isText(there, "key")),
                std::string("a link without kind or remoteId in \"") + end + "\": " + link.dump(),
                "target.h, read: link");
    }
    require(link.value("role", Json("")).is_string(),
            "a link whose role is no text: " + link.dump(), "target.h, read: link");
}

constexpr std::chrono::seconds kBetweenLooks{1};

size_t openSockets()
{
    size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd"))
    {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(file.path(), gone).string();
        count += target.rfind("socket:", 0) == 0 ? 1 : 0;
    }
    return count;
}

} // namespace

void require(bool isKept, const std::string& problem, const std::string& rule)
{
    if (!isKept)
        throw RuleBroken(problem, rule);
}

plugins::TargetManifest targetManifestOf(const Subject& subject)
{
    std::ostringstream text;
    text << std::ifstream(subject.manifest).rdbuf();
    return plugins::parseTargetManifest(text.str(), subject.manifest);
}

Identity identityOf(const Json& record)
{
    return {record.value("kind", ""), record.value("key", "")};
}

std::string nameOf(const Json& record)
{
    return record.value("kind", "") + " " + record.value("key", "");
}

const struct muster_plugin& pluginOf(const Subject& subject)
{
    return subject.load ? subject.load(subject.library) : loadPlugin(subject.library);
}

Trial::Trial(const Subject& subject, const Json& changedSettings)
    : _subject(subject),
      _manifest(targetManifestOf(subject)),
      _world(subject.world()),
      _host(_world.handler)
{
    auto settings = _world.settings;
    settings.merge_patch(changedSettings);
    const auto& plugin = pluginOf(subject);
    const auto sockets = openSockets();
    _settings = plugins::partSettings(_manifest, settings);
    _instance.emplace(plugin, _host.host(), _settings.open);
    // Of a plugin that is in another process they do not show here.
    _opensSockets = !subject.load && openSockets() != sockets;
}

Trial::~Trial()
{
    try
    {
        retireMade();
    }
    catch (const std::exception&)
    {
        // The rule said what is wrong, or nothing was.
    }
}

/// By an instance and a host of its own: what the rule does to those of this trial does not matter.
void Trial::noteWhatIsThere()
{
    if (!_subject.livesElsewhere() || _before)
        return;
    try
    {
        FakeHost host(_world.handler);
        Instance instance(pluginOf(_subject), host.host(), _settings.open);
        std::set<Identity> active;
        for (const auto& record : contentOf(instance).records)
            if (record.value("active", true))
                active.insert(identityOf(record));
        _before = std::move(active);
    }
    catch (const RuleBroken&)
    {
        // Then it is not known what may be retired, and nothing is.
    }
}

/// Nothing that was active before, whatever its key.
void Trial::retireMade()
{
    if (!_before || _made.empty())
        return;
    FakeHost host(_world.handler);
    Instance instance(pluginOf(_subject), host.host(), _settings.open);
    for (const auto& record : contentOf(instance).records)
    {
        const auto identity = identityOf(record);
        if (_made.count(identity) && !_before->count(identity) && record.value("active", true) &&
            can(record["kind"], "retire"))
            instance.apply(_subject.scope, {change("retire", record["kind"], record)});
    }
}

std::vector<Json> Trial::creates()
{
    noteWhatIsThere();
    std::vector<Json> changes;
    for (const auto& [kind, actions] : _manifest.records)
        for (int n = 0; n < kSamples && can(kind, "create"); ++n)
        {
            changes.push_back(change("create", kind, sample(kind, n)));
            _made.insert(identityOf(changes.back()));
        }
    return changes;
}

std::vector<Json> Trial::apply(const std::vector<Json>& changes)
{
    std::vector<Json> outcomes;
    for (size_t from = 0; from < changes.size(); from += _manifest.batch)
    {
        const auto to = std::min(from + _manifest.batch, changes.size());
        const auto batch = applyBatch({changes.begin() + static_cast<ptrdiff_t>(from),
                                       changes.begin() + static_cast<ptrdiff_t>(to)});
        outcomes.insert(outcomes.end(), batch.begin(), batch.end());
    }
    return outcomes;
}

std::vector<Json> Trial::applyBatch(const std::vector<Json>& changes)
{
    const auto result = _instance->apply(_subject.scope, changes);
    requireSense(result);
    requireOneEach(changes, result);
    return result.all("outcome");
}

void Trial::carryOut(const std::vector<Json>& changes)
{
    for (const auto& outcome : apply(changes))
        require(outcome["state"] == "applied" || outcome["state"] == "unchanged",
                "a change that its manifest offers gave " + outcome.dump(), "target.h, apply");
}

std::vector<Json> Trial::made(const std::vector<Json>& creates)
{
    std::vector<Json> records;
    for (const auto& outcome : apply(creates))
    {
        require(outcome["state"] == "applied",
                "a create into an empty system gave " + outcome.dump(), "target.h, apply");
        require(outcome.contains("record"),
                "a create that is applied says no record: " + outcome.dump(),
                "target.h, apply: record");
        records.push_back(outcome["record"]);
    }
    return records;
}

std::vector<std::vector<Json>> Trial::furtherBatches(const std::vector<Json>& records)
{
    std::vector<Json> updates, links, unlinks, retires, activates;
    for (const auto& record : records)
    {
        const std::string kind = record["kind"];
        const auto add = [&](const char* action, std::vector<Json>& batch) {
            if (can(kind, action))
                batch.push_back(change(action, kind, record));
        };
        add("update", updates);
        add("retire", retires);
        add("activate", activates);
    }
    for (const auto& kind : _manifest.links)
        for (const auto& from : records)
            for (const auto& to : records)
                if (from["kind"] == kind.from && to["kind"] == kind.to && from != to)
                {
                    links.push_back(link(from, to, rolesOf(kind).front()));
                    unlinks.push_back(unlink(from, to));
                    // Of exclusive ones the next would take the place of this.
                    if (kind.isExclusive)
                        break;
                }
    unlinks.resize(unlinks.size() / 2);
    return {updates, links, unlinks, retires, activates};
}

Content Trial::content()
{
    return contentOf(*_instance);
}

Content Trial::contentOf(Instance& instance)
{
    Json kinds = Json::array();
    for (const auto& [kind, actions] : _manifest.records)
        kinds.push_back(kind);
    const auto result = readOf(instance, {{"scope", _subject.scope}, {"kinds", kinds}});
    require(result.status == MUSTER_OK, "read gave " + statusOf(result), "target.h, read");
    Content content{result.all("record"), result.all("link")};
    for (const auto& record : content.records)
        requireRecord(record, "target.h, read: record");

    std::set<std::string> destinations;
    for (const auto& link : _manifest.links)
        destinations.insert(link.to);
    Json into = Json::array();
    for (const auto& record : content.records)
        if (destinations.count(record["kind"]))
            into.push_back({{"kind", record["kind"]}, {"remoteId", record["remoteId"]}});
    const auto links = readOf(
        instance, {{"scope", _subject.scope}, {"kinds", Json::array()}, {"linksInto", into}});
    require(links.status == MUSTER_OK, "read of links gave " + statusOf(links), "target.h, read");
    for (auto& link : links.all("link"))
        content.links.push_back(std::move(link));
    for (const auto& link : content.links)
        requireLink(link);
    return content;
}

Json Trial::state()
{
    const auto all = content();
    std::multiset<std::string> lines;
    for (const auto* part : {&all.records, &all.links})
        for (const auto& line : *part)
            lines.insert(line.dump());
    return lines;
}

void Trial::look(const std::function<void(const Content&)>& at)
{
    const auto until = std::chrono::steady_clock::now() + _subject.settling;
    for (;;)
        try
        {
            return at(content());
        }
        catch (const RuleBroken&)
        {
            if (std::chrono::steady_clock::now() >= until)
                throw;
            std::this_thread::sleep_for(kBetweenLooks);
        }
}

Result Trial::read(const Json& request)
{
    return readOf(*_instance, request);
}

Result Trial::readOf(Instance& instance, const Json& request)
{
    auto result = instance.read(request);
    requireSense(result);
    return result;
}

Result Trial::check()
{
    auto result = _instance->check({_subject.scope});
    requireSense(result);
    return result;
}

Json Trial::change(const std::string& action, const std::string& kind, const Json& record)
{
    Json result{{"id", ++_lastId},
                {"action", action},
                {"kind", kind},
                {"key", record["key"]},
                {"name", record.value("name", "")},
                {"fields", record.value("fields", Json::object())}};
    if (record.contains("remoteId"))
        result["remoteId"] = record["remoteId"];
    return result;
}

Json Trial::linkChange(const std::string& action, const Json& from, const Json& to)
{
    const auto end = [](const Json& record) {
        return Json{
            {"kind", record["kind"]}, {"key", record["key"]}, {"remoteId", record["remoteId"]}};
    };
    return {{"id", ++_lastId}, {"action", action}, {"from", end(from)}, {"to", end(to)}};
}

Json Trial::link(const Json& from, const Json& to, const std::string& role)
{
    auto result = linkChange("link", from, to);
    result["role"] = role;
    return result;
}

Json Trial::unlink(const Json& from, const Json& to)
{
    return linkChange("unlink", from, to);
}

std::vector<std::string> Trial::rolesOf(const plugins::LinkKind& link) const
{
    auto roles = link.roles;
    if (roles.empty())
        roles = {"regular", "manager"};
    const auto& usual = _subject.role;
    const auto found = std::find(roles.begin(), roles.end(), usual);
    if (found != roles.end())
        std::rotate(roles.begin(), found, found + 1);
    else if (link.roles.empty() && !usual.empty())
        roles = {usual, roles.front()};
    return roles;
}

void Trial::requireSense(const Result& result) const
{
    require(result.trouble.empty(), result.trouble, "target.h, Lines");
    require(_host.misuse().empty(), _host.misuse(), "target.h, muster_host");
    require(result.status == MUSTER_OK || result.status == MUSTER_CANCELLED ||
                !result.message.empty(),
            "the call failed with status " + std::to_string(result.status) + " and did not say why",
            "target.h, Errors");
    for (const auto& secret : _settings.secrets)
        for (const auto* texts : {&result.texts, &_host.logs()})
            for (const auto& text : *texts)
                require(text.find(secret) == text.npos, "it says a secret: " + text,
                        "target.h, Sandbox");
}

void Trial::requireOneEach(const std::vector<Json>& changes, const Result& result)
{
    static const std::set<std::string> kStates{"applied", "unchanged", "rejected", "retry"};
    const auto outcomes = result.all("outcome");
    for (const auto& outcome : outcomes)
    {
        const auto id = outcome.value("id", Json());
        require(std::any_of(changes.begin(), changes.end(),
                            [&](const Json& change) { return change["id"] == id; }),
                "apply said an outcome for id " + id.dump() +
                    ", which is none of the batch: " + outcome.dump(),
                "target.h, apply: one outcome for each");
    }
    require(result.status == MUSTER_OK || !outcomes.empty(),
            "apply gave " + statusOf(result) + " and said no outcome of any change",
            "target.h, apply: one outcome for each");
    for (const auto& change : changes)
    {
        const auto count =
            std::count_if(outcomes.begin(), outcomes.end(), [&](const Json& outcome) {
                return outcome.value("id", Json()) == change["id"];
            });
        require(count == 1,
                "apply gave " + statusOf(result) + " and said " + std::to_string(count) +
                    " outcomes for the change " + change.dump(),
                "target.h, apply: one outcome for each");
    }
    for (const auto& outcome : outcomes)
    {
        const std::string state = isText(outcome, "state") ? outcome["state"] : "";
        require(kStates.count(state) > 0, "an unknown state: " + outcome.dump(), "target.h, apply");
        const auto isExplained =
            state == "applied" || state == "unchanged" || isText(outcome, "message");
        require(isExplained, "an outcome that does not say why: " + outcome.dump(),
                "target.h, apply: message");
        if (!outcome.contains("record"))
            continue;
        requireRecord(outcome["record"], "target.h, apply: record");
        require(isText(outcome["record"], "key"), "a record without key: " + outcome.dump(),
                "target.h, apply: record");
    }
}

} // namespace muster::testing
