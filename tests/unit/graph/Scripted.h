#pragma once

#include "directory/ManualClock.h"
#include "graph/Session.h"
#include "http/RawServer.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace muster::testing {

/// A server whose answers stand in a list, one per request, the last again and again; "" hangs up.
class Scripted
{
public:
    explicit Scripted(std::vector<std::string> answers)
        : _answers(std::move(answers)), _server([this](Connection& connection, int) {
              while (true)
              {
                  const auto request = connection.readRequest();
                  if (request.empty())
                      return;
                  const auto text = next(request);
                  connection.write(text);
                  if (text.empty() || text.find("content-length: 99999") != text.npos)
                      return;
              }
          })
    {}

    std::string url(const std::string& path = "") const { return _server.url(path); }
    int connections() const { return _server.connections(); }

    std::vector<std::string> requests()
    {
        const std::lock_guard lock(_mutex);
        return _requests;
    }

private:
    std::string next(const std::string& request)
    {
        const std::lock_guard lock(_mutex);
        _requests.push_back(request);
        return _answers[std::min(_requests.size(), _answers.size()) - 1];
    }

    std::mutex _mutex; ///< guards _requests
    std::vector<std::string> _requests;
    std::vector<std::string> _answers;
    RawServer _server;
};

inline std::string json(const std::string& body, const std::string& headers = {},
                        const std::string& status = "200 OK")
{
    return answer(body, "content-type: application/json\r\n" + headers, status);
}

inline std::string tokenAnswer(const std::string& token = "opaque", int lifetime = 3600)
{
    return json(R"({"token_type":"Bearer","expires_in":)" + std::to_string(lifetime) +
                R"(,"access_token":")" + token + "\"}");
}

/// Settings that lead to the two servers.
inline estate::DirectorySettings settingsFor(const std::string& authority, const std::string& graph)
{
    estate::DirectorySettings settings;
    settings.tenant = "3f0c0e0e-0000-4000-8000-000000000001";
    settings.clientId = "9a1b0000-0000-4000-8000-000000000002";
    settings.clientSecret.secret = "contoso-graph";
    settings.authority = authority;
    settings.graph = graph;
    settings.scope = "https://graph.microsoft.com/.default";
    return settings;
}

} // namespace muster::testing
