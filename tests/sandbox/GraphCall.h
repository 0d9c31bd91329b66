#pragma once

#include "AccessTokens.h"
#include "Directory.h"
#include "Http.h"

#include <string>
#include <vector>

namespace muster::sandbox {

/// An error answer of Graph: contracts/graph.md section 4.2. Thrown by what answers a call.
class GraphError
{
public:
    GraphError(int status, std::string code, std::string message, Fields headers = {})
        : _status(status),
          _code(std::move(code)),
          _message(std::move(message)),
          _headers(std::move(headers))
    {}

    Response response(const Request& request) const;

private:
    int _status;
    std::string _code;
    std::string _message;
    Fields _headers;
};

/// A call of Graph whose token was accepted.
struct GraphCall
{
    const Request& request;
    AccessTokens::Claims app;
    SettingsValues settings;

    /// The names of $select; empty without one.
    std::vector<std::string> select() const;
    /// Throws GraphError when the query has one of these options, which the resource has not.
    void refuse(std::initializer_list<const char*> options) const;
    /// The id in the path. Throws GraphError 404 when it is none.
    Guid id(const std::string& text) const;
    bool isEventual() const
    {
        return equalsWithoutCase(request.header("ConsistencyLevel"), "eventual");
    }
};

/// The roles that let an app read objects of a kind, by listing them or as members of a group.
const std::vector<std::string>& readRoles(World::Kind kind);
std::string contextOf(const Request& request, const std::string& collection,
                      const std::vector<std::string>& select);

} // namespace muster::sandbox
