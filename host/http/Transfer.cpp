#include "http/Transfer.h"

#include "runtime/Errors.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>

namespace muster::http {

namespace {

constexpr size_t kHeaderLimit = 1u << 20;

bool isToken(std::string_view text)
{
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return (c < 128 && std::isalnum(c)) || kMarks.find(char(c)) != kMarks.npos;
    });
}

bool isOneLine(std::string_view text)
{
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return (c < 32 && c != '\t') || c == 127; });
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return c < 128 ? char(std::tolower(c)) : char(c); });
    return result;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace

ExtraTrust::ExtraTrust(const std::string& caFile)
{
    if (caFile.empty())
        return;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(caFile.c_str(), "re"),
                                                               &std::fclose);
    if (!file)
        throw ConfigError("cannot read the caFile " + caFile + ": " + std::strerror(errno));
    while (X509* certificate = PEM_read_X509(file.get(), nullptr, nullptr, nullptr))
        _certificates.push_back(certificate);
    ERR_clear_error();
    if (_certificates.empty())
        throw ConfigError("the caFile " + caFile + " holds no certificate in PEM form");
}

ExtraTrust::~ExtraTrust()
{
    for (X509* certificate : _certificates)
        X509_free(certificate);
}

void ExtraTrust::addTo(X509_STORE* store) const
{
    for (X509* certificate : _certificates)
        X509_STORE_add_cert(store, certificate);
}

std::string refusalOf(const HttpRequest& request)
{
    std::string why;
    if (!isAllowedUrl(request.url, why))
        return "the address is refused: " + why;
    if (!isOneLine(request.url))
        return "the address holds a control character";
    if (!isToken(request.method))
        return "the method is not one word";
    for (const auto& [name, value] : request.headers)
    {
        const auto lower = lowered(name);
        if (!isToken(name))
            return "a header's name is not one word";
        if (!isOneLine(value))
            return "the header " + name + " holds a line break or another control character";
        if (lower == "content-length" || lower == "transfer-encoding")
            return "the header " + name + " is set by the client itself";
    }
    return {};
}

Transfer::Transfer(CURLM* multi, const HttpRequest& request, const HttpOptions& options,
                   const ExtraTrust& trust)
    : _multi(multi), _handle(curl_easy_init()), _request(request), _trust(trust)
{
    if (!_handle)
        throw std::bad_alloc();
    configure(options);
    configureBody();
    curl_multi_add_handle(_multi, _handle);
}

Transfer::~Transfer()
{
    curl_multi_remove_handle(_multi, _handle);
    curl_easy_cleanup(_handle);
    curl_slist_free_all(_headers);
}

void Transfer::configure(const HttpOptions& options)
{
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(_handle, option, value);
    };
    set(CURLOPT_URL, _request.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // else a cancelled look-up of a name is waited for
    set(CURLOPT_ERRORBUFFER, _error.data());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connectTimeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(_request.timeout.count()));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_ACCEPT_ENCODING, "gzip");
    set(CURLOPT_USERAGENT, options.userAgent.c_str());
    set(CURLOPT_MAXAGE_CONN, 60L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    if (_request.onNewConnection)
        set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_PREREQFUNCTION, &Transfer::onReady);
    set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    if (!_trust.isEmpty())
    {
        // CURLOPT_CAINFO would replace the system's trust; this adds to it.
        set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::onTls);
        set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
    }
    const auto origin = originOf(_request.url);
    const auto host = origin.substr(origin.find("//") + 2);
    if (isLoopbackHost(host.substr(0, host.rfind(':'))))
        set(CURLOPT_PROXY, ""); // a proxy of the environment is another machine
    for (const auto& [name, value] : _request.headers)
        _headers =
            curl_slist_append(_headers, (name + (value.empty() ? ";" : ": " + value)).c_str());
    _headers = curl_slist_append(_headers, "Expect:");
}

void Transfer::configureBody()
{
    const auto& method = _request.method;
    if (method == "HEAD")
        curl_easy_setopt(_handle, CURLOPT_NOBODY, 1L);
    else if (!_request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
    {
        // On a kept connection that dies libcurl sends again what had no answer yet. A body that
        // cannot be rewound stops it: the request may have taken effect.
        curl_easy_setopt(_handle, CURLOPT_POST, 1L);
        curl_easy_setopt(_handle, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(_request.body.size()));
        curl_easy_setopt(_handle, CURLOPT_READFUNCTION, &Transfer::onRead);
        curl_easy_setopt(_handle, CURLOPT_READDATA, static_cast<void*>(this));
        curl_easy_setopt(_handle, CURLOPT_SEEKFUNCTION, &Transfer::onSeek);
        if (_request.body.empty())
            curl_easy_setopt(_handle, CURLOPT_FRESH_CONNECT, 1L);
        if (std::none_of(_request.headers.begin(), _request.headers.end(), [](const auto& header) {
                return lowered(header.first) == "content-type";
            }))
            _headers = curl_slist_append(_headers, "Content-Type:");
    }
    if (method != "GET" && method != "HEAD" && method != "POST")
        curl_easy_setopt(_handle, CURLOPT_CUSTOMREQUEST, method.c_str());
    else if (method == "GET" && !_request.body.empty())
        curl_easy_setopt(_handle, CURLOPT_CUSTOMREQUEST, "GET");
    curl_easy_setopt(_handle, CURLOPT_HTTPHEADER, _headers);
}

HttpResponse Transfer::finish(CURLcode result)
{
    if (result != CURLE_OK || _tooLarge)
        describeFailure(result);
    else
    {
        long status = 0;
        curl_easy_getinfo(_handle, CURLINFO_RESPONSE_CODE, &status);
        _response.status = static_cast<int>(status);
    }
    return std::move(_response);
}

bool Transfer::wasSent() const
{
    long bytes = 0;
    curl_easy_getinfo(_handle, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

void Transfer::describeFailure(CURLcode result)
{
    const std::string detail = _error[0] ? _error.data() : curl_easy_strerror(result);
    const auto origin = originOf(_request.url);
    _response = {};
    if (_tooLarge)
    {
        _response.failure = Failure::TooLarge;
        _response.message = "the answer of " + origin + " is larger than " +
                            std::to_string(_request.bodyLimit) + " bytes";
    }
    else if (result == CURLE_PEER_FAILED_VERIFICATION)
    {
        const bool wrongName = detail.find("subject name") != detail.npos;
        _response.failure = Failure::Refused;
        _response.message =
            "the certificate of " + origin + " is not trusted (" + detail + "): " +
            (wrongName ? "use the name that stands in the certificate"
                       : "for a private endpoint give the certificate of its CA as caFile");
    }
    else if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
    {
        _response.failure = Failure::Refused;
        _response.message = "the address at " + origin + " is refused: " + detail;
    }
    else
    {
        _response.failure = wasSent() ? Failure::Unknown : Failure::Unsent;
        _response.message =
            (wasSent() ? "no whole answer from " : "cannot reach ") + origin + ": " + detail;
    }
}

int Transfer::onReady(void* self, char*, char*, int, int)
{
    if (const auto& onSent = static_cast<Transfer*>(self)->_request.onSent)
        onSent();
    return CURL_PREREQFUNC_OK;
}

size_t Transfer::onHeader(char* data, size_t size, size_t count, void* self)
{
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view line(data, size * count);
    transfer._headerBytes += line.size();
    if (transfer._headerBytes > kHeaderLimit)
    {
        transfer._tooLarge = true;
        return 0;
    }
    transfer.addHeader(line);
    return line.size();
}

void Transfer::addHeader(std::string_view line)
{
    if (line.substr(0, 5) == "HTTP/") // of this answer; those of a 1xx before it do not count
    {
        _response.headers.clear();
        return;
    }
    const auto colon = line.find(':');
    if (colon == line.npos)
        return;
    auto& value = _response.headers[lowered(trimmed(line.substr(0, colon)))];
    if (!value.empty())
        value += ", ";
    value += trimmed(line.substr(colon + 1));
}

size_t Transfer::onBody(char* data, size_t size, size_t count, void* self)
{
    auto& transfer = *static_cast<Transfer*>(self);
    auto& body = transfer._response.body;
    const auto bytes = size * count;
    if (body.size() + bytes > transfer._request.bodyLimit)
    {
        transfer._tooLarge = true;
        return 0;
    }
    body.append(data, bytes);
    return bytes;
}

size_t Transfer::onRead(char* data, size_t size, size_t count, void* self)
{
    auto& transfer = *static_cast<Transfer*>(self);
    const auto& body = transfer._request.body;
    const auto bytes = std::min(size * count, body.size() - transfer._read);
    std::memcpy(data, body.data() + transfer._read, bytes);
    transfer._read += bytes;
    return bytes;
}

int Transfer::onSeek(void*, curl_off_t, int)
{
    return CURL_SEEKFUNC_FAIL;
}

CURLcode Transfer::onTls(CURL*, void* context, void* self)
{
    auto* store = SSL_CTX_get_cert_store(static_cast<SSL_CTX*>(context));
    static_cast<Transfer*>(self)->_trust.addTo(store);
    return CURLE_OK;
}

} // namespace muster::http
