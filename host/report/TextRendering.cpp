#include "report/Rendering.h"

#include "sync/Plan.h"

#include <sstream>

namespace muster::report {

namespace {

constexpr size_t kColumns = 78;

/// The columns of a text, one for each character; near enough for mail.
size_t columnsIn(const std::string& text)
{
    size_t columns = 0;
    for (const char each : text)
        columns += (static_cast<unsigned char>(each) & 0xC0U) == 0x80U ? 0 : 1;
    return columns;
}

/// Writes the text wrapped, the first line after `first`, the others indented as far.
void paragraph(std::ostream& out, const std::string& first, const std::string& text)
{
    const std::string indent(columnsIn(first), ' ');
    out << first;
    size_t column = columnsIn(first);
    bool isFresh = true;
    std::istringstream words(plainLine(text));
    for (std::string word; words >> word;)
    {
        if (!isFresh && column + 1 + columnsIn(word) > kColumns)
        {
            out << "\n" << indent;
            column = indent.size();
            isFresh = true;
        }
        out << (isFresh ? "" : " ") << word;
        column += columnsIn(word) + (isFresh ? 0 : 1);
        isFresh = false;
    }
    out << "\n";
}

void groupText(std::ostream& out, const Group& group, const std::string& head)
{
    paragraph(out, "    ", head);
    for (const auto& message : group.messages)
        paragraph(out, "      - ", message);
    if (const auto told = static_cast<int64_t>(group.messages.size());
        told > 0 && told < group.count)
        paragraph(out, "      - ", "and " + std::to_string(group.count - told) + " more");
}

void syncText(std::ostream& out, const SyncReport& sync)
{
    out << "\n";
    paragraph(out, "  ", sync.name + " (" + routeText(sync) + ")");
    auto done = sync::doneText(sync.done);
    if (done.empty())
        done = "nothing changed";
    if (sync.held > 0)
        done += "; " + std::to_string(sync.held) + " held";
    if (sync.failed > 0)
        done += "; " + std::to_string(sync.failed) + " failed";
    paragraph(out, "    ", done);
    paragraph(out, "    ", runsText(sync));
    for (const auto& failure : sync.failures)
        paragraph(out, "    ",
                  std::to_string(failure.count) + " failed: " + failure.messages.front());
    for (const auto& trouble : sync.troubles)
        groupText(out, trouble, trouble.code + " runs: " + std::to_string(trouble.count));
    for (const auto& finding : sync.findings)
        groupText(out, finding, headText(finding));
}

} // namespace

std::string plainLine(const std::string& text)
{
    std::string line;
    for (const char each : text)
    {
        const auto code = static_cast<unsigned char>(each);
        line += code < 32 || code == 127 ? ' ' : each;
    }
    return line;
}

std::string toText(const Report& report)
{
    std::ostringstream out;
    paragraph(out, "", subjectOf(report));
    paragraph(out, "",
              "From " + timeText(report.since, report.zone) + " to " +
                  timeText(report.until, report.zone) + " (" + report.zone + ")");
    out << "\nWHAT NEEDS A PERSON\n\n";
    if (report.tasks.empty())
        out << "Nothing.\n";
    for (const auto& task : report.tasks)
    {
        paragraph(out, "* ",
                  task.customer + (task.sync.empty() ? "" : ", " + task.sync) + ": " + task.what);
        if (!task.remedy.empty())
            paragraph(out, "  ", "To do: " + task.remedy);
    }
    for (const auto& customer : report.customers)
    {
        out << "\n";
        const auto title = plainLine(titleOf(customer));
        out << title << "\n" << std::string(std::min(columnsIn(title), kColumns), '-') << "\n";
        for (const auto& sync : customer.syncs)
            syncText(out, sync);
        if (customer.syncs.empty())
            out << "\n  No sync is declared.\n";
        if (!customer.findings.empty())
            out << "\n  The directory\n";
        for (const auto& finding : customer.findings)
            groupText(out, finding, headText(finding));
    }
    if (report.customers.empty())
        out << "\nNo customer is declared: see muster apply --help.\n";
    return out.str();
}

} // namespace muster::report
