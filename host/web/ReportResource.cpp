#include "estate/ScheduleText.h"
#include "report/Rendering.h"
#include "runtime/Errors.h"
#include "web/Resources.h"

namespace muster::web {

namespace {

report::Report reportSince(ApiParts& parts, const std::string& since)
{
    const auto span = estate::timeSpan(since.empty() ? "1d" : since);
    if (!span)
        throw UsageError("since: '" + since +
                         "' is no time: write a number with s, m, h or d, as in 1d");
    return parts.reporter.report(parts.clock.now() - *span);
}

ApiResponse showReport(ApiParts& parts, const ApiCall& call)
{
    const auto report = reportSince(parts, call.query("since"));
    const auto form = call.query("form", "json");
    if (form == "json")
        return {.body = report::toJson(report)};
    if (form == "text")
        return {.body = {{"text", report::toText(report)}}};
    if (form == "html")
        return {.body = {{"html", report::toHtml(report)}}};
    throw UsageError("form: '" + form + "' is none: write json, text or html");
}

ApiResponse sendReport(ApiParts& parts, const ApiCall& call)
{
    const auto report =
        reportSince(parts, call.request.body.is_object() && call.request.body.contains("since")
                               ? call.text("since")
                               : std::string());
    call.progress.report("sending the report", 0, 0);
    const auto delivery = parts.reporter.send(report, call.cancellation);
    auto refused = Json::array();
    for (const auto& refusal : delivery.refused)
        refused.push_back({{"address", refusal.address}, {"why", refusal.why}});
    const int exitCode = delivery.refused.empty() && delivery.isCertain ? 0 : 1;
    return {.exitCode = exitCode,
            .body = {{"subject", report::subjectOf(report)},
                     {"to", delivery.to},
                     {"refused", std::move(refused)},
                     {"certain", delivery.isCertain}}};
}

} // namespace

void addReport(Router& router, ApiParts& parts)
{
    router.add({.pattern = "/report",
                .summary = "What happened since a time (1d) and what needs a person; ?form= is "
                           "json, text or html.",
                .query = {{"since"}, {"form"}},
                .handler = [&](const ApiCall& call) { return showReport(parts, call); }});
    router.add({.method = "POST",
                .pattern = "/report",
                .summary = "Mail the report now.",
                .body = {{"since"}},
                .handler = [&](const ApiCall& call) { return sendReport(parts, call); }});
}

} // namespace muster::web
