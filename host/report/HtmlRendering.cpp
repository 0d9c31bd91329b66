#include "report/Rendering.h"

#include "sync/Plan.h"

namespace muster::report {

namespace {

using runtime::Severity;

constexpr const char* kFont = "font-family:Segoe UI,Helvetica,Arial,sans-serif;";
constexpr const char* kFaint = "color:#57606a;";

std::string escaped(const std::string& text)
{
    std::string result;
    for (const char each : plainLine(text))
        switch (each)
        {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        case '\'':
            result += "&#39;";
            break;
        default:
            result += each;
        }
    return result;
}

const char* colourOf(Severity severity)
{
    return severity == Severity::Error     ? "#b42318"
           : severity == Severity::Warning ? "#b54708"
                                           : "#57606a";
}

/// A line of text; the style comes after the usual one.
std::string line(const std::string& html, const std::string& style = {})
{
    return "<p style=\"margin:2px "
           "0;font-size:14px;line-height:20px;overflow-wrap:anywhere;word-break:"
           "break-word;" +
           style + "\">" + html + "</p>\n";
}

std::string heading(const std::string& text)
{
    return "<h2 style=\"margin:24px 0 8px;font-size:17px;line-height:24px;\">" + escaped(text) +
           "</h2>\n";
}

/// Outlook draws a border on a table cell, and on nothing else that is reliable.
std::string card(const char* colour, const std::string& html)
{
    return std::string("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" "
                       "cellspacing=\"0\" style=\"margin:0 0 10px;border-collapse:collapse;\">"
                       "<tr><td style=\"padding:8px 12px;background-color:#f6f8fa;border-left:"
                       "4px solid ") +
           colour + ";" + kFont + "\">\n" + html + "</td></tr></table>\n";
}

std::string groupHtml(const Group& group, const std::string& head)
{
    auto html = line(escaped(head), std::string("color:") + colourOf(group.severity) + ";");
    for (const auto& message : group.messages)
        html += line(escaped(message), std::string(kFaint) + "padding-left:12px;");
    if (const auto told = static_cast<int64_t>(group.messages.size());
        told > 0 && told < group.count)
        html += line("and " + std::to_string(group.count - told) + " more",
                     std::string(kFaint) + "padding-left:12px;");
    return html;
}

std::string syncHtml(const SyncReport& sync)
{
    const auto done = sync::doneText(sync.done);
    auto html = line("<b>" + escaped(sync.name) + "</b> <span style=\"" + kFaint + "\">" +
                     escaped(routeText(sync)) + "</span>");
    auto summary = escaped(done.empty() ? "nothing changed" : done);
    const auto add = [&](int64_t count, const char* word, Severity severity) {
        if (count > 0)
            summary += std::string("; <b style=\"color:") + colourOf(severity) + ";\">" +
                       std::to_string(count) + " " + word + "</b>";
    };
    add(sync.held, "held", Severity::Warning);
    add(sync.failed, "failed", Severity::Error);
    html += line(summary) + line(escaped(runsText(sync)), kFaint);
    for (const auto& failure : sync.failures)
        html +=
            line(escaped(std::to_string(failure.count) + " failed: " + failure.messages.front()),
                 std::string("color:") + colourOf(Severity::Error) + ";");
    for (const auto& trouble : sync.troubles)
        html += groupHtml(trouble, trouble.code + " runs: " + std::to_string(trouble.count));
    for (const auto& finding : sync.findings)
        html += groupHtml(finding, headText(finding));
    const bool isBad =
        sync.isQuarantined || sync.lastState == "failed" || (sync.lastRun == 0 && !sync.isManual);
    const bool isFine = !isBad && sync.failed == 0 && sync.held == 0;
    return card(isBad    ? colourOf(Severity::Error)
                : isFine ? "#2da44e"
                         : colourOf(Severity::Warning),
                html);
}

std::string tasksHtml(const Report& report)
{
    auto html = heading("What needs a person");
    if (report.tasks.empty())
        html += card("#2da44e", line("Nothing."));
    for (const auto& task : report.tasks)
        html +=
            card(colourOf(task.severity),
                 line("<b>" + escaped(task.customer + (task.sync.empty() ? "" : ", " + task.sync)) +
                      "</b>: " + escaped(task.what)) +
                     (task.remedy.empty() ? "" : line("To do: " + escaped(task.remedy))));
    return html;
}

} // namespace

std::string toHtml(const Report& report)
{
    const auto subject = escaped(subjectOf(report));
    auto html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
                subject +
                "</title>\n</head>\n<body style=\"margin:0;padding:0;background-color:#ffffff;\">\n"
                "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\">"
                "<tr><td align=\"center\">\n<table role=\"presentation\" width=\"100%\" "
                "cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:640px;\"><tr><td "
                "align=\"left\" style=\"padding:16px;color:#1f2328;" +
                kFont + "\">\n<h1 style=\"margin:0 0 4px;font-size:20px;line-height:28px;\">" +
                subject + "</h1>\n" +
                line(escaped("From " + timeText(report.since, report.zone) + " to " +
                             timeText(report.until, report.zone) + " (" + report.zone + ")"),
                     kFaint) +
                tasksHtml(report);
    for (const auto& customer : report.customers)
    {
        html += heading(titleOf(customer));
        for (const auto& sync : customer.syncs)
            html += syncHtml(sync);
        if (customer.syncs.empty())
            html += line("No sync is declared.", kFaint);
        std::string directory;
        for (const auto& finding : customer.findings)
            directory += groupHtml(finding, headText(finding));
        if (!directory.empty())
            html += card("#57606a", line("<b>The directory</b>") + directory);
    }
    if (report.customers.empty())
        html += line("No customer is declared: see muster apply --help.");
    return html + "</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n";
}

} // namespace muster::report
