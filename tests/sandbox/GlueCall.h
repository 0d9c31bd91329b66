#pragma once

#include "GlueRecords.h"
#include "Http.h"

#include <functional>
#include <string>
#include <vector>

namespace muster::sandbox {

using GluePath = std::vector<std::string>;

/// A request to IT Glue with its body read. Used by one thread.
struct GlueCall
{
    const Request& request;
    Json body; ///< discarded when it is no JSON

    explicit GlueCall(const Request& source);

    bool hasBody() const { return !request.body.empty(); }
    bool sendsList() const;
    /// The attributes of the one object in "data", in kebab case. Throws GlueError: 400, and 422
    /// for a list, which the route of a `resource` does not take.
    Json attributes(const std::string& resource) const;
    /// The same of each object in "data", which may be one or a list.
    std::vector<Json> list() const;
    /// The "data" of a body. Throws GlueError: 400.
    const Json& data() const;
};

/// What a call is named in counts and faults, and what answers it.
struct GlueRoute
{
    std::string name{};
    std::function<Response(const GlueCall&)> answer{};
};

Response glueAnswer(int status, const Json& body);
Response glueRefusal(const GlueError& error);

/// The id in a path. Throws GlueError: 404.
GlueId glueIdOf(const std::string& text);
/// The id in an attribute, a number or a text; nothing when there is none.
std::optional<GlueId> glueIdOf(const Json& attributes, const char* name);

/// Applies a list of changes as the settings say of bulk requests. `check` throws GlueError for a
/// wrong change and gives what applies a right one, which gives the object that it made of it.
Json applyBulk(const std::vector<Json>& changes, const SettingsValues& settings,
               const std::function<std::function<Json()>(const Json&)>& check);

} // namespace muster::sandbox
