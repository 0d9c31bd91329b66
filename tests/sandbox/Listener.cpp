#include "Listener.h"

#include "Guid.h"

#include <Poco/Crypto/EVPPKey.h>
#include <Poco/Crypto/X509Certificate.h>
#include <Poco/DeflatingStream.h>
#include <Poco/Event.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/ThreadPool.h>

#include <algorithm>
#include <sstream>

namespace muster::sandbox {

namespace {

using namespace Poco::Net;

constexpr int kThreads = 128;
constexpr std::size_t kGzipFrom = 512;

/// What the handlers share with the listener.
struct Shared
{
    Listener::Answer answer;
    std::string scheme;
    Poco::Event stopping{Poco::Event::EVENT_MANUALRESET};
};

Request read(HTTPServerRequest& source, const std::string& scheme)
{
    Request request{.method = source.getMethod(), .id = Guid::random().toString()};
    for (const auto& [name, value] : source)
        request.headers.emplace_back(name, value);
    request.baseUrl = scheme + "://" + source.get("Host", "");
    std::string target = source.getURI();
    if (target.rfind(request.baseUrl, 0) == 0)
        target.erase(0, request.baseUrl.size());
    request.setTarget(target);
    // Without a length Poco would wait for the client to close.
    if (source.hasContentLength() || source.getChunkedTransferEncoding())
        Poco::StreamCopier::copyToString(source.stream(), request.body);
    return request;
}

std::string gzipped(const std::string& body)
{
    std::ostringstream text;
    Poco::DeflatingOutputStream gzip(text, Poco::DeflatingStreamBuf::STREAM_GZIP, 1);
    gzip << body;
    gzip.close();
    return text.str();
}

std::string reasonOf(int status)
{
    return HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status));
}

void deliverWhole(const Response& answer, const std::string& acceptEncoding,
                  HTTPServerResponse& response)
{
    response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(answer.status),
                                reasonOf(answer.status));
    for (const auto& [name, value] : answer.headers)
        response.set(name, value);
    if (answer.status == 204)
    {
        response.setContentLength(0);
        response.send();
        return;
    }
    response.setContentType(answer.contentType);
    const bool isGzip =
        answer.body.size() >= kGzipFrom && acceptEncoding.find("gzip") != std::string::npos;
    const std::string packed = isGzip ? gzipped(answer.body) : std::string();
    const std::string& body = isGzip ? packed : answer.body;
    if (isGzip)
        response.set("Content-Encoding", "gzip");
    response.setContentLength64(static_cast<Poco::Int64>(body.size()));
    response.send().write(body.data(), static_cast<std::streamsize>(body.size()));
}

std::string headOf(const Response& answer, bool isChunked)
{
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + reasonOf(answer.status) +
                       "\r\nContent-Type: " + answer.contentType + "\r\nConnection: close\r\n";
    for (const auto& [name, value] : answer.headers)
        head += name + ": " + value + "\r\n";
    head += isChunked ? "Transfer-Encoding: chunked"
                      : "Content-Length: " + std::to_string(answer.body.size());
    return head + "\r\n\r\n";
}

void sendAll(StreamSocket& socket, const std::string& text)
{
    for (std::size_t sent = 0; sent < text.size();)
    {
        const int count =
            socket.sendBytes(text.data() + sent, static_cast<int>(text.size() - sent));
        sent += static_cast<std::size_t>(std::max(count, 0));
    }
}

void deliverCut(const Response& answer, const Delivery& delivery, StreamSocket& socket)
{
    const bool isChunked = delivery.kind == Delivery::Kind::CutChunked;
    const std::size_t wanted =
        delivery.bytes < 0 ? answer.body.size() / 2 : static_cast<std::size_t>(delivery.bytes);
    const std::string part = answer.body.substr(0, wanted);
    std::string text = headOf(answer, isChunked);
    if (isChunked && !part.empty())
    {
        std::ostringstream size;
        size << std::hex << part.size();
        text += size.str() + "\r\n" + part + "\r\n";
    }
    else
    {
        text += part;
    }
    sendAll(socket, text);
}

void deliverDribble(const Response& answer, const Delivery& delivery, StreamSocket& socket,
                    Poco::Event& stopping)
{
    sendAll(socket, headOf(answer, false));
    const auto piece = static_cast<std::size_t>(std::max(delivery.bytes, 1L));
    for (std::size_t sent = 0; sent < answer.body.size(); sent += piece)
    {
        if (stopping.tryWait(delivery.delayMilliseconds))
            return;
        sendAll(socket, answer.body.substr(sent, piece));
    }
}

class Handler : public HTTPRequestHandler
{
public:
    explicit Handler(Shared& shared) : _shared(shared) {}

    void handleRequest(HTTPServerRequest& source, HTTPServerResponse& response) override
    {
        Request request = read(source, _shared.scheme);
        const Dispatcher::Answer answer = _shared.answer(request);
        const Delivery& delivery = answer.delivery;
        if (delivery.kind == Delivery::Kind::Whole)
        {
            if (delivery.delayMilliseconds > 0)
                _shared.stopping.tryWait(delivery.delayMilliseconds);
            deliverWhole(answer.response, request.header("Accept-Encoding"), response);
            if (answer.afterwards)
                answer.afterwards();
            return;
        }
        StreamSocket socket = dynamic_cast<HTTPServerRequestImpl&>(source).detachSocket();
        try
        {
            if (delivery.kind == Delivery::Kind::Dribble)
                deliverDribble(answer.response, delivery, socket, _shared.stopping);
            else if (delivery.kind != Delivery::Kind::Drop)
                deliverCut(answer.response, delivery, socket);
            socket.shutdown();
        }
        catch (const Poco::Exception&)
        {
            // The client went away before the spoiled answer was out: that is its right.
        }
        socket.close();
    }

private:
    Shared& _shared;
};

class HandlerFactory : public HTTPRequestHandlerFactory
{
public:
    explicit HandlerFactory(Shared& shared) : _shared(shared) {}

    HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override
    {
        return new Handler(_shared);
    }

private:
    Shared& _shared;
};

ServerSocket socketFor(std::uint16_t port, const std::optional<ServerCertificate>& certificate)
{
    const SocketAddress address("127.0.0.1", port);
    if (!certificate)
        return ServerSocket(address, 256);
    Context::Ptr context(new Context(Context::TLS_SERVER_USE, "", "", "", Context::VERIFY_NONE));
    std::istringstream pem(certificate->certificatePem);
    std::istringstream key(certificate->keyPem);
    context->useCertificate(Poco::Crypto::X509Certificate(pem));
    context->usePrivateKey(Poco::Crypto::EVPPKey(nullptr, &key));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return SecureServerSocket(address, 256, context);
}

HTTPServerParams::Ptr parameters()
{
    HTTPServerParams::Ptr parameters(new HTTPServerParams);
    parameters->setMaxThreads(kThreads);
    parameters->setMaxQueued(1024);
    parameters->setKeepAlive(true);
    parameters->setKeepAliveTimeout(Poco::Timespan(60, 0));
    parameters->setTimeout(Poco::Timespan(60, 0));
    parameters->setServerName("sandbox");
    return parameters;
}

} // namespace

class Listener::Impl
{
public:
    Impl(std::uint16_t port, const std::optional<ServerCertificate>& certificate, Answer answer)
        : _shared{std::move(answer), certificate ? "https" : "http"},
          _pool(2, kThreads + 2),
          _socket(socketFor(port, certificate)),
          _server(new HandlerFactory(_shared), _pool, _socket, parameters())
    {
        _server.start();
    }

    /// Connections that clients keep open would hold their threads: they are closed first. Shutting
    /// the listening socket down wakes Poco's accept loop, which else looks up every 250 ms.
    ~Impl()
    {
        _shared.stopping.set();
        _socket.impl()->shutdown();
        _server.stopAll(true);
        _pool.joinAll();
    }

    std::uint16_t port() const { return _server.port(); }

private:
    Shared _shared;
    Poco::ThreadPool _pool;
    ServerSocket _socket;
    HTTPServer _server;
};

Listener::Listener(std::uint16_t port, const std::optional<ServerCertificate>& certificate,
                   Answer answer)
{
    if (certificate)
        initializeSSL();
    _impl = std::make_unique<Impl>(port, certificate, std::move(answer));
}

Listener::~Listener() = default;

std::uint16_t Listener::port() const
{
    return _impl->port();
}

} // namespace muster::sandbox
