#include "TestClient.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <cstdio>

namespace muster::sandbox {

Answer TestClient::send(const std::string& method, const std::string& target, const Fields& headers,
                        const std::string& body) const
{
    Poco::Net::HTTPClientSession session("127.0.0.1", _server.port());
    Poco::Net::HTTPRequest request(method, target, "HTTP/1.1");
    for (const auto& [name, value] : headers)
        request.set(name, value);
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    Answer answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
    answer.status = response.getStatus();
    for (const auto& [name, value] : response)
        answer.headers[lowerCase(name)] = value;
    return answer;
}

std::string TestClient::sendRaw(const std::string& method, const std::string& target,
                                const Fields& headers, const std::string& body) const
{
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", _server.port()));
    std::string text = method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers)
        text += name + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    socket.sendBytes(text.data(), static_cast<int>(text.size()));
    std::string received;
    char buffer[4096];
    for (int count = 1; count > 0;)
    {
        count = socket.receiveBytes(buffer, sizeof(buffer));
        received.append(buffer, static_cast<std::size_t>(std::max(count, 0)));
    }
    return received;
}

Answer TestClient::token(const std::map<std::string, std::string>& changes) const
{
    std::map<std::string, std::string> fields{{"client_id", "9a1b0000-0000-4000-8000-000000000002"},
                                              {"client_secret", "sandbox-secret"},
                                              {"grant_type", "client_credentials"},
                                              {"scope", "https://graph.microsoft.com/.default"},
                                              {"tenant", _tenant},
                                              {"basic", ""}};
    for (const auto& [name, value] : changes)
        fields[name] = value;
    std::string body;
    for (const auto& [name, value] : fields)
    {
        if (name == "tenant" || name == "basic" || value.empty())
            continue;
        std::string encoded;
        Poco::URI::encode(value, "+&=:/", encoded);
        body += (body.empty() ? "" : "&") + name + '=' + encoded;
    }
    Fields headers{{"Content-Type", "application/x-www-form-urlencoded"}};
    if (!fields["basic"].empty())
        headers.emplace_back("Authorization", "Basic " + fields["basic"]);
    return send("POST", '/' + fields["tenant"] + "/oauth2/v2.0/token", headers, body);
}

Answer TestClient::graph(const std::string& target, const Fields& headers) const
{
    Fields all = headers;
    all.emplace_back("Authorization", bearer());
    const std::string root = _server.baseUrl();
    return send("GET", target.rfind(root, 0) == 0 ? target.substr(root.size()) : "/v1.0" + target,
                all);
}

Answer TestClient::graphPost(const std::string& target, const Json& body) const
{
    return send("POST", "/v1.0" + target,
                {{"Authorization", bearer()}, {"Content-Type", "application/json"}}, body.dump());
}

Answer TestClient::desk(const std::string& method, const std::string& path, const Json& body) const
{
    const std::string target =
        path.rfind("/api/", 0) == 0 ? path : "/api/v2/automate/connector/" + path;
    return send(method, target,
                {{"Authorization", "DdApi sandbox-key"}, {"Content-Type", "application/json"}},
                body.is_null() ? "" : body.dump());
}

Answer TestClient::glue(const std::string& method, const std::string& target,
                        const Json& body) const
{
    return send(method, target,
                {{"x-api-key", "sandbox-glue-key"}, {"Content-Type", "application/vnd.api+json"}},
                body.is_null() ? "" : body.dump());
}

TestClient::Round TestClient::round(const std::string& link, const Fields& headers,
                                    const std::function<void()>& betweenPages) const
{
    Round round;
    for (std::string next = link; !next.empty();)
    {
        const Json page = graph(next, headers).json();
        for (const auto& object : page.at("value"))
            round.objects.push_back(object);
        round.pages.push_back(page);
        next = page.value("@odata.nextLink", "");
        round.deltaLink = page.value("@odata.deltaLink", "");
        if (!next.empty() && betweenPages)
            betweenPages();
    }
    return round;
}

std::string TestClient::bearer() const
{
    return "Bearer " + token().json().at("access_token").get<std::string>();
}

void NaiveMirror::apply(const std::vector<Json>& objects)
{
    for (const auto& object : objects)
    {
        const auto id = object.at("id").get<std::string>();
        if (object.contains("@removed"))
        {
            _entries.erase(id);
            continue;
        }
        Entry& entry = _entries[id];
        for (const auto& [name, value] : object.items())
        {
            if (name.find('@') == std::string::npos)
                entry.properties[name] = value;
        }
        for (const char* const relation : {"members", "owners"})
        {
            auto& links = relation == std::string("members") ? entry.members : entry.owners;
            for (const auto& link : object.value(std::string(relation) + "@delta", Json::array()))
            {
                if (link.contains("@removed"))
                    links.erase(link.at("id").get<std::string>());
                else
                    links.insert(link.at("id").get<std::string>());
            }
        }
    }
}

std::string testId(int kind, int number)
{
    char text[37];
    std::snprintf(text, sizeof(text), "%08d-0000-4000-8000-%012d", kind, number);
    return text;
}

} // namespace muster::sandbox
