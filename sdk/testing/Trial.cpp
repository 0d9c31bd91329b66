#include "Trial.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace muster::testing {

namespace {

constexpr int kSamples = 3; ///< records of each kind

/// As the host does it: what is a credential or writeOnly never gets to the plugin.
Json withoutSecrets(Json settings, const Json& manifest)
{
    for (const auto& place : manifest.value("credentials", Json::array()))
        settings.erase(place.at("setting").get<std::string>());
    const auto schema = manifest.value("settings", Json::object());
    const auto properties = schema.value("properties", Json::object());
    for (const auto& [name, property] : properties.items())
        if (property.value("writeOnly", false))
            settings.erase(name);
    return settings;
}

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

Json readJson(const std::string& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return Json::parse(text.str());
}

const struct muster_plugin& pluginOf(const Subject& subject)
{
    return subject.load ? subject.load(subject.library) : loadPlugin(subject.library);
}

Trial::Trial(const Subject& subject, const Json& changedSettings)
    : _subject(subject),
      _manifest(readJson(subject.manifest)),
      _world(subject.world()),
      _host(_world.handler)
{
    auto settings = _world.settings;
    settings.merge_patch(changedSettings);
    const auto& plugin = pluginOf(subject);
    const auto sockets = openSockets();
    _instance.emplace(plugin, _host.host(), withoutSecrets(settings, _manifest));
    // Of a plugin that is in another process they do not show here.
    _opensSockets = !subject.load && openSockets() != sockets;
}

bool Trial::can(const std::string& kind, const std::string& action) const
{
    const auto actions = _manifest.at("records").value(kind, Json::array());
    return std::find(actions.begin(), actions.end(), action) != actions.end();
}

std::vector<Json> Trial::creates()
{
    std::vector<Json> changes;
    for (const auto& [kind, actions] : _manifest.at("records").items())
        for (int n = 0; n < kSamples && can(kind, "create"); ++n)
            changes.push_back(change("create", kind, _subject.sample(kind, n)));
    return changes;
}

std::vector<Json> Trial::apply(const std::vector<Json>& changes)
{
    const auto result = _instance->apply(_subject.scope, changes);
    requireSense(result);
    const auto outcomes = result.all("outcome");
    requireOneEach(changes, outcomes);
    return outcomes;
}

std::vector<Json> Trial::populate()
{
    std::vector<Json> records;
    for (const auto& outcome : apply(creates()))
    {
        require(outcome["state"] == "applied",
                "a create into an empty system gave " + outcome.dump(), "target.h, apply");
        require(outcome.contains("record"), "a create says no record: " + outcome.dump(),
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
    for (const auto& link : _manifest.value("links", Json::array()))
        for (const auto& from : records)
            for (const auto& to : records)
                if (from["kind"] == link["from"] && to["kind"] == link["to"])
                {
                    links.push_back(linkChange("link", from, to));
                    unlinks.push_back(linkChange("unlink", from, to));
                }
    unlinks.resize(unlinks.size() / 2);
    return {updates, links, unlinks, retires, activates};
}

Json Trial::state()
{
    Json kinds = Json::array();
    for (const auto& [kind, actions] : _manifest.at("records").items())
        kinds.push_back(kind);
    auto result = read({{"scope", _subject.scope}, {"kinds", kinds}});
    require(result.status == MUSTER_OK, "read failed: " + result.message, "target.h, read");

    std::set<std::string> destinations;
    for (const auto& link : _manifest.value("links", Json::array()))
        destinations.insert(link["to"]);
    Json into = Json::array();
    for (const auto& record : result.all("record"))
        if (destinations.count(record["kind"]))
            into.push_back({{"kind", record["kind"]}, {"remoteId", record["remoteId"]}});
    auto links = read({{"scope", _subject.scope}, {"kinds", Json::array()}, {"linksInto", into}});
    require(links.status == MUSTER_OK, "read of links failed: " + links.message, "target.h, read");

    std::multiset<std::string> lines;
    for (const auto* part : {&result.lines, &links.lines})
        for (const auto& line : *part)
            lines.insert(line.dump());
    return lines;
}

Result Trial::read(const Json& request)
{
    auto result = _instance->read(request);
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
    Json result{{"id", ++_lastId},      {"action", action},       {"kind", kind},
                {"key", record["key"]}, {"name", record["name"]}, {"fields", record["fields"]}};
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
    Json result{{"id", ++_lastId}, {"action", action}, {"from", end(from)}, {"to", end(to)}};
    if (action == "link")
        result["role"] = _subject.role;
    return result;
}

void Trial::requireSense(const Result& result) const
{
    require(result.trouble.empty(), result.trouble, "target.h, Lines");
    require(_host.misuse().empty(), _host.misuse(), "target.h, muster_host");
    require(result.status == MUSTER_OK || result.status == MUSTER_CANCELLED ||
                !result.message.empty(),
            "the call failed with status " + std::to_string(result.status) + " and did not say why",
            "target.h, Errors");
    for (const auto& secret : secrets())
        for (const auto* texts : {&result.texts, &_host.logs()})
            for (const auto& text : *texts)
                require(text.find(secret) == text.npos, "it says a secret: " + text,
                        "target.h, Sandbox");
}

std::vector<std::string> Trial::secrets() const
{
    const auto open = withoutSecrets(_world.settings, _manifest);
    std::vector<std::string> secrets;
    for (const auto& [name, value] : _world.settings.items())
        if (!open.contains(name) && value.is_string())
            secrets.push_back(value);
    return secrets;
}

void Trial::requireOneEach(const std::vector<Json>& changes, const std::vector<Json>& outcomes)
{
    static const std::set<std::string> kStates{"applied", "unchanged", "rejected", "retry"};
    for (const auto& change : changes)
    {
        const auto count =
            std::count_if(outcomes.begin(), outcomes.end(), [&](const Json& outcome) {
                return outcome.value("id", Json()) == change["id"];
            });
        require(count == 1, std::to_string(count) + " outcomes for the change " + change.dump(),
                "target.h, apply: one outcome for each");
    }
    require(outcomes.size() == changes.size(), "outcomes for changes that were not asked for",
            "target.h, apply");
    for (const auto& outcome : outcomes)
    {
        const std::string state = outcome.value("state", "");
        require(kStates.count(state) > 0, "an unknown state: " + outcome.dump(), "target.h, apply");
        const auto isExplained =
            state == "applied" || state == "unchanged" || !outcome.value("message", "").empty();
        require(isExplained, "an outcome that does not say why: " + outcome.dump(),
                "target.h, apply: message");
        if (!outcome.contains("record"))
            continue;
        for (const auto* member : {"kind", "key", "remoteId"})
        {
            const auto value = outcome["record"].value(member, Json());
            require(value.is_string() && value != "",
                    std::string("a record without ") + member + ": " + outcome.dump(),
                    "target.h, apply: record");
        }
    }
}

} // namespace muster::testing
