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
};

using Handler = std::function<ApiResponse(const ApiCall&)>;

/// What a request may have in its query or its body.
struct Member
{
    std::string name;
    std::string type = "string"; ///< of JSON Schema; an array is one of texts
};

/// What requests with a method and a path are answered by.
struct Route
{
    std::string method = "GET";
    std::string pattern;      ///< "/runs/{id}", "/documents/{id}.pdf"
    std::string summary = {}; ///< what it does, for whoever reads the OpenAPI document
    std::vector<Member> query = {};
    std::vector<Member> body = {};
    Right right = Right::SetUp; ///< whoever lacks it is refused before the handler is asked
    Handler handler;
    std::string type = "application/json"; ///< of the answer
};

/// Finds the handler of a request by method and path; of several that fit, the one that was added
/// first.
class Router
{
public:
    void add(Route route);

    /// Throws MissingError when there is no such path; UsageError when it does not take the method,
    /// or a member of the query or the body; and ForbiddenError.
    ApiResponse route(const ApiRequest& request, runtime::Progress& progress,
                      const runtime::Cancellation& cancellation) const;

    /// The member "paths" of an OpenAPI document: what each route does, its parameters and answers.
    Json paths() const;

private:
    struct Known
    {
        Route route;
        std::vector<std::string> segments; ///< of its pattern
    };
    std::vector<Known> _routes;
};

} // namespace muster::web
