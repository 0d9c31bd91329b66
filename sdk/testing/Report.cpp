#include "Report.h"

#include <algorithm>
#include <array>

namespace muster::testing {

namespace {

constexpr std::array kStates{"kept", "broken", "skipped"};

const char* nameOf(Report::State state)
{
    return kStates[static_cast<size_t>(state)];
}

/// Where the rule is explained, with what usually breaks it.
std::string helpOf(const std::string& name)
{
    auto anchor = name;
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return "sdk/README.md#" + anchor;
}

/// Lines behind the first set in like it.
std::string setIn(std::string text, const std::string& space)
{
    for (size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 1 + space.size())
        text.insert(at + 1, space);
    return text;
}

} // namespace

size_t Report::count(State state) const
{
    return static_cast<size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const Line& line) { return line.state == state; }));
}

std::string Report::text() const
{
    const std::string space(9, ' ');
    auto text = library + ": " + id + " " + version + "\n\n";
    for (const auto& line : lines)
    {
        const std::string state = line.state == State::Broken ? "BROKEN" : nameOf(line.state);
        text += state + std::string(space.size() - state.size(), ' ') + line.name + "\n";
        if (line.state != State::Kept)
            text += space + setIn(line.verdict.problem, space) + "\n";
        if (line.state == State::Broken)
            text += space + "rule: " + line.verdict.rule + "\n" + space +
                    "help: " + helpOf(line.name) + "\n";
    }
    return text + "\n" + std::to_string(count(State::Kept)) + " rules kept, " +
           std::to_string(count(State::Broken)) + " broken, " +
           std::to_string(count(State::Skipped)) + " not tried\n";
}

std::string Report::json() const
{
    Json cases = Json::array();
    for (const auto& line : lines)
    {
        cases.push_back({{"name", line.name}, {"state", nameOf(line.state)}});
        if (line.state != State::Kept)
            cases.back()["problem"] = line.verdict.problem;
        if (line.state == State::Broken)
            cases.back().update({{"rule", line.verdict.rule}, {"help", helpOf(line.name)}});
    }
    const Json document{{"plugin", library},
                        {"id", id},
                        {"version", version},
                        {"kept", count(State::Kept)},
                        {"broken", count(State::Broken)},
                        {"skipped", count(State::Skipped)},
                        {"cases", cases}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace muster::testing
