#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::sandbox {

using Json = nlohmann::ordered_json;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// What a fault wants of the service that answers, where only the service can do it.
struct Tweak
{
    enum class Cursor
    {
        Valid,
        Gone,
        NotFound
    };

    Cursor cursor = Cursor::Valid; ///< how a $deltatoken or $skiptoken is to be refused
    bool emptyPage = false;        ///< a delta page without objects, with a nextLink
    int entraError = 0;            ///< the AADSTS number that a token request is refused with
};

/// A request as the services see it: a value, so that they need no socket and $batch can make its
/// own.
struct Request
{
    std::string method{};
    std::string path{}; ///< percent-decoded, without the query
    std::string rawQuery{};
    Fields query{}; ///< decoded
    Fields headers{};
    std::string body{};
    std::string baseUrl{}; ///< scheme and host as the client wrote them, without a slash at the end
    std::string id{};      ///< the server's request-id
    Tweak tweak{};

    std::optional<std::string> parameter(std::string_view name) const;
    /// The header's value, its name compared without case; empty when there is none.
    std::string header(std::string_view name) const;
    /// The body as JSON. Throws nlohmann::json::exception.
    Json json() const { return Json::parse(body); }
    /// Splits a target such as "/a?b=c" into path and query.
    void setTarget(std::string_view target);
};

struct Response
{
    int status = 200;
    std::string contentType = "application/json";
    std::string body{};
    Fields headers{};

    static Response json(int status, const Json& body);
};

/// What a request is called in counts and faults, and what answers it.
struct Route
{
    std::string name{};
    std::function<Response()> answer;
};

/// One of the systems that the sandbox plays. Thread-safe.
class Service
{
public:
    virtual ~Service() = default;
    virtual std::string name() const = 0;
    virtual bool owns(const std::string& path) const = 0;
    /// The route of a request that it owns. The request outlives the route.
    virtual Route route(const Request& request) = 0;
};

/// The path's segments: "/a/b" gives {"a", "b"}.
std::vector<std::string> segments(std::string_view path);
/// Compares ASCII letters without case.
bool equalsWithoutCase(std::string_view left, std::string_view right);
std::string lowerCase(std::string_view text);

} // namespace muster::sandbox
