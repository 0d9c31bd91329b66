#include "app/Rendering.h"

#include <algorithm>
#include <sstream>

namespace muster::app {

namespace {

constexpr size_t kFindingsShown = 20;

std::string textAt(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

/// "ada@contoso.com", or of a link "ada@contoso.com → Sales (manager)".
std::string whatOf(const Json& change)
{
    auto what = textAt(change, "key");
    if (const auto to = textAt(change, "toKey"); !to.empty())
        what += " → " + to;
    if (const auto role = textAt(change, "role"); !role.empty())
        what += " (" + role + ")";
    return what;
}

} // namespace

Colour colourOf(const std::string& state)
{
    if (state == "clear" || state == "succeeded" || state == "applied")
        return Colour::Green;
    if (state == "held" || state == "partial" || state == "waiting" || state == "interrupted" ||
        state == "warning")
        return Colour::Yellow;
    if (state == "refused" || state == "failed" || state == "error")
        return Colour::Red;
    return Colour::None;
}

std::string actionsOf(const Json& byAction)
{
    std::string text;
    for (const auto* action : {"create", "adopt", "update", "activate", "link", "unlink", "retire"})
        if (const auto found = byAction.find(action); found != byAction.end() && *found > 0)
            text +=
                (text.empty() ? "" : ", ") + std::to_string(found->get<int64_t>()) + " " + action;
    return text;
}

void showChanges(const Console& console, const Json& changes, Outcomes outcomes)
{
    if (changes.empty())
        return;
    std::vector<std::string> heading = {"ACTION", "KIND", "WHAT", "REASON"};
    if (outcomes == Outcomes::Shown)
        heading.insert(heading.end() - 1, "OUTCOME");
    Table table(heading);
    for (const auto& change : changes)
    {
        auto reason = textAt(change, "reason");
        if (const auto message = textAt(change, "message"); !message.empty())
            reason += (reason.empty() ? "" : "; ") + message;
        Table::Row row = {textAt(change, "action"), textAt(change, "kind"), whatOf(change), reason};
        const auto state = textAt(change, "state");
        if (outcomes == Outcomes::Shown)
            row.insert(row.end() - 1, {state, colourOf(state)});
        table.add(std::move(row));
    }
    console.print(table);
}

void showLines(const Console& console, const std::string& text)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        console.out << "  " << printable(line) << "\n";
}

void showFindings(const Console& console, const Json& findings)
{
    if (findings.empty())
        return;
    console.out << "\nFindings:\n";
    size_t shown = 0;
    for (const auto& finding : findings)
    {
        if (shown++ == kFindingsShown)
        {
            console.out << "  … and " << findings.size() - kFindingsShown
                        << " more; --json has them all.\n";
            break;
        }
        const auto severity = textAt(finding, "severity");
        console.out << "  " << coloured(severity, colourOf(severity), console.colours) << " "
                    << printable(textAt(finding, "message")) << "\n";
    }
}

void showGuards(const Console& console, const Json& guards)
{
    for (const auto& guard : guards)
        console.out << "  " << coloured("guard", Colour::Yellow, console.colours) << " "
                    << printable(textAt(guard, "message")) << "\n";
}

} // namespace muster::app
