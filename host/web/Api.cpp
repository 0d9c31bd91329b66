#include "web/Api.h"

#include "estate/Faults.h"
#include "runtime/Errors.h"
#include "web/Resources.h"

#include <Poco/Exception.h>

#include <sstream>

namespace muster::web {

namespace {

struct ProblemKind
{
    int status;
    int exitCode;
    const char* name;
    const char* title;
};

constexpr ProblemKind kUsage{400, 2, "usage", "The request makes no sense"};
constexpr ProblemKind kMissing{404, 2, "missing", "There is no such thing"};
constexpr ProblemKind kConfiguration{422, 78, "configuration", "A setting must be changed"};
constexpr ProblemKind kRetry{503, 75, "unreachable", "It may work later"};
constexpr ProblemKind kForbidden{403, 1, "forbidden", "You may not"};
constexpr ProblemKind kRejected{409, 1, "rejected", "It was refused"};
constexpr ProblemKind kCancelled{499, 130, "cancelled", "It was cancelled"};
constexpr ProblemKind kInternal{500, 1, "internal", "Muster made a mistake"};

ApiResponse problem(const ProblemKind& kind, const std::string& detail)
{
    return {.status = kind.status,
            .exitCode = kind.exitCode,
            .body = {{"type", std::string("urn:muster:problem:") + kind.name},
                     {"title", kind.title},
                     {"status", kind.status},
                     {"detail", detail},
                     {"exitCode", kind.exitCode}}};
}

ApiResponse estateProblem(const estate::EstateError& error)
{
    auto response = problem(kConfiguration, error.what());
    auto errors = Json::array();
    for (const auto& fault : error.faults())
        errors.push_back({{"file", fault.file},
                          {"line", fault.line},
                          {"key", fault.key},
                          {"message", fault.message}});
    response.body["errors"] = std::move(errors);
    return response;
}

} // namespace

std::string textOf(const Json& value)
{
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json toJson(const runtime::Finding& finding)
{
    return {{"code", finding.code},
            {"severity", runtime::toText(finding.severity)},
            {"message", finding.message},
            {"group", finding.group},
            {"key", finding.key}};
}

Json toJson(const std::vector<runtime::Finding>& findings)
{
    auto list = Json::array();
    for (const auto& finding : findings)
        list.push_back(toJson(finding));
    return list;
}

void ApiResponse::write(std::ostream& out) const
{
    if (stream)
        stream(out);
    else
        out << textOf(body) << "\n";
}

Json ApiResponse::document() const
{
    if (!stream)
        return body;
    std::stringstream text;
    stream(text);
    return Json::parse(text);
}

class Api::Implementation
{
public:
    explicit Implementation(ApiParts given) : parts(std::move(given))
    {
        addEstate(router, parts);
        addChecks(router, parts);
        addGroups(router, parts);
        addSyncs(router, parts);
        addPlugins(router, parts);
        addSecrets(router, parts);
        addTokens(router, parts);
        addSchedule(router, parts);
        addRequests(router, parts);
        addReport(router, parts);
        addExports(router, parts);
        addDocuments(router, parts);
    }

    ApiParts parts;
    Router router;
};

Api::Api(ApiParts parts) : _implementation(std::make_unique<Implementation>(std::move(parts)))
{}

Api::~Api() = default;

Json Api::paths() const
{
    return _implementation->router.paths();
}

ApiResponse Api::handle(const ApiRequest& request, runtime::Progress& progress,
                        const runtime::Cancellation& cancellation)
{
    try
    {
        return _implementation->router.route(request, progress, cancellation);
    }
    catch (const std::exception&)
    {
        return problemInFlight();
    }
}

ApiResponse problemInFlight()
{
    try
    {
        throw;
    }
    catch (const estate::EstateError& error)
    {
        return estateProblem(error);
    }
    catch (const MissingError& error)
    {
        return problem(kMissing, error.what());
    }
    catch (const UsageError& error)
    {
        return problem(kUsage, error.what());
    }
    catch (const ConfigError& error)
    {
        return problem(kConfiguration, error.what());
    }
    catch (const ForbiddenError& error)
    {
        return problem(kForbidden, error.what());
    }
    catch (const RetryError& error)
    {
        return problem(kRetry, error.what());
    }
    catch (const RejectedError& error)
    {
        return problem(kRejected, error.what());
    }
    catch (const CancelledError&)
    {
        return problem(kCancelled, "it was cancelled; what was done until then stays");
    }
    catch (const Poco::Exception& error)
    {
        return problem(kInternal, error.displayText());
    }
    catch (const std::exception& error)
    {
        return problem(kInternal, error.what());
    }
}

} // namespace muster::web
