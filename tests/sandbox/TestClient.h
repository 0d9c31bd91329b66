#pragma once

#include "Http.h"
#include "SandboxServer.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace muster::sandbox {

/// What a test got from the sandbox over HTTP.
struct Answer
{
    int status = 0;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;

    Json json() const { return Json::parse(body); }
    /// The error code of Graph.
    std::string code() const { return json().at("error").at("code").get<std::string>(); }
};

/// Talks to a sandbox as its clients do, on a connection of its own for each request.
/// Used by one thread.
class TestClient
{
public:
    TestClient(const SandboxServer& server, std::string tenant)
        : _server(server), _tenant(std::move(tenant))
    {}

    /// One request as it is. Throws Poco::Exception when no answer comes.
    Answer send(const std::string& method, const std::string& target, const Fields& headers = {},
                const std::string& body = {}) const;
    /// The bytes that come back, to the end of the connection.
    std::string sendRaw(const std::string& method, const std::string& target,
                        const Fields& headers = {}, const std::string& body = {}) const;

    /// Asks the token endpoint, with `changes` to the usual fields; an empty value leaves one out.
    Answer token(const std::map<std::string, std::string>& changes = {}) const;
    /// Asks Graph with a fresh token. A target may be a whole link of the sandbox.
    Answer graph(const std::string& target, const Fields& headers = {}) const;
    Answer graphPost(const std::string& target, const Json& body) const;
    /// Asks DeskDirector: paths below the connector's, or from /api/ on.
    Answer desk(const std::string& method, const std::string& path, const Json& body = {}) const;
    /// Asks IT Glue.
    Answer glue(const std::string& method, const std::string& target, const Json& body = {}) const;

    struct Round
    {
        std::vector<Json> objects;
        std::vector<Json> pages;
        std::string deltaLink;
    };
    /// All pages of a delta round. `betweenPages` is called after each page but the last.
    Round round(const std::string& link, const Fields& headers = {},
                const std::function<void()>& betweenPages = {}) const;

private:
    std::string bearer() const;

    const SandboxServer& _server;
    std::string _tenant;
};

/// The mirror that a client would keep, as naive as can be: upserts and removals as they come.
class NaiveMirror
{
public:
    struct Entry
    {
        Json properties = Json::object();
        std::set<std::string> members;
        std::set<std::string> owners;
    };

    void apply(const std::vector<Json>& objects);
    const std::map<std::string, Entry>& entries() const { return _entries; }
    bool has(const std::string& id) const { return _entries.count(id) > 0; }

private:
    std::map<std::string, Entry> _entries;
};

/// A world-file id made of a number: kind 1 for groups, 2 for users, and so on.
std::string testId(int kind, int number);

} // namespace muster::sandbox
