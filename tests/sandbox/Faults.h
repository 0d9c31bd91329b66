#pragma once

#include "Http.h"

#include <mutex>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace muster::sandbox {

/// What goes wrong with one answer; README.md lists the kinds and their fields.
struct Fault
{
    std::string kind{};
    Json fields{};
};

/// The rules that say which requests go wrong. Thread-safe.
class Faults
{
public:
    /// Adds a rule or an array of rules. Throws std::invalid_argument.
    void add(const Json& rules);
    void clear();
    /// The rules with how often each one "seen" and "hit".
    Json json() const;

    /// The fault of the first rule that fits the request and is not used up; counts it.
    std::optional<Fault> take(const Request& request, const std::string& route);

private:
    struct Rule
    {
        Json source;
        std::string method;
        std::string pathStart;
        std::optional<std::regex> pathPattern;
        std::string route;
        long after = 0;
        long times = 1; ///< below zero: always
        long seen = 0;
        long hit = 0;
        Fault fault;

        bool fits(const Request& request, const std::string& name) const;
    };

    static Rule parse(const Json& json);

    mutable std::mutex _mutex; ///< guards _rules
    std::vector<Rule> _rules;
};

} // namespace muster::sandbox
