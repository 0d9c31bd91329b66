#include <muster/testing/ContractSuite.h>

#include "Exports.h"
#include "ReadBackCases.h"
#include "TicketCases.h"
#include "Trial.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace muster::testing {

namespace {

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

void exportsOneSymbol(const Subject& subject)
{
    constexpr size_t kShown = 3;
    auto names = exportsOf(subject.library);
    const auto own = std::find(names.begin(), names.end(), "muster_plugin");
    require(own != names.end(), "it does not export muster_plugin",
            "target.h: a shared library that exports one symbol");
    names.erase(own);
    std::string more;
    for (size_t i = 0; i < std::min(names.size(), kShown); ++i)
        more += (i > 0 ? ", " : "") + names[i];
    if (names.size() > kShown)
        more += " and " + std::to_string(names.size() - kShown) + " more";
    require(names.empty(), "beside muster_plugin it exports " + more,
            "target.h: a shared library that exports one symbol; muster_add_target() sees to it, "
            "or -Wl,--version-script= with sdk/cmake/target.map (installed: "
            "lib/cmake/MusterSDK/target.map)");
}

void isWhatItsManifestSays(const Subject& subject)
{
    const auto manifest = targetManifestOf(subject);
    const auto& plugin = pluginOf(subject);
    require(plugin.abi_major == MUSTER_ABI_MAJOR && plugin.abi_minor <= MUSTER_ABI_MINOR,
            "it was built for version " + std::to_string(plugin.abi_major) + "." +
                std::to_string(plugin.abi_minor) + " of target.h, and this SDK has " +
                std::to_string(MUSTER_ABI_MAJOR) + "." + std::to_string(MUSTER_ABI_MINOR),
            "target.h, Frozen");
    require(plugin.id && plugin.version && plugin.create && plugin.destroy && plugin.check &&
                plugin.read && plugin.apply,
            "muster_plugin lacks a function, or its id or version",
            "target.h, struct muster_plugin");
    require(manifest.id == plugin.id && manifest.version == plugin.version,
            std::string("the library is ") + plugin.id + " " + plugin.version,
            "target.h, struct muster_plugin: as in plugin.json");
    require(manifest.abiMajor == static_cast<int>(plugin.abi_major) &&
                manifest.abiMinor == static_cast<int>(plugin.abi_minor),
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

void leadsToTheSameStateWhenABatchComesAgain(const Subject& subject)
{
    Trial trial(subject);
    const auto creates = trial.creates();
    const auto records = trial.made(creates);
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
        trial.carryOut(batch);
        again(batch);
    }
}

void refusesWhatItsManifestDoesNotOffer(const Subject& subject)
{
    Trial trial(subject);
    std::vector<Json> changes;
    const Json record{{"key", "x"}, {"name", "x"}, {"remoteId", "1"}, {"fields", Json::object()}};
    changes.push_back(trial.change("create", "unicorn", record));
    for (const auto& [kind, actions] : trial.manifest().records)
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
                    trial.manifest().origins.empty(),
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
        requireEachOnce(trial, creates, "target.h, apply: doubt; http: a write of unknown fate");
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
    for (const auto& [kind, actions] : trial.manifest().records)
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
    const auto& setting = trial.manifest().credentials.at(0).setting;
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

} // namespace

Json usualSample(const std::string& kind, int n)
{
    const auto number = std::to_string(n);
    if (kind == "contact")
    {
        const auto address = "ann" + number + "@contoso.example";
        // Of a form that systems which look at phone numbers take.
        const auto phone = "+1 202 555 01" + std::to_string(10 + n % 90);
        return {{"key", address},
                {"name", "Ann" + number + " Number " + number},
                {"fields",
                 {{"email", address},
                  {"firstName", "Ann" + number},
                  {"lastName", "Number " + number},
                  {"title", "Clerk " + number},
                  {"phone", phone}}}};
    }
    const auto name = "Group " + number;
    if (kind == "group-document")
    {
        auto id = std::string("11111111-2222-4333-8444-000000000000");
        id.replace(id.size() - number.size(), number.size(), number);
        return {{"key", id},
                {"name", name},
                {"fields",
                 {{"type", "security"},
                  {"key", id},
                  {"name", name},
                  {"description", "What group " + number + " is for"},
                  {"mail", "group" + number + "@contoso.example"},
                  {"domain", "contoso.example"},
                  {"membership", "Assigned"},
                  {"membersText", {"Ann Number " + number + " <ann@contoso.example>"}},
                  {"devicesText", {"laptop-" + number}},
                  {"owners", {"Bo Number " + number}},
                  {"status", "Enabled"},
                  {"tenant", "3f0c0e0e-0000-4000-8000-000000000001"},
                  {"integration", "Contoso"}}}};
    }
    return {{"key", name}, {"name", name}, {"fields", {{"name", name}}}};
}

std::vector<Case> contractSuite(const Subject& subject)
{
    const auto manifest = targetManifestOf(subject);
    std::vector<Case> cases;
    const auto add = [&](const char* name, void (*run)(const Subject&),
                         Needs needs = Needs::System) {
        cases.push_back({name, [subject, run] { run(subject); }, needs});
    };
    add("exportsOneSymbol", &exportsOneSymbol, Needs::Plugin);
    add("isWhatItsManifestSays", &isWhatItsManifestSays, Needs::Plugin);
    add("opensNoConnectionWhenItIsMade", &opensNoConnectionWhenItIsMade, Needs::Plugin);
    add("namesTheSettingThatIsBad", &namesTheSettingThatIsBad, Needs::Plugin);
    add("changesNothingInACheck", &changesNothingInACheck);
    for (auto& one : readBackCases(subject, manifest))
        cases.push_back(std::move(one));
    add("leadsToTheSameStateWhenABatchComesAgain", &leadsToTheSameStateWhenABatchComesAgain);
    add("refusesWhatItsManifestDoesNotOffer", &refusesWhatItsManifestDoesNotOffer);
    add("endsWithinTwoSecondsOfACancel", &endsWithinTwoSecondsOfACancel);
    if (subject.tickets)
        for (auto& one : ticketCases(subject))
            cases.push_back(std::move(one));
    if (manifest.origins.empty())
        return cases;
    add("makesNothingTwiceWhenAnswersAreLost", &makesNothingTwiceWhenAnswersAreLost);
    add("triesAgainLaterWhenThrottled", &triesAgainLaterWhenThrottled);
    add("triesAgainLaterAfterServerErrors", &triesAgainLaterAfterServerErrors);
    add("triesAgainLaterAfterCutAndSlowAnswers", &triesAgainLaterAfterCutAndSlowAnswers);
    add("triesAgainLaterWhenThereIsNoConnection", &triesAgainLaterWhenThereIsNoConnection);
    add("doesNotTakeGarbageForAnAnswer", &doesNotTakeGarbageForAnAnswer, Needs::Plugin);
    add("countsNoPartOfAReadAsWhole", &countsNoPartOfAReadAsWhole);
    if (!manifest.credentials.empty())
        add("namesTheCredentialThatIsRefused", &namesTheCredentialThatIsRefused, Needs::Plugin);
    return cases;
}

} // namespace muster::testing
