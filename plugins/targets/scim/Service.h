#pragma once

#include "Listing.h"
#include "Resources.h"

#include <muster/Rest.hpp>

#include <optional>
#include <string>
#include <vector>

namespace scim {

using muster::target::Answer;
using muster::target::Request;

/// A SCIM service's own words are in "detail" (RFC 7644, 3.12).
class ScimFailures : public muster::target::Failures
{
public:
    ScimFailures() : Failures("the SCIM service", "token") {}

protected:
    std::string reasonIn(const Json& body) const override { return textIn(body, "detail"); }
};

/// Used by one thread: that of the call under way. Requests of a SCIM service (RFC 7644), and what
/// their answers mean.
class Service
{
public:
    explicit Service(muster::target::Host& host) : _host(host) {}

    muster::target::Host& host() const { return _host; }
    const muster::target::Failures& failures() const { return _failures; }

    static Request get(const std::string& path);
    static Request write(const std::string& method, const std::string& path, const Json& body);

    /// The search for a user of this userName, or a group of this displayName.
    static Request search(const Change& change);

    /// The resource that a search found; nothing when there is none, `unclear` when the answer is
    /// no answer to a search.
    struct Found
    {
        std::optional<Json> resource = {};
        bool isUnclear = false;
    };
    static Found found(const Change& change, const Answer& answer);

    /// All resources behind a path, each once, or an exception: half a list would look like
    /// removals. `path` ends with "?" or "&".
    std::vector<Record> list(const std::string& path, Listing::Convert convert) const;

private:
    Answer page(const std::string& path, size_t start, size_t count) const;
    void requirePlaces(const std::string& path, const std::vector<Record>& records) const;

    muster::target::Host& _host;
    ScimFailures _failures;
};

} // namespace scim
