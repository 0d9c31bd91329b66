#include "Report.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

namespace muster::testing {

namespace {

constexpr std::array kStates{"kept", "broken", "skipped"};

const char* nameOf(Report::State state)
{
    return kStates[static_cast<size_t>(state)];
}

/// The page that explains the rules: of the clone or the installed SDK that this program is a part
/// of.
std::string readmePath()
{
    namespace fs = std::filesystem;
    std::error_code failed;
    for (auto folder = fs::read_symlink("/proc/self/exe", failed); folder.has_relative_path();)
    {
        folder = folder.parent_path();
        const auto isClone = fs::exists(folder / "sdk/include/muster/target.h", failed);
        const auto readme = folder / (isClone ? "sdk/README.md" : "share/muster/sdk/README.md");
        if (fs::exists(readme, failed))
            return readme.string();
    }
    return "share/muster/sdk/README.md";
}

/// What is the same in two rules that break for one reason: the numbers of samples differ.
std::string causeOf(const std::string& problem)
{
    constexpr size_t kLongestStatus = 3;
    std::string cause;
    for (size_t at = 0; at < problem.size();)
    {
        const auto end = std::min(problem.find_first_not_of("0123456789", at), problem.size());
        if (end - at <= kLongestStatus)
            cause += problem.substr(at, std::max<size_t>(end - at, 1));
        at = std::max(end, at + 1);
    }
    return cause;
}

/// Where the rule is explained, with what usually breaks it.
std::string helpOf(const std::string& name)
{
    auto anchor = name;
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return readmePath() + "#" + anchor;
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
    std::map<std::string, std::string> causes; // and the first rule that it broke
    for (const auto& line : lines)
    {
        const std::string state = line.state == State::Broken ? "BROKEN" : nameOf(line.state);
        text += state + std::string(space.size() - state.size(), ' ') + line.name + "\n";
        const auto [first, isNew] = causes.emplace(causeOf(line.verdict.problem), line.name);
        if (line.state != State::Kept)
            text += space +
                    (isNew ? setIn(line.verdict.problem, space) : "as above: " + first->second) +
                    "\n";
        if (line.state == State::Broken && isNew)
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
