#include "app/SocketClient.h"

#include "runtime/Errors.h"
#include "runtime/UnixSocket.h"

#include <Poco/URI.h>
#include <curl/curl.h>

#include <cstring>

namespace muster::app {

using web::ApiRequest;
using web::ApiResponse;
using web::Json;

namespace {

constexpr int kPollMilliseconds = 200;

/// A request on its way: what came so far, and the rest when it is asked for.
class Exchange
{
public:
    Exchange(const std::string& socketFile, const ApiRequest& request)
        : _easy(curl_easy_init()), _multi(curl_multi_init()), _body(request.body.dump())
    {
        // The path stays as it is: a URI of Poco's would decode an encoded slash in it.
        Poco::URI query;
        for (const auto& [name, value] : request.query)
            query.addQueryParameter(name, value);
        const auto url = "http://muster/api/v1" + request.path + query.getPathAndQuery();
        _headers = curl_slist_append(_headers, "Accept: application/x-ndjson");
        _headers = curl_slist_append(_headers, "Content-Type: application/json");
        _headers = curl_slist_append(_headers, "Expect:");
        curl_easy_setopt(_easy, CURLOPT_UNIX_SOCKET_PATH, socketFile.c_str());
        curl_easy_setopt(_easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(_easy, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(_easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        curl_easy_setopt(_easy, CURLOPT_HTTPHEADER, _headers);
        curl_easy_setopt(_easy, CURLOPT_NOSIGNAL, 1L);
        if (!request.body.is_null())
        {
            curl_easy_setopt(_easy, CURLOPT_POSTFIELDS, _body.data());
            curl_easy_setopt(_easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             static_cast<curl_off_t>(_body.size()));
        }
        curl_easy_setopt(_easy, CURLOPT_WRITEFUNCTION, &Exchange::receive);
        curl_easy_setopt(_easy, CURLOPT_WRITEDATA, this);
        curl_multi_add_handle(_multi, _easy);
    }

    ~Exchange()
    {
        curl_multi_remove_handle(_multi, _easy);
        curl_multi_cleanup(_multi);
        curl_easy_cleanup(_easy);
        curl_slist_free_all(_headers);
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// The next line, without its end. Throws RetryError when none comes any more.
    std::string line(const runtime::Cancellation& cancellation)
    {
        auto end = _received.find('\n');
        for (; end == _received.npos; end = _received.find('\n'))
        {
            cancellation.check();
            if (!more())
                throw RetryError("muster serve ended before it answered: look at its log, then "
                                 "try again");
        }
        auto line = _received.substr(0, end);
        _received.erase(0, end + 1);
        return line;
    }

    /// Everything that follows.
    void rest(std::ostream& out)
    {
        do
        {
            out << _received;
            _received.clear();
        } while (more());
        out << _received;
    }

private:
    static size_t receive(char* data, size_t size, size_t count, void* self)
    {
        static_cast<Exchange*>(self)->_received.append(data, size * count);
        return size * count;
    }

    /// Waits a little for more; false when the answer is whole.
    bool more()
    {
        if (_isDone)
            return false;
        int running = 0;
        curl_multi_poll(_multi, nullptr, 0, kPollMilliseconds, nullptr);
        curl_multi_perform(_multi, &running);
        int left = 0;
        while (const auto* message = curl_multi_info_read(_multi, &left))
        {
            _isDone = true;
            if (message->msg == CURLMSG_DONE && message->data.result != CURLE_OK)
                throw RetryError(std::string("muster serve cannot be asked: ") +
                                 curl_easy_strerror(message->data.result));
        }
        return !_isDone || !_received.empty();
    }

    CURL* _easy;
    CURLM* _multi;
    curl_slist* _headers = nullptr;
    std::string _body;
    std::string _received;
    bool _isDone = false;
};

} // namespace

bool SocketClient::isServed(const std::string& socketFile)
{
    return runtime::connectTo(socketFile).isOpen();
}

ApiResponse SocketClient::handle(const ApiRequest& request, runtime::Progress& progress,
                                 const runtime::Cancellation& cancellation)
{
    auto exchange = std::make_shared<Exchange>(_socketFile, request);
    while (true)
    {
        const auto line = Json::parse(exchange->line(cancellation), nullptr, false);
        if (const auto told = line.find("progress"); told != line.end())
        {
            progress.report(told->at("what").get<std::string>(), told->at("done"),
                            told->at("total"));
            continue;
        }
        const auto answer = line.find("answer");
        if (answer == line.end())
            throw RetryError("muster serve answered what is no answer: it may be another version");
        ApiResponse response{.status = answer->at("status"), .exitCode = answer->at("exitCode")};
        response.stream = [exchange](std::ostream& out) { exchange->rest(out); };
        if (response.isProblem())
        {
            response.body = response.document();
            response.stream = {};
        }
        return response;
    }
}

} // namespace muster::app
