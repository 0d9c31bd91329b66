#include "requests/Notes.h"

#include <algorithm>

namespace muster::requests {

namespace {

constexpr size_t kMostFindings = 20;

std::string countsOf(const sync::Run& run)
{
    auto counts = sync::doneText(run.byAction);
    const auto add = [&](int64_t count, const std::string& what) {
        if (count > 0)
            counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    };
    add(run.unchanged, "unchanged");
    add(run.failed, "failed");
    add(run.held, "held for approval");
    return counts.empty() ? "nothing to change" : counts;
}

std::string findingsOf(const sync::Run& run)
{
    std::string text;
    size_t count = 0;
    for (const auto& finding : run.findings)
        if (++count <= kMostFindings)
            text += "- " + runtime::toText(finding.severity) + ": " + finding.message + "\n";
    if (count > kMostFindings)
        text += "- and " + std::to_string(count - kMostFindings) + " more: `muster run " +
                std::to_string(run.id) + "`\n";
    return text.empty() ? text : "\nWhat somebody should know:\n\n" + text;
}

std::string markOf(const Request& request)
{
    return "Muster, request " + std::to_string(request.id) + ", note " +
           std::to_string(request.notes);
}

} // namespace

std::string noteOfRun(const Request& request, const sync::Run& run)
{
    auto text = "Muster ran the sync **" + request.sync + "** (" + request.mode +
                ") for the tenant " + request.tenant + ".\n\nRun " + std::to_string(run.id) + " " +
                sync::toText(run.state) + ": " + countsOf(run) + ".\n";
    if (!run.message.empty())
        text += "\n" + run.message + "\n";
    if (run.held > 0)
        text += "\nWhat is held waits until somebody looks at it with `muster plan " +
                request.sync + "` and lets it pass with `muster sync " + request.sync +
                " --approve`.\n";
    return text + findingsOf(run);
}

std::string noteOfFailure(const Request& request, const std::string& why)
{
    return "Muster could not run the sync **" + request.sync + "** (" + request.mode +
           ") for the tenant " + request.tenant + ": " + why +
           "\n\nThis ticket stays as it is. When that is mended, run `muster sync " + request.sync +
           "`; the schedule tries it too.\n";
}

std::string noteOfDecline(const Request& request)
{
    return "The request was declined: nothing was synced" +
           (request.tenant.empty() ? std::string() : " for the tenant " + request.tenant) +
           ". To ask again, submit the form again.\n";
}

std::string noteOfProblem(const std::string& problem)
{
    return "Muster did not run this request. " + problem +
           "\n\nCorrect the form of this ticket and it is taken up again, or submit a new one.\n";
}

std::string signedNote(const Request& request)
{
    return request.note + "\n" + markOf(request) + "\n";
}

bool isAmong(const Request& request, const std::vector<std::string>& notes)
{
    const auto mark = markOf(request);
    return std::any_of(notes.begin(), notes.end(), [&](const std::string& note) {
        const auto at = note.rfind(mark);
        return at != note.npos && (at + mark.size() == note.size() ||
                                   note[at + mark.size()] < '0' || note[at + mark.size()] > '9');
    });
}

} // namespace muster::requests
