#pragma once

#include "web/Api.h"

#include <string>
#include <vector>

namespace muster::web {

/// A request with what its route found in the path, and who watches it.
struct ApiCall
{
    const ApiRequest& request;
    std::map<std::string, std::string> parameters; ///< "{name}" of the pattern, decoded
    runtime::Progress& progress;
    const runtime::Cancellation& cancellation;

    /// A member of the query; the default when it is not there.
    std::string query(const std::string& name, const std::string& otherwise = {}) const;

    /// A whole number of the query that is not negative. Throws UsageError.
    size_t number(const std::string& name, size_t otherwise) const;

    /// Members of the body. Throw UsageError when they have another type.
    std::string text(const std::string& name) const;
    bool flag(const std::string& name) const;
    std::vector<std::string> texts(const std::string& name) const;

    /// Who asks, for a log: the name of the token or, on this machine, what the body says.
    std::string actor() const;

    /// Throws UsageError when the body is no object, or has other members than these.
    void takes(const std::vector<std::string>& members) const;
};

using Handler = std::function<ApiResponse(const ApiCall&)>;

/// Finds the handler of a request by method and path pattern ("/runs/{id}", "/documents/{id}.pdf");
/// of several that fit, by the one that was added first.
class Router
{
public:
    /// `summary` is what it does, for whoever reads the OpenAPI document. Whoever lacks the right
    /// is refused before the handler is asked.
    void add(const std::string& method, const std::string& pattern, const std::string& summary,
             Handler handler, Right right = Right::SetUp);

    /// The same of what answers GET with a file of another type than JSON.
    void addFile(const std::string& pattern, const std::string& type, const std::string& summary,
                 Handler handler, Right right);

    /// Throws UsageError when there is no such path, or not with that method, and ForbiddenError.
    ApiResponse route(const ApiRequest& request, runtime::Progress& progress,
                      const runtime::Cancellation& cancellation) const;

    /// The member "paths" of an OpenAPI document: what each route does, its parameters and answers.
    Json paths() const;

private:
    struct Route
    {
        std::string method;
        std::string pattern;
        std::string summary;
        std::vector<std::string> segments;
        Handler handler;
        Right right = Right::SetUp;
        std::string type = "application/json";
    };
    std::vector<Route> _routes;
};

} // namespace muster::web
