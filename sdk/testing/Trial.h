#pragma once

#include "manifest/PartedSettings.h"

#include <muster/testing/ContractSuite.h>
#include <muster/testing/Instance.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::testing {

/// Throws RuleBroken unless the rule is kept; `rule` is where it is written.
void require(bool isKept, const std::string& problem, const std::string& rule);

/// Throws plugins::ManifestError.
plugins::TargetManifest targetManifestOf(const Subject& subject);

const struct muster_plugin& pluginOf(const Subject& subject);

/// What a target says it holds, as it said it (target.h, read).
struct Content
{
    std::vector<Json> records = {};
    std::vector<Json> links = {};
};

using Identity = std::pair<std::string, std::string>; ///< kind and key

Identity identityOf(const Json& record);

/// "contact ann@contoso.example", for people.
std::string nameOf(const Json& record);

/// Used by one thread. A world, a host and an instance, and what the cases do with them.
class Trial
{
public:
    static constexpr int kSamples = 3; ///< records of each kind

    explicit Trial(const Subject& subject, const Json& changedSettings = Json::object());
    /// Retires what was made, in a system that lives on.
    ~Trial();
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    Instance& instance() { return *_instance; }
    bool opensSockets() const { return _opensSockets; } ///< while it was made
    FakeHost& host() { return _host; }
    const plugins::TargetManifest& manifest() const { return _manifest; }
    const FakeHost::Handler& world() const { return _world.handler; }

    bool can(const std::string& kind, const std::string& action) const
    {
        return _manifest.can(kind, action);
    }
    Json sample(const std::string& kind, int n) const { return _subject.sample(kind, n); }

    /// What makes a few samples of each kind.
    std::vector<Json> creates();

    /// Applies, in batches as large as its manifest allows, and looks at what every apply must
    /// give.
    std::vector<Json> apply(const std::vector<Json>& changes);

    /// Applies changes that its manifest offers and that are possible.
    void carryOut(const std::vector<Json>& changes);

    /// Makes what is not there yet, and gives its records.
    std::vector<Json> made(const std::vector<Json>& creates);

    /// Makes all samples and gives their records.
    std::vector<Json> populate() { return made(creates()); }

    /// Everything else that its manifest says it can do with these records.
    std::vector<std::vector<Json>> furtherBatches(const std::vector<Json>& records);

    /// What the target says it holds.
    Content content();

    /// The same as one value to compare.
    Json state();

    /// Looks at the content; again for a while when what was written may show late.
    void look(const std::function<void(const Content&)>& at);

    Result read(const Json& request);
    Result check();
    Json change(const std::string& action, const std::string& kind, const Json& record);
    Json link(const Json& from, const Json& to, const std::string& role);
    Json unlink(const Json& from, const Json& to);

    /// Roles to try a kind of link of its manifest with: those it lists, or two that modes use.
    std::vector<std::string> rolesOf(const plugins::LinkKind& link) const;

private:
    void noteWhatIsThere();
    void retireMade();
    Content contentOf(Instance& instance);
    Result readOf(Instance& instance, const Json& request);
    Json linkChange(const std::string& action, const Json& from, const Json& to);
    std::vector<Json> applyBatch(const std::vector<Json>& changes);
    void requireSense(const Result& result) const;
    static void requireOneEach(const std::vector<Json>& changes, const Result& result);

    const Subject& _subject;
    plugins::TargetManifest _manifest;
    World _world;
    plugins::PartedSettings _settings; ///< the plugin gets the open ones
    FakeHost _host;
    std::optional<Instance> _instance;
    bool _opensSockets = false;
    int _lastId = 0;
    /// What was active before, in a system that lives on.
    std::optional<std::set<Identity>> _before = {};
    std::set<Identity> _made = {}; ///< all that may have been made
};

} // namespace muster::testing
