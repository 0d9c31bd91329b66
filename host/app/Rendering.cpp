#include "app/Rendering.h"

#include <algorithm>
#include <iomanip>
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
    // The key of a document is an id.
    const auto shown = [&](const char* kind, const char* key, const char* name) {
        const auto title = textAt(change, name);
        return textAt(change, kind) == "group-document" && !title.empty() ? title
                                                                          : textAt(change, key);
    };
    auto what = shown("kind", "key", "name");
    if (const auto to = shown("toKind", "toKey", "toName"); !to.empty())
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

void showPlan(const Console& console, const Json& plan)
{
    const auto& changes = plan.at("changes");
    console.out << printable(plan.at("sync")) << ": ";
    if (plan.at("id") == 0)
    {
        console.out << "no plan can be made\n";
        for (const auto& guard : plan.at("guards"))
            showLines(console, guard.at("message"));
        return;
    }
    const std::string verdict = plan.at("verdict");
    const int64_t total = plan.at("total");
    const auto left =
        static_cast<int64_t>(std::count_if(changes.begin(), changes.end(), [](const Json& change) {
            return change.at("state") == "superseded";
        }));
    console.out << "plan " << plan.at("id") << ", "
                << coloured(verdict, colourOf(verdict), console.colours) << ", ";
    if (total == 0)
        console.out << "nothing to change";
    else
        console.out << counted(total, "change") << " (" << actionsOf(plan.at("byAction")) << ")";
    if (plan.at("held") > 0)
        console.out << ", " << plan.at("held") << " held";
    console.out << "\n";
    showGuards(console, plan.at("guards"));
    if (!changes.empty())
        console.out << "\n";
    showChanges(console, changes,
                plan.at("held") > 0 || left > 0 ? Outcomes::Shown : Outcomes::Hidden);
    if (const auto hidden = total + left - static_cast<int64_t>(changes.size()); hidden > 0)
        console.out << "… and " << hidden << " more: --json lists them all.\n";
    showFindings(console, plan.at("findings"));
}

void showRun(const Console& console, const Json& run)
{
    const std::string state = run.at("state");
    const auto& changes = run.at("changes");
    const auto& requests = run.at("requests");
    std::ostringstream seconds;
    seconds << std::fixed << std::setprecision(1) << run.at("seconds").get<double>();
    console.out << printable(run.at("sync")) << ": run " << run.at("id") << " "
                << coloured(state, colourOf(state), console.colours) << ", ";
    if (changes.at("planned") == 0)
        console.out << "nothing to change";
    else
    {
        console.out << changes.at("applied") << " of "
                    << counted(changes.at("planned").get<int64_t>(), "change") << " applied";
        if (const auto actions = actionsOf(changes.at("byAction")); !actions.empty())
            console.out << " (" << actions << ")";
        for (const auto* other : {"unchanged", "held", "failed"})
            if (changes.at(other) > 0)
                console.out << ", " << changes.at(other) << " " << other;
    }
    console.out << "; " << counted(requests.at("source").get<int64_t>(), "request")
                << " to the directory, " << requests.at("target") << " to the target, "
                << seconds.str() << " s\n";
    if (run.contains("message"))
        showLines(console, run.at("message"));
    if (run.contains("guards"))
        showGuards(console, run.at("guards"));
    if (changes.at("failed") > 0)
        console.out << "  muster run " << run.at("id") << " tells what happened to each.\n";
    showFindings(console, run.at("findings"));
}

} // namespace muster::app
