#include "Faults.h"

#include <set>
#include <stdexcept>

namespace muster::sandbox {

namespace {

const std::set<std::string>& kinds()
{
    static const std::set<std::string> all{"status",
                                           "throttle",
                                           "htmlError",
                                           "garbage",
                                           "unauthorizedOnce",
                                           "drop",
                                           "cut",
                                           "cutChunked",
                                           "slow",
                                           "dribble",
                                           "takesEffectThen",
                                           "expireCursor",
                                           "missing",
                                           "repeat",
                                           "reorder",
                                           "emptyPage",
                                           "loop",
                                           "wrongHostLink",
                                           "tokenError"};
    return all;
}

Fault faultOf(const Json& json)
{
    Fault fault{.kind = json.value("kind", ""), .fields = json};
    if (kinds().count(fault.kind) == 0)
        throw std::invalid_argument("fault: there is no kind \"" + fault.kind + '"');
    if (fault.kind == "takesEffectThen")
        faultOf(json.value("then", Json::object()));
    return fault;
}

} // namespace

void Faults::add(const Json& rules)
{
    std::vector<Rule> added;
    try
    {
        for (const auto& rule : rules.is_array() ? rules : Json::array({rules}))
            added.push_back(parse(rule));
    }
    catch (const nlohmann::json::exception& error)
    {
        throw std::invalid_argument(std::string("fault: ") + error.what());
    }
    catch (const std::regex_error& error)
    {
        throw std::invalid_argument(std::string("fault: the path pattern is wrong: ") +
                                    error.what());
    }
    const std::lock_guard lock(_mutex);
    _rules.insert(_rules.end(), std::make_move_iterator(added.begin()),
                  std::make_move_iterator(added.end()));
}

void Faults::clear()
{
    const std::lock_guard lock(_mutex);
    _rules.clear();
}

Json Faults::json() const
{
    const std::lock_guard lock(_mutex);
    Json json = Json::array();
    for (const auto& rule : _rules)
    {
        json.push_back(rule.source);
        json.back()["seen"] = rule.seen;
        json.back()["hit"] = rule.hit;
    }
    return json;
}

std::optional<Fault> Faults::take(const Request& request, const std::string& route)
{
    const std::lock_guard lock(_mutex);
    for (auto& rule : _rules)
    {
        if ((rule.times >= 0 && rule.hit >= rule.times) || !rule.fits(request, route))
            continue;
        if (++rule.seen <= rule.after)
            continue;
        ++rule.hit;
        return rule.fault;
    }
    return std::nullopt;
}

Faults::Rule Faults::parse(const Json& json)
{
    const Json match = json.value("match", Json::object());
    Rule rule;
    rule.source = json;
    rule.fault = faultOf(json);
    rule.method = match.value("method", "");
    rule.route = match.value("route", "");
    rule.after = json.value("after", 0L);
    rule.times = json.value("times", 1L);
    const std::string path = match.value("path", "");
    if (!path.empty() && path.front() == '^')
        rule.pathPattern = std::regex(path);
    else
        rule.pathStart = path;
    return rule;
}

bool Faults::Rule::fits(const Request& request, const std::string& name) const
{
    if (!method.empty() && method != request.method)
        return false;
    if (!route.empty() && route != name)
        return false;
    if (request.path.compare(0, pathStart.size(), pathStart) != 0)
        return false;
    return !pathPattern ||
           std::regex_search(request.rawQuery.empty() ? request.path
                                                      : request.path + '?' + request.rawQuery,
                             *pathPattern);
}

} // namespace muster::sandbox
