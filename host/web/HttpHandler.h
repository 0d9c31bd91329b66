#pragma once

#include "web/Server.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <list>
#include <mutex>

namespace muster::web {

/// Thread-safe. The requests under way, so that they can be cancelled together.
class Ongoing
{
public:
    class Request
    {
    public:
        explicit Request(Ongoing& ongoing);
        ~Request();
        Request(const Request&) = delete;
        Request& operator=(const Request&) = delete;

        runtime::Cancellation& cancellation() { return _cancellation; }

    private:
        Ongoing& _ongoing;
        runtime::Cancellation _cancellation;
        std::list<runtime::Cancellation*>::iterator _place;
    };

    /// Cancels those under way, and each that comes later.
    void cancel();
    size_t count();

private:
    std::mutex _mutex;
    bool _isCancelled = false;
    std::list<runtime::Cancellation*> _requests;
};

enum class Door
{
    Socket,  ///< of this machine: the file's permissions say who may
    Loopback ///< with a token
};

/// Used by one thread. Answers one HTTP request.
class HttpHandler : public Poco::Net::HTTPRequestHandler
{
public:
    HttpHandler(const ServerParts& parts, Hooks& hooks, Ongoing& ongoing, Door door)
        : _parts(parts), _hooks(hooks), _ongoing(ongoing), _door(door)
    {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override;

private:
    void route(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response);
    void answerApi(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
                   const std::string& path, Caller caller);
    void answerHook(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response);
    std::optional<Caller> callerOf(const Poco::Net::HTTPServerRequest& request) const;

    const ServerParts& _parts;
    Hooks& _hooks;
    Ongoing& _ongoing;
    Door _door;
};

} // namespace muster::web
