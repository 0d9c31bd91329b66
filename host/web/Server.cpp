#include "web/Server.h"

#include "runtime/Errors.h"
#include "web/HttpHandler.h"

#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/NetException.h>
#include <Poco/ThreadPool.h>

#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace muster::web {

namespace {

using Poco::Net::HTTPServer;
using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

constexpr int kThreads = 128; ///< a connection takes one for as long as it lives
constexpr int kBacklog = 64;
constexpr size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

class Factory : public Poco::Net::HTTPRequestHandlerFactory
{
public:
    Factory(const ServerParts& parts, Hooks& hooks, Ongoing& ongoing, Door door)
        : _parts(parts), _hooks(hooks), _ongoing(ongoing), _door(door)
    {}

    Poco::Net::HTTPRequestHandler*
    createRequestHandler(const Poco::Net::HTTPServerRequest&) override
    {
        return new HttpHandler(_parts, _hooks, _ongoing, _door);
    }

private:
    const ServerParts& _parts;
    Hooks& _hooks;
    Ongoing& _ongoing;
    Door _door;
};

ServerSocket socketAt(const std::string& file)
{
    if (file.size() > kLongestSocketPath)
        throw ConfigError("the path of the socket " + file + " is longer than " +
                          std::to_string(kLongestSocketPath) +
                          " characters: choose a data directory with a shorter path");
    ::unlink(file.c_str()); // the lock of the data directory says that nobody uses it
    const auto mask = ::umask(0177);
    try
    {
        ServerSocket socket;
        socket.bind(SocketAddress(SocketAddress::UNIX_LOCAL, file), false);
        socket.listen(kBacklog);
        ::umask(mask);
        return socket;
    }
    catch (const Poco::Exception& error)
    {
        ::umask(mask);
        throw ConfigError("cannot listen on the socket " + file + ": " + error.displayText());
    }
}

ServerSocket loopbackAt(const std::string& listen)
{
    try
    {
        const SocketAddress address(listen);
        if (!address.host().isLoopback())
            throw ConfigError("http.listen: " + listen +
                              " is not on loopback: put a proxy that does TLS in front, and name "
                              "127.0.0.1 or [::1] here");
        ServerSocket socket;
        // Not as Poco would: it lets another process listen on the same port.
        socket.bind(address, true, false);
        socket.listen(kBacklog);
        return socket;
    }
    catch (const Poco::Exception& error)
    {
        throw ConfigError("http.listen: cannot listen on " + listen + ": " + error.displayText());
    }
}

} // namespace

class Server::Implementation
{
public:
    Implementation(ServerParts given, const ServerOptions& options)
        : _parts(std::move(given)),
          _hooks(_parts.hooks),
          _threads("http", 4, kThreads),
          _socketFile(options.socketFile)
    {
        add(socketAt(options.socketFile), Door::Socket);
        if (!options.listen.empty())
        {
            const auto loopback = loopbackAt(options.listen);
            port = loopback.address().port();
            add(loopback, Door::Loopback);
        }
    }

    ~Implementation()
    {
        stop(std::chrono::milliseconds(0));
        for (auto& server : _servers)
            server->stopAll(true);
        _threads.joinAll();
        ::unlink(_socketFile.c_str());
    }

    bool stop(std::chrono::milliseconds patience)
    {
        for (auto& server : _servers)
            server->stop();
        _ongoing.cancel();
        const auto until = std::chrono::steady_clock::now() + patience;
        while (_ongoing.count() > 0 && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return _ongoing.count() == 0;
    }

    uint16_t port = 0;

private:
    void add(const ServerSocket& socket, Door door)
    {
        Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
        parameters->setMaxThreads(kThreads);
        parameters->setKeepAliveTimeout(Poco::Timespan(5, 0));
        parameters->setTimeout(Poco::Timespan(15, 0));
        _servers.push_back(std::make_unique<HTTPServer>(new Factory(_parts, _hooks, _ongoing, door),
                                                        _threads, socket, parameters));
        _servers.back()->start();
    }

    ServerParts _parts;
    Hooks _hooks;
    Ongoing _ongoing;
    Poco::ThreadPool _threads;
    std::string _socketFile;
    std::vector<std::unique_ptr<HTTPServer>> _servers;
};

Server::Server(ServerParts parts, const ServerOptions& options)
    : _implementation(std::make_unique<Implementation>(std::move(parts), options))
{}

Server::~Server() = default;

uint16_t Server::port() const
{
    return _implementation->port;
}

bool Server::stop(std::chrono::milliseconds patience)
{
    return _implementation->stop(patience);
}

} // namespace muster::web
