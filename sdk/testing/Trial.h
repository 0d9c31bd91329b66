#pragma once

#include <muster/testing/ContractSuite.h>
#include <muster/testing/Instance.h>

#include <optional>
#include <string>
#include <vector>

namespace muster::testing {

/// Throws RuleBroken unless the rule is kept; `rule` is where it is written.
void require(bool isKept, const std::string& problem, const std::string& rule);

Json readJson(const std::string& file);

const struct muster_plugin& pluginOf(const Subject& subject);

/// Used by one thread. A world, a host and an instance, and what the cases do with them.
class Trial
{
public:
    explicit Trial(const Subject& subject, const Json& changedSettings = Json::object());

    Instance& instance() { return *_instance; }
    bool opensSockets() const { return _opensSockets; } ///< while it was made
    FakeHost& host() { return _host; }
    const Json& manifest() const { return _manifest; }
    const FakeHost::Handler& world() const { return _world.handler; }

    bool can(const std::string& kind, const std::string& action) const;

    /// What makes a few samples of each kind.
    std::vector<Json> creates();

    /// Applies, and looks at what every apply must give.
    std::vector<Json> apply(const std::vector<Json>& changes);

    /// Makes all samples and gives their records.
    std::vector<Json> populate();

    /// Everything else that its manifest says it can do with these records.
    std::vector<std::vector<Json>> furtherBatches(const std::vector<Json>& records);

    /// What the target says it holds, in an order of its own.
    Json state();

    Result read(const Json& request);
    Result check();
    Json change(const std::string& action, const std::string& kind, const Json& record);

private:
    Json linkChange(const std::string& action, const Json& from, const Json& to);
    void requireSense(const Result& result) const;
    std::vector<std::string> secrets() const;
    static void requireOneEach(const std::vector<Json>& changes, const std::vector<Json>& outcomes);

    const Subject& _subject;
    Json _manifest;
    World _world;
    FakeHost _host;
    std::optional<Instance> _instance;
    bool _opensSockets = false;
    int _lastId = 0;
};

} // namespace muster::testing
