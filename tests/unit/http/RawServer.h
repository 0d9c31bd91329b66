#pragma once

#include "http/Certificates.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace muster::testing {

/// One accepted connection. read… and write return early when the other side or the test ends it.
class Connection
{
public:
    virtual ~Connection() = default;

    /// The next request, head and body; empty when the connection ended.
    virtual std::string readRequest() = 0;
    virtual void write(const std::string& bytes) = 0;
    /// Waits until the other side hangs up or the test ends.
    virtual void waitForEnd() = 0;
};

/// Thread-safe. Listens on a free port of 127.0.0.1 and gives each connection to `conversation`, in
/// a thread of its own, with its number from 0; the connection is closed when that returns.
class RawServer
{
public:
    using Conversation = std::function<void(Connection& connection, int number)>;

    explicit RawServer(Conversation conversation, std::optional<Identity> identity = {});
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    uint16_t port() const { return _port; }
    std::string url(const std::string& path = "/") const;
    int connections() const { return _connections; }

private:
    void accept();

    Conversation _conversation;
    std::optional<Identity> _identity;
    int _listener = -1;
    uint16_t _port = 0;
    std::atomic<int> _connections{0};
    std::mutex _mutex; ///< guards _open and _threads
    std::list<int> _open;
    std::vector<std::thread> _threads;
    std::thread _acceptor;
};

/// "HTTP/1.1 200 OK" with that body, its length and further header lines ("name: value\r\n").
std::string answer(const std::string& body, const std::string& headers = {},
                   const std::string& status = "200 OK");

} // namespace muster::testing
