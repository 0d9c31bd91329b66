#pragma once

#include "http/HttpClient.h"

#include <curl/curl.h>
#include <openssl/x509.h>

#include <array>
#include <string>
#include <vector>

namespace muster::http {

/// True for localhost, ::1 and 127.0.0.0/8; `host` in lower case.
bool isLoopbackHost(const std::string& host);

/// Certificates that are trusted beside the system's.
class ExtraTrust
{
public:
    /// Throws ConfigError when the file cannot be read or holds no certificate. Empty: none.
    explicit ExtraTrust(const std::string& caFile);
    ~ExtraTrust();
    ExtraTrust(const ExtraTrust&) = delete;
    ExtraTrust& operator=(const ExtraTrust&) = delete;

    bool isEmpty() const { return _certificates.empty(); }
    void addTo(X509_STORE* store) const;

private:
    std::vector<X509*> _certificates;
};

/// Used by one thread. One request on its way: a libcurl handle in a multi handle, which must
/// outlive it, as must the request and the trust.
class Transfer
{
public:
    Transfer(CURLM* multi, const HttpRequest& request, const HttpOptions& options,
             const ExtraTrust& trust);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return _handle; }

    /// What came of it, once libcurl is done. Called once.
    HttpResponse finish(CURLcode result);

    /// True once a byte of the request was put on the wire.
    bool wasSent() const;

private:
    void configure(const HttpOptions& options);
    void configureBody();
    void describeFailure(CURLcode result);

    static int onReady(void* self, char*, char*, int, int);
    static size_t onHeader(char* data, size_t size, size_t count, void* self);
    static size_t onBody(char* data, size_t size, size_t count, void* self);
    static size_t onRead(char* data, size_t size, size_t count, void* self);
    static int onSeek(void* self, curl_off_t offset, int origin);
    static CURLcode onTls(CURL* handle, void* context, void* self);
    void addHeader(std::string_view line);

    CURLM* _multi;
    CURL* _handle;
    const HttpRequest& _request;
    const ExtraTrust& _trust;
    curl_slist* _headers = nullptr;
    std::array<char, CURL_ERROR_SIZE> _error{};
    HttpResponse _response;
    size_t _read = 0;
    size_t _headerBytes = 0;
    bool _tooLarge = false;
};

/// Why a request may not be sent as it is; empty: it may.
std::string refusalOf(const HttpRequest& request);

} // namespace muster::http
