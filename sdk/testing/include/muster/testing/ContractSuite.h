#pragma once

#include <muster/testing/FakeHost.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace muster::testing {

/// A new, empty system for a target to work with, and the settings that lead there. A target that
/// sends no requests has a handler that answers whatever it likes.
struct World
{
    FakeHost::Handler handler;
    Json settings; ///< as in an estate, secrets included
};

/// A target to be tried, and what the suite must know of it.
struct Subject
{
    std::string library;  ///< the plugin's .so
    std::string manifest; ///< its plugin.json
    std::function<World()> world;
    Json scope; ///< of a sync, there in every world

    struct BadSetting
    {
        Json change;         ///< merged into good settings
        std::string setting; ///< the one that is wrong then
    };
    /// Settings that the schema allows and the plugin does not.
    std::vector<BadSetting> badSettings = {};

    /// Key, name and fields of the n-th record of a kind: {"key","name","fields"}.
    std::function<Json(const std::string& kind, int n)> sample;

    std::string role = {}; ///< that a link may have

    /// Until what was written shows in what is read; not zero for systems that live elsewhere.
    std::chrono::milliseconds settling{0};
    bool livesElsewhere() const { return settling.count() > 0; }

    /// Of a target with tickets: in a world made with these settings beside the usual ones there is
    /// one open ticket of that id, which somebody granted and whose form has a field of that
    /// identifier.
    struct Tickets
    {
        Json settings;
        std::function<World()> world;
        std::string id;
        std::string field;
    };
    std::optional<Tickets> tickets = {};

    /// How the library is loaded, when it is not into this process.
    std::function<const struct muster_plugin&(const std::string& library)> load = {};
};

/// A target does not do what it must.
class RuleBroken : public std::runtime_error
{
public:
    RuleBroken(const std::string& problem, const std::string& rule)
        : std::runtime_error(problem + "\n  rule: " + rule), _problem(problem), _rule(rule)
    {}
    const std::string& problem() const { return _problem; }
    const std::string& rule() const { return _rule; } ///< where it is written

private:
    std::string _problem;
    std::string _rule;
};

enum class Needs
{
    Plugin, ///< nothing else: whatever answers its requests will do
    System  ///< a world that works
};

struct Case
{
    std::string name; ///< a statement that can be false
    std::function<void()>
        run; ///< throws RuleBroken, or another exception over what it did not see coming
    Needs needs = Needs::System;
};

/// What every target must do (target.h). Each case makes a world and an instance of its own. Throws
/// std::exception when the manifest cannot be read.
std::vector<Case> contractSuite(const Subject& subject);

/// A record for Subject::sample that says what Muster's own modes claim of the kind.
Json usualSample(const std::string& kind, int n);

} // namespace muster::testing
