#include <muster/testing/ContractSuite.h>

#include "Exports.h"

#include <muster/testing/Instance.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>

namespace muster::testing {

namespace {

constexpr int kSamples = 3; ///< records of each kind

[[noreturn]] void fail(const std::string& what, const std::string& rule)
{
    throw std::runtime_error(what + "\n  rule: " + rule);
}

void require(bool isKept, const std::string& what, const std::string& rule)
{
    if (!isKept)
        fail(what, rule);
}

Json readJson(const std::string& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return Json::parse(text.str());
}

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

/// A world, a host and an instance, and what the cases do with them.
class Trial
{
public:
    Trial(const Subject& subject, const Json& changedSettings = Json::object())
        : _subject(subject),
          _manifest(readJson(subject.manifest)),
          _world(subject.world()),
          _host(_world.handler)
    {
        auto settings = _world.settings;
        settings.merge_patch(changedSettings);
        const auto& plugin = loadPlugin(subject.library);
        const auto sockets = openSockets();
        _instance.emplace(plugin, _host.host(), withoutSecrets(settings, _manifest));
        _opensSockets = openSockets() != sockets;
    }

    Instance& instance() { return *_instance; }
    bool opensSockets() const { return _opensSockets; }
    FakeHost& host() { return _host; }
    const Json& manifest() const { return _manifest; }
    const FakeHost::Handler& world() const { return _world.handler; }

    bool can(const std::string& kind, const std::string& action) const
    {
        const auto actions = _manifest.at("records").value(kind, Json::array());
        return std::find(actions.begin(), actions.end(), action) != actions.end();
    }

    std::vector<Json> creates()
    {
        std::vector<Json> changes;
        for (const auto& [kind, actions] : _manifest.at("records").items())
            for (int n = 0; n < kSamples && can(kind, "create"); ++n)
                changes.push_back(change("create", kind, _subject.sample(kind, n)));
        return changes;
    }

    /// Applies, and looks at what every apply must give.
    std::vector<Json> apply(const std::vector<Json>& changes)
    {
        const auto result = _instance->apply(_subject.scope, changes);
        requireSense(result);
        const auto outcomes = result.all("outcome");
        requireOneEach(changes, outcomes);
        return outcomes;
    }

    /// Makes all samples and gives their records.
    std::vector<Json> populate()
    {
        std::vector<Json> records;
        for (const auto& outcome : apply(creates()))
        {
            require(outcome["state"] == "applied",
                    "a create into an empty system gave " + outcome.dump(), "target.h, apply");
            records.push_back(outcome.at("record"));
        }
        return records;
    }

    /// Everything else that its manifest says it can do with these records.
    std::vector<std::vector<Json>> furtherBatches(const std::vector<Json>& records)
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

    /// What the target says it holds, in an order of its own.
    Json state()
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
        auto links =
            read({{"scope", _subject.scope}, {"kinds", Json::array()}, {"linksInto", into}});
        require(links.status == MUSTER_OK, "read of links failed: " + links.message,
                "target.h, read");

        std::multiset<std::string> lines;
        for (const auto* part : {&result.lines, &links.lines})
            for (const auto& line : *part)
                lines.insert(line.dump());
        return lines;
    }

    Result read(const Json& request)
    {
        auto result = _instance->read(request);
        requireSense(result);
        return result;
    }

    Result check()
    {
        auto result = _instance->check({_subject.scope});
        requireSense(result);
        return result;
    }

    Json change(const std::string& action, const std::string& kind, const Json& record)
    {
        Json result{{"id", ++_lastId},      {"action", action},       {"kind", kind},
                    {"key", record["key"]}, {"name", record["name"]}, {"fields", record["fields"]}};
        if (record.contains("remoteId"))
            result["remoteId"] = record["remoteId"];
        return result;
    }

private:
    Json linkChange(const std::string& action, const Json& from, const Json& to)
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

    void requireSense(const Result& result) const
    {
        require(result.trouble.empty(), result.trouble, "target.h, Lines");
        require(_host.misuse().empty(), _host.misuse(), "target.h, muster_host");
        require(result.status == MUSTER_OK || result.status == MUSTER_CANCELLED ||
                    !result.message.empty(),
                "the call failed with status " + std::to_string(result.status) +
                    " and did not say why",
                "target.h, Errors");
        const auto secrets = withSecretsOnly();
        for (const auto& secret : secrets)
            for (const auto* texts : {&result.texts, &_host.logs()})
                for (const auto& text : *texts)
                    require(text.find(secret) == text.npos, "it says a secret: " + text,
                            "target.h, Sandbox");
    }

    std::vector<std::string> withSecretsOnly() const
    {
        const auto open = withoutSecrets(_world.settings, _manifest);
        std::vector<std::string> secrets;
        for (const auto& [name, value] : _world.settings.items())
            if (!open.contains(name) && value.is_string())
                secrets.push_back(value);
        return secrets;
    }

    static void requireOneEach(const std::vector<Json>& changes, const std::vector<Json>& outcomes)
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
            require(kStates.count(state) > 0, "an unknown state: " + outcome.dump(),
                    "target.h, apply");
            const auto isExplained =
                state == "applied" || state == "unchanged" || !outcome.value("message", "").empty();
            require(isExplained, "an outcome that does not say why: " + outcome.dump(),
                    "target.h, apply: message");
            if (outcome.contains("record"))
                require(!outcome["record"].value("remoteId", "").empty(),
                        "a record without remoteId: " + outcome.dump(), "target.h, apply: record");
        }
    }

    const Subject& _subject;
    Json _manifest;
    World _world;
    FakeHost _host;
    std::optional<Instance> _instance;
    bool _opensSockets = false; ///< while it was made
    int _lastId = 0;
};

std::vector<Json> inDoubt(std::vector<Json> changes)
{
    for (auto& change : changes)
        change["doubt"] = true;
    return changes;
}

FakeHost::Handler always(FakeAnswer answer)
{
    return [answer](const FakeRequest&) { return answer; };
}

FakeAnswer failureOf(const std::string& failure)
{
    FakeAnswer answer;
    answer.failure = failure;
    return answer;
}

std::pair<std::string, std::string> identityOf(const Json& record)
{
    return {record["kind"].get<std::string>(), record["key"].get<std::string>()};
}

/// Each key is there once: nothing was made twice, nothing is missing.
void requireEachOnce(Trial& trial, const std::vector<Json>& creates)
{
    std::multiset<std::pair<std::string, std::string>> there;
    for (const auto& line : trial.state())
        if (const auto json = Json::parse(line.get<std::string>()); json.contains("record"))
            there.insert(identityOf(json["record"]));
    for (const auto& create : creates)
    {
        const auto count = there.count(identityOf(create));
        require(count == 1,
                create["key"].get<std::string>() + " is there " + std::to_string(count) + " times",
                "target.h, apply: doubt; http: a write of unknown fate");
    }
}

// The cases.

void exportsOneSymbol(const Subject& subject)
{
    std::string names;
    for (const auto& name : exportsOf(subject.library))
        names += " " + name;
    require(names == " muster_plugin", "it exports:" + names,
            "target.h: a shared library that exports one symbol (link with sdk/target.map)");
}

void isWhatItsManifestSays(const Subject& subject)
{
    const auto manifest = readJson(subject.manifest);
    const auto& plugin = loadPlugin(subject.library);
    require(manifest.at("id") == plugin.id && manifest.at("version") == plugin.version,
            std::string("the library is ") + plugin.id + " " + plugin.version,
            "target.h, muster_plugin: id and version as in plugin.json");
    require(manifest.at("abi") ==
                std::to_string(plugin.abi_major) + "." + std::to_string(plugin.abi_minor),
            "the library was built for another version of target.h than plugin.json says",
            "target.h, Frozen");
}

void opensNoConnectionWhenItIsMade(const Subject& subject)
{
    Trial trial(subject);
    require(trial.instance().isMade(),
            "good settings are refused: " + trial.instance().created().message, "target.h, create");
    require(trial.host().requests().empty(), "create sends a request", "target.h, create");
    require(trial.host().misuse().empty(), trial.host().misuse(), "target.h, create");
    require(!trial.opensSockets(), "create opens a socket", "target.h, Sandbox");
}

void namesTheSettingThatIsBad(const Subject& subject)
{
    for (const auto& bad : subject.badSettings)
    {
        Trial trial(subject, bad.change);
        const auto& created = trial.instance().created();
        require(!trial.instance().isMade() && created.status == MUSTER_CONFIG,
                "it takes " + bad.change.dump(), "target.h, create: MUSTER_CONFIG");
        require(created.setting == bad.setting && !created.message.empty(),
                "for " + bad.change.dump() + " it names \"" + created.setting + "\" and says \"" +
                    created.message + "\"",
                "target.h, Errors: setting");
    }
}

void changesNothingInACheck(const Subject& subject)
{
    Trial trial(subject);
    trial.populate();
    const auto before = trial.state();
    const auto result = trial.check();
    require(result.status == MUSTER_OK, "check failed: " + result.message, "target.h, check");
    for (const auto& finding : result.all("finding"))
        require(finding.value("severity", "") != "error",
                "check finds an error in a world without one: " + finding.dump(),
                "target.h, check");
    require(trial.state() == before, "a check changed something", "target.h, check");
}

void readsBackWhatItMade(const Subject& subject)
{
    Trial trial(subject);
    const auto creates = trial.creates();
    trial.apply(creates);
    requireEachOnce(trial, creates);
}

void leadsToTheSameStateWhenABatchComesAgain(const Subject& subject)
{
    Trial trial(subject);
    const auto creates = trial.creates();
    std::vector<Json> records;
    for (const auto& outcome : trial.apply(creates))
        records.push_back(outcome.at("record"));
    const auto again = [&](const std::vector<Json>& batch) {
        const auto once = trial.state();
        for (const auto& outcome : trial.apply(inDoubt(batch)))
            require(outcome["state"] == "applied" || outcome["state"] == "unchanged",
                    "the second time gave " + outcome.dump(), "target.h, apply: doubt");
        require(trial.state() == once, "the second time led to another state: " + batch[0].dump(),
                "target.h, apply: doubt");
    };
    again(creates);
    for (const auto& batch : trial.furtherBatches(records))
    {
        if (batch.empty())
            continue;
        for (const auto& outcome : trial.apply(batch))
            require(outcome["state"] == "applied" || outcome["state"] == "unchanged",
                    "a change that its manifest offers gave " + outcome.dump(), "target.h, apply");
        again(batch);
    }
}

void refusesWhatItsManifestDoesNotOffer(const Subject& subject)
{
    Trial trial(subject);
    std::vector<Json> changes;
    const Json record{{"key", "x"}, {"name", "x"}, {"remoteId", "1"}, {"fields", Json::object()}};
    changes.push_back(trial.change("create", "unicorn", record));
    for (const auto& [kind, actions] : trial.manifest().at("records").items())
        for (const auto* action : {"create", "update", "activate", "retire"})
            if (!trial.can(kind, action))
                changes.push_back(trial.change(action, kind, record));
    for (const auto& outcome : trial.apply(changes))
        require(outcome["state"] == "rejected",
                "a change that its manifest does not offer gave " + outcome.dump(),
                "plugin.json, records");
}

void endsWithinTwoSecondsOfACancel(const Subject& subject)
{
    for (const size_t after : {0u, 1u, 2u})
    {
        Trial trial(subject);
        const auto creates = trial.creates();
        trial.host().cancelAfter(after);
        const auto start = std::chrono::steady_clock::now();
        const auto result = trial.instance().apply(subject.scope, creates);
        const auto read = trial.instance().read(
            {{"scope", subject.scope}, {"kinds", {creates.at(0).at("kind")}}});
        require(std::chrono::steady_clock::now() - start < std::chrono::seconds(2),
                "it goes on for more than two seconds", "target.h, is_cancelled");
        require(result.status == MUSTER_OK || result.status == MUSTER_CANCELLED,
                "a cancelled apply gave status " + std::to_string(result.status),
                "target.h, is_cancelled");
        require(read.status != MUSTER_OK || after > creates.size() ||
                    trial.manifest().value("origins", Json::array()).empty(),
                "a cancelled read says that it is whole", "target.h, read");
    }
}

void makesNothingTwiceWhenAnswersAreLost(const Subject& subject)
{
    for (const auto tookEffect : {true, false})
    {
        Trial trial(subject);
        const auto creates = trial.creates();
        size_t lost = 0;
        trial.host().answerWith([&](const FakeRequest& request) {
            if (request.isRepeatable || ++lost % 2 == 0)
                return trial.world()(request);
            if (tookEffect)
                trial.world()(request);
            return failureOf("unknown");
        });
        std::vector<Json> left;
        for (const auto& outcome : trial.apply(creates))
            if (outcome["state"] == "retry")
                for (const auto& create : creates)
                    if (create["id"] == outcome["id"])
                        left.push_back(create);
        trial.host().answerWith(trial.world());
        if (!left.empty())
            trial.apply(inDoubt(left));
        requireEachOnce(trial, creates);
    }
}

/// With `answer` to every request, every change is to be tried again and nothing counts as read.
void requireRetry(const Subject& subject, const FakeAnswer& answer)
{
    const auto what = answer.failure.empty() ? std::to_string(answer.status) : answer.failure;
    Trial trial(subject);
    const auto records = trial.populate();
    auto batches = trial.furtherBatches(records);
    batches.push_back(trial.creates());
    trial.host().answerWith(always(answer));
    for (const auto& batch : batches)
        for (const auto& outcome : batch.empty() ? std::vector<Json>() : trial.apply(batch))
            require(outcome["state"] == "retry",
                    "with " + what + " to every request: " + outcome.dump(),
                    "target.h, http: it says retry");
    const auto read = trial.read({{"scope", subject.scope}, {"kinds", {records.at(0).at("kind")}}});
    require(read.status == MUSTER_RETRY,
            "with " + what + " to every request, read gives status " + std::to_string(read.status),
            "target.h, read: MUSTER_RETRY");
    const auto check = trial.check();
    const auto findings = check.all("finding");
    const auto hasError = std::any_of(findings.begin(), findings.end(), [](const Json& finding) {
        return finding.value("severity", "") == "error";
    });
    require(check.status != MUSTER_OK || hasError,
            "with " + what + " to every request, check finds nothing wrong", "target.h, check");
}

void triesAgainLaterWhenThrottled(const Subject& subject)
{
    FakeAnswer answer{429, "{}"};
    answer.headers["retry-after"] = "7";
    requireRetry(subject, answer);
}

void triesAgainLaterAfterServerErrors(const Subject& subject)
{
    for (const int status : {500, 502, 503, 504})
        requireRetry(subject, {status, "<html>"});
}

void triesAgainLaterAfterCutAndSlowAnswers(const Subject& subject)
{
    requireRetry(subject, failureOf("unknown"));
    requireRetry(subject, failureOf("toolarge"));
}

void triesAgainLaterWhenThereIsNoConnection(const Subject& subject)
{
    requireRetry(subject, failureOf("unsent"));
}

void doesNotTakeGarbageForAnAnswer(const Subject& subject)
{
    for (const auto* garbage : {"", "<html>", "{", "null", "{}", "7", "\xff\xfe"})
    {
        Trial trial(subject);
        trial.host().answerWith(always({200, garbage}));
        for (const auto& outcome : trial.apply(trial.creates()))
            require(outcome["state"] != "applied",
                    std::string("the answer ") + garbage + " gave " + outcome.dump(),
                    "target.h, apply");
        const auto kind = trial.creates().at(0).at("kind");
        const auto read = trial.read({{"scope", subject.scope}, {"kinds", {kind}}});
        require(read.status != MUSTER_OK,
                std::string("the answer ") + garbage + " counts as a whole read",
                "target.h, read: when in doubt");
    }
}

void countsNoPartOfAReadAsWhole(const Subject& subject)
{
    Trial trial(subject);
    trial.populate();
    Json kinds = Json::array();
    for (const auto& [kind, actions] : trial.manifest().at("records").items())
        kinds.push_back(kind);
    size_t most = trial.host().requests().size();
    trial.state();
    most = trial.host().requests().size() - most;
    for (size_t answered = 0; answered < most; ++answered)
    {
        size_t count = 0;
        trial.host().answerWith([&](const FakeRequest& request) {
            return count++ < answered ? trial.world()(request) : failureOf("unknown");
        });
        const auto read = trial.read({{"scope", subject.scope}, {"kinds", kinds}});
        require(read.status == MUSTER_RETRY || count <= answered,
                "after " + std::to_string(answered) +
                    " answers the connection was lost, and read "
                    "gave status " +
                    std::to_string(read.status),
                "target.h, read: when in doubt, MUSTER_RETRY");
    }
}

void namesTheCredentialThatIsRefused(const Subject& subject)
{
    Trial trial(subject);
    const std::string setting = trial.manifest().at("credentials").at(0).at("setting");
    trial.host().answerWith(always({401, "{}"}));
    for (const auto& outcome : trial.apply(trial.creates()))
        require(outcome["state"] == "retry" &&
                    outcome.value("message", "").find(setting) != std::string::npos,
                "401 gave " + outcome.dump(), "target.h: a setting that someone must change");
    const auto kind = trial.creates().at(0).at("kind");
    const auto read = trial.read({{"scope", subject.scope}, {"kinds", {kind}}});
    require(read.status == MUSTER_CONFIG && read.setting == setting,
            "401 gave status " + std::to_string(read.status) + " and setting \"" + read.setting +
                "\"",
            "target.h, MUSTER_CONFIG");
}

/// The same subject in a world with a ticket.
Subject withTickets(Subject subject)
{
    subject.world = [tickets = *subject.tickets] {
        auto world = tickets.world();
        world.settings.merge_patch(tickets.settings);
        return world;
    };
    return subject;
}

Json onlyTicket(const Result& result, const std::string& id)
{
    const auto tickets = result.all("ticket");
    require(result.status == MUSTER_OK && result.trouble.empty() && tickets.size() == 1 &&
                tickets[0].value("id", "") == id,
            "it says not the one ticket " + id + ": status " + std::to_string(result.status) + " " +
                result.trouble + result.message,
            "target.h, struct muster_requests");
    return tickets[0];
}

void saysTheTicketThatIsThere(const Subject& subject)
{
    Trial trial(withTickets(subject));
    const auto& id = subject.tickets->id;
    require(onlyTicket(trial.instance().tickets(), id).value("status", "") == "granted",
            "the list does not say that ticket " + id + " was granted", "target.h, tickets");
    const auto ticket = onlyTicket(trial.instance().ticket(id), id);
    require(ticket.value("status", "") == "granted" && !ticket.value("isClosed", false),
            "the ticket is " + ticket.dump(), "target.h, ticket");
    bool isFound = false;
    for (const auto& form : ticket.at("forms"))
        for (const auto& field : form.at("fields"))
            isFound = isFound || field.at("identifier") == subject.tickets->field;
    require(isFound, "the field " + subject.tickets->field + " is not in " + ticket.dump(),
            "target.h, ticket");
    const auto other = trial.instance().ticket("999999");
    require(other.status == MUSTER_OK && other.lines.empty(), "there is a ticket 999999",
            "target.h, ticket: nothing when it is not there");
}

void saysPlacesThatAreScopes(const Subject& subject)
{
    Trial trial(withTickets(subject));
    bool isFound = false;
    for (const auto& place : trial.instance().places().all("place"))
        isFound = isFound || place.at("scope") == subject.scope;
    require(isFound, "the scope " + subject.scope.dump() + " is not among its places",
            "target.h, places");
}

void changesATicketAsItIsTold(const Subject& subject)
{
    Trial trial(withTickets(subject));
    auto& instance = trial.instance();
    const auto& id = subject.tickets->id;
    for (int i = 0; i < 2; ++i)
        require(instance.setStatus(id, "in-progress").status == MUSTER_OK,
                "the status could not be set twice", "target.h, set_status");
    require(onlyTicket(instance.ticket(id), id).value("status", "") == "in-progress",
            "the status is not what was set", "target.h, set_status");
    require(instance.writeNote(id, "a *note*").status == MUSTER_OK, "no note could be written",
            "target.h, write_note");
    require(instance.setStatus(id, "closed").status == MUSTER_OK, "it could not be closed",
            "target.h, set_status");
    require(instance.tickets().all("ticket").empty(), "a closed ticket is said to be open",
            "target.h, tickets");
    require(instance.setStatus("999999", "closed").status == MUSTER_REJECTED,
            "a ticket that is not there was closed", "target.h, MUSTER_REJECTED");
}

void triesTicketsAgainLaterAfterServerErrors(const Subject& subject)
{
    Trial trial(withTickets(subject));
    auto& instance = trial.instance();
    const auto& id = subject.tickets->id;
    trial.host().answerWith(always({503, "{}"}));
    for (const auto& result : {instance.tickets(), instance.ticket(id), instance.places(),
                               instance.setStatus(id, "closed"), instance.writeNote(id, "note")})
        require(result.status == MUSTER_RETRY && result.lines.empty(),
                "503 gave status " + std::to_string(result.status), "target.h, MUSTER_RETRY");
    trial.host().answerWith(always({200, "<html>"}));
    for (const auto& result : {instance.tickets(), instance.ticket(id), instance.places()})
        require(result.status != MUSTER_OK && result.lines.empty(),
                "a page that is no JSON gave status " + std::to_string(result.status),
                "target.h, struct muster_requests");
}

} // namespace

std::vector<Case> contractSuite(const Subject& subject)
{
    const auto manifest = readJson(subject.manifest);
    std::vector<Case> cases;
    const auto add = [&](const char* name, void (*run)(const Subject&)) {
        cases.push_back({name, [subject, run] { run(subject); }});
    };
    add("exportsOneSymbol", &exportsOneSymbol);
    add("isWhatItsManifestSays", &isWhatItsManifestSays);
    add("opensNoConnectionWhenItIsMade", &opensNoConnectionWhenItIsMade);
    add("namesTheSettingThatIsBad", &namesTheSettingThatIsBad);
    add("changesNothingInACheck", &changesNothingInACheck);
    add("readsBackWhatItMade", &readsBackWhatItMade);
    add("leadsToTheSameStateWhenABatchComesAgain", &leadsToTheSameStateWhenABatchComesAgain);
    add("refusesWhatItsManifestDoesNotOffer", &refusesWhatItsManifestDoesNotOffer);
    add("endsWithinTwoSecondsOfACancel", &endsWithinTwoSecondsOfACancel);
    if (subject.tickets)
    {
        add("saysTheTicketThatIsThere", &saysTheTicketThatIsThere);
        add("saysPlacesThatAreScopes", &saysPlacesThatAreScopes);
        add("changesATicketAsItIsTold", &changesATicketAsItIsTold);
        add("triesTicketsAgainLaterAfterServerErrors", &triesTicketsAgainLaterAfterServerErrors);
    }
    if (manifest.value("origins", Json::array()).empty())
        return cases;
    add("makesNothingTwiceWhenAnswersAreLost", &makesNothingTwiceWhenAnswersAreLost);
    add("triesAgainLaterWhenThrottled", &triesAgainLaterWhenThrottled);
    add("triesAgainLaterAfterServerErrors", &triesAgainLaterAfterServerErrors);
    add("triesAgainLaterAfterCutAndSlowAnswers", &triesAgainLaterAfterCutAndSlowAnswers);
    add("triesAgainLaterWhenThereIsNoConnection", &triesAgainLaterWhenThereIsNoConnection);
    add("doesNotTakeGarbageForAnAnswer", &doesNotTakeGarbageForAnAnswer);
    add("countsNoPartOfAReadAsWhole", &countsNoPartOfAReadAsWhole);
    if (!manifest.value("credentials", Json::array()).empty())
        add("namesTheCredentialThatIsRefused", &namesTheCredentialThatIsRefused);
    return cases;
}

} // namespace muster::testing
