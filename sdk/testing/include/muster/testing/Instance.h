#pragma once

#include <muster/testing/FakeHost.h>

#include <muster/target.h>

#include <string>
#include <vector>

namespace muster::testing {

/// What a call of a plugin gave.
struct Result
{
    int32_t status = MUSTER_REJECTED;
    std::vector<Json> lines = {};        ///< without errors
    std::vector<std::string> texts = {}; ///< every line as it was said
    std::string message = {};            ///< of the last error
    std::string setting = {};            ///< of the last error
    std::string trouble = {};            ///< lines that are not what target.h says; empty: none

    /// The inner objects of the lines of one sort, {"outcome":{...}}.
    std::vector<Json> all(const std::string& what) const;
};

/// Loads the plugin of a file for good. Throws std::runtime_error.
const struct muster_plugin& loadPlugin(const std::string& library);

/// Used by one thread. An instance of a plugin, and its calls with JSON in place of text.
class Instance
{
public:
    Instance(const struct muster_plugin& plugin, const muster_host& host, const Json& settings);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Of create; the calls below are for an instance that was made.
    const Result& created() const { return _created; }
    bool isMade() const { return _instance != nullptr; }

    Result check(const std::vector<Json>& scopes);
    /// `request` is the inner object: {"scope","kinds","linksInto"}.
    Result read(const Json& request);
    Result apply(const Json& scope, const std::vector<Json>& changes);

    /// Calls of the extension MUSTER_REQUESTS; a plugin without it fails them.
    Result tickets();
    Result ticket(const std::string& id);
    Result places();
    Result setStatus(const std::string& ticket, const std::string& status);
    Result writeNote(const std::string& ticket, const std::string& text);

private:
    void* made() const;
    const struct muster_requests& extension() const;

    const struct muster_plugin& _plugin;
    void* _instance = nullptr;
    Result _created;
};

} // namespace muster::testing
