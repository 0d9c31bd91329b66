#include "http/RawServer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <stdexcept>

namespace muster::testing {

namespace {

size_t bodyLength(std::string head)
{
    std::transform(head.begin(), head.end(), head.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    const auto found = head.find("content-length:");
    return found == head.npos ? 0 : std::stoul(head.substr(found + 15));
}

/// Requests are framed here; derived classes move bytes.
class Framed : public Connection
{
public:
    std::string readRequest() override
    {
        while (true)
        {
            const auto end = _buffer.find("\r\n\r\n");
            if (end != _buffer.npos)
            {
                const auto whole = end + 4 + bodyLength(_buffer.substr(0, end));
                if (_buffer.size() >= whole)
                {
                    auto request = _buffer.substr(0, whole);
                    _buffer.erase(0, whole);
                    return request;
                }
            }
            std::array<char, 4096> bytes;
            const auto count = read(bytes.data(), bytes.size());
            if (count <= 0)
                return {};
            _buffer.append(bytes.data(), static_cast<size_t>(count));
        }
    }

    void waitForEnd() override
    {
        std::array<char, 4096> bytes;
        while (read(bytes.data(), bytes.size()) > 0)
        {}
    }

protected:
    virtual ssize_t read(char* data, size_t size) = 0;

private:
    std::string _buffer;
};

class PlainConnection : public Framed
{
public:
    explicit PlainConnection(int socket) : _socket(socket) {}

    void write(const std::string& bytes) override
    {
        size_t sent = 0;
        while (sent < bytes.size())
        {
            const auto count =
                ::send(_socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0)
                return;
            sent += static_cast<size_t>(count);
        }
    }

protected:
    ssize_t read(char* data, size_t size) override { return ::recv(_socket, data, size, 0); }

private:
    int _socket;
};

class TlsConnection : public Framed
{
public:
    TlsConnection(int socket, const Identity& identity)
        : _context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free), _tls(nullptr, &SSL_free)
    {
        const std::unique_ptr<BIO, decltype(&BIO_free)> certificate(
            BIO_new_mem_buf(identity.certificate.data(), int(identity.certificate.size())),
            &BIO_free);
        const std::unique_ptr<BIO, decltype(&BIO_free)> key(
            BIO_new_mem_buf(identity.key.data(), int(identity.key.size())), &BIO_free);
        const std::unique_ptr<X509, decltype(&X509_free)> x509(
            PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr), &X509_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
            PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
        SSL_CTX_use_certificate(_context.get(), x509.get());
        SSL_CTX_use_PrivateKey(_context.get(), pkey.get());
        _tls.reset(SSL_new(_context.get()));
        SSL_set_fd(_tls.get(), socket);
        _isOpen = SSL_accept(_tls.get()) == 1;
    }

    void write(const std::string& bytes) override
    {
        if (_isOpen)
            SSL_write(_tls.get(), bytes.data(), static_cast<int>(bytes.size()));
    }

protected:
    ssize_t read(char* data, size_t size) override
    {
        return _isOpen ? SSL_read(_tls.get(), data, static_cast<int>(size)) : 0;
    }

private:
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> _context;
    std::unique_ptr<SSL, decltype(&SSL_free)> _tls;
    bool _isOpen = false;
};

} // namespace

RawServer::RawServer(Conversation conversation, std::optional<Identity> identity)
    : _conversation(std::move(conversation)), _identity(std::move(identity))
{
    std::signal(SIGPIPE, SIG_IGN);
    _listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (_listener < 0 || ::bind(_listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(_listener, 64) != 0 ||
        ::getsockname(_listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("cannot listen on 127.0.0.1");
    _port = ntohs(address.sin_port);
    _acceptor = std::thread([this] { accept(); });
}

RawServer::~RawServer()
{
    ::shutdown(_listener, SHUT_RDWR);
    _acceptor.join();
    ::close(_listener);
    {
        const std::lock_guard lock(_mutex);
        for (const int socket : _open)
            ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& thread : _threads)
        thread.join();
}

std::string RawServer::url(const std::string& path) const
{
    return (_identity ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(_port) + path;
}

void RawServer::accept()
{
    while (true)
    {
        const int socket = ::accept4(_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            return;
        const int number = _connections++;
        const std::lock_guard lock(_mutex);
        _open.push_back(socket);
        _threads.emplace_back([this, socket, number] {
            {
                std::unique_ptr<Connection> connection;
                if (_identity)
                    connection = std::make_unique<TlsConnection>(socket, *_identity);
                else
                    connection = std::make_unique<PlainConnection>(socket);
                _conversation(*connection, number);
            }
            const std::lock_guard closing(_mutex);
            _open.remove(socket);
            ::close(socket);
        });
    }
}

std::string answer(const std::string& body, const std::string& headers, const std::string& status)
{
    return "HTTP/1.1 " + status + "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
}

} // namespace muster::testing
