#include "http/SmtpClient.h"

#include "http/Redactor.h"
#include "http/Transfer.h"
#include "runtime/Errors.h"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace muster::http {

namespace {

constexpr std::string_view kRecipient = "RCPT TO:";
constexpr std::string_view kQuit = "QUIT";
constexpr long kSignedIn = 235; ///< RFC 4954, section 6

/// One dialogue with a server: a libcurl handle, and what was said.
class Dialogue
{
public:
    Dialogue(const SmtpServer& server, const SmtpMessage* message,
             const runtime::Cancellation& cancellation);
    ~Dialogue();
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    SmtpResult run();
    bool isSignedIn() const { return _isSignedIn; }

private:
    void configure();
    [[noreturn]] void fail(CURLcode result);
    void hear(std::string_view line);
    std::string serverName() const;

    static int onDebug(CURL*, curl_infotype type, char* data, size_t size, void* self);
    static size_t onRead(char* data, size_t size, size_t count, void* self);
    static size_t onAnswer(char*, size_t size, size_t count, void*) { return size * count; }
    static int onProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
    static CURLcode onTls(CURL*, void* context, void* self);

    const SmtpServer& _server;
    const SmtpMessage* _message; ///< null: only a look
    const runtime::Cancellation& _cancellation;
    ExtraTrust _trust;
    CURL* _handle;
    curl_slist* _recipients = nullptr;
    std::array<char, CURL_ERROR_SIZE> _error{};
    size_t _read = 0;
    bool _isTextRead = false;
    bool _isSignedIn = false;
    long _lastCode = 0;
    bool _isLeaving = false; ///< what is said from here on is about no mail
    std::string _recipient;  ///< that the server is being asked about
    std::string _lastAnswer;
    SmtpResult _result;
};

Dialogue::Dialogue(const SmtpServer& server, const SmtpMessage* message,
                   const runtime::Cancellation& cancellation)
    : _server(server),
      _message(message),
      _cancellation(cancellation),
      _trust(server.caFile),
      _handle(nullptr)
{
    static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    _handle = kInitialised == CURLE_OK ? curl_easy_init() : nullptr;
    if (!_handle)
        throw std::bad_alloc();
    configure();
}

Dialogue::~Dialogue()
{
    curl_easy_cleanup(_handle);
    curl_slist_free_all(_recipients);
}

void Dialogue::configure()
{
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(_handle, option, value);
    };
    const bool isAddress6 = _server.host.find(':') != std::string::npos;
    const auto url = std::string(_server.security == SmtpSecurity::Tls ? "smtps" : "smtp") + "://" +
                     (isAddress6 ? "[" + _server.host + "]" : _server.host) + ":" +
                     std::to_string(_server.port);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, _error.data());
    set(CURLOPT_CONNECTTIMEOUT_MS, 30'000L); // the sign-in is a part of it
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(_server.timeout.count()));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (_server.security == SmtpSecurity::StartTls)
        set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL)); // else it goes on in plain text
    if (!_trust.isEmpty())
    {
        set(CURLOPT_SSL_CTX_FUNCTION, &Dialogue::onTls);
        set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
    }
    if (!_server.user.empty())
    {
        set(CURLOPT_USERNAME, _server.user.c_str());
        set(CURLOPT_PASSWORD, _server.password.c_str());
    }
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Dialogue::onProgress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    // The only way to learn which recipient an answer is about.
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &Dialogue::onDebug);
    set(CURLOPT_DEBUGDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Dialogue::onAnswer);
    if (!_message)
    {
        set(CURLOPT_NOBODY, 1L);
        set(CURLOPT_CUSTOMREQUEST, "NOOP");
        return;
    }
    set(CURLOPT_MAIL_FROM, _message->from.c_str());
    for (const auto& address : _message->to)
        _recipients = curl_slist_append(_recipients, address.c_str());
    set(CURLOPT_MAIL_RCPT, _recipients);
    set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Dialogue::onRead);
    set(CURLOPT_READDATA, static_cast<void*>(this));
}

SmtpResult Dialogue::run()
{
    const auto result = curl_easy_perform(_handle);
    if (result == CURLE_OK)
        return std::move(_result);
    // All was handed over, and the server did not say no: it may have taken it.
    if (_isTextRead && _lastCode < 400 && _result.refused.size() < _message->to.size())
    {
        _result.isCertain = false;
        return std::move(_result);
    }
    _cancellation.check();
    fail(result);
}

std::string Dialogue::serverName() const
{
    return "the mail server " + _server.host + ":" + std::to_string(_server.port);
}

void Dialogue::fail(CURLcode result)
{
    const Redactor redact({_server.password});
    const auto detail = redact(_error[0] ? _error.data() : curl_easy_strerror(result));
    const auto answer = _lastAnswer.empty() ? detail : redact(_lastAnswer);
    if (result == CURLE_PEER_FAILED_VERIFICATION)
        throw ConfigError("the certificate of " + serverName() + " is not trusted (" + detail +
                          "): give smtp.host as it stands in the certificate, or the certificate "
                          "of its CA as smtp.caFile");
    if (result == CURLE_USE_SSL_FAILED)
        throw ConfigError(serverName() +
                          " offers no STARTTLS, and nothing was sent in plain text: set "
                          "smtp.security = tls with the port for it, or have it offered");
    if (_lastCode / 100 == 4)
        throw RetryError(serverName() + " asks for time (" + answer + "): try again later");
    if (result == CURLE_LOGIN_DENIED)
        throw ConfigError(serverName() + " refuses the user " + _server.user +
                          " or the password (" + answer + "): check smtp.user and smtp.password");
    if (_lastCode / 100 == 5)
    {
        if (_message && _result.refused.size() == _message->to.size())
            throw ConfigError(serverName() + " refuses every recipient (" + answer +
                              "): check report.to");
        throw ConfigError(serverName() + " refuses the mail (" + answer +
                          "): check report.from, smtp.user and smtp.security");
    }
    throw RetryError("cannot send by " + serverName() + ": " + detail + ": try again later");
}

/// A line of the server: "250-…" goes on, "250 …" ends an answer.
void Dialogue::hear(std::string_view line)
{
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
        line.remove_suffix(1);
    if (_isLeaving || line.size() < 3 || (line.size() > 3 && line[3] != ' '))
        return;
    _lastCode = std::atol(std::string(line.substr(0, 3)).c_str());
    _lastAnswer.clear();
    for (const char each : line.substr(0, 300))
        _lastAnswer += static_cast<unsigned char>(each) < 32 || each == 127 ? ' ' : each;
    _isSignedIn = _isSignedIn || _lastCode == kSignedIn;
    if (!_recipient.empty() && _lastCode >= 400)
        _result.refused.push_back({_recipient, _lastAnswer});
    _recipient.clear();
}

int Dialogue::onDebug(CURL*, curl_infotype type, char* data, size_t size, void* self)
{
    auto& dialogue = *static_cast<Dialogue*>(self);
    const std::string_view text(data, size);
    if (type == CURLINFO_HEADER_IN)
        dialogue.hear(text);
    else if (type == CURLINFO_HEADER_OUT && text.substr(0, kQuit.size()) == kQuit)
        dialogue._isLeaving = true;
    else if (type == CURLINFO_HEADER_OUT && text.substr(0, kRecipient.size()) == kRecipient)
    {
        const auto begin = text.find('<');
        const auto end = text.find('>');
        if (begin != text.npos && end != text.npos && begin < end)
            dialogue._recipient = text.substr(begin + 1, end - begin - 1);
    }
    return 0;
}

size_t Dialogue::onRead(char* data, size_t size, size_t count, void* self)
{
    auto& dialogue = *static_cast<Dialogue*>(self);
    const auto& text = dialogue._message->text;
    const auto bytes = std::min(size * count, text.size() - dialogue._read);
    std::memcpy(data, text.data() + dialogue._read, bytes);
    dialogue._read += bytes;
    dialogue._isTextRead = dialogue._read == text.size();
    return bytes;
}

int Dialogue::onProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<Dialogue*>(self)->_cancellation.isRequested() ? 1 : 0;
}

CURLcode Dialogue::onTls(CURL*, void* context, void* self)
{
    auto* store = SSL_CTX_get_cert_store(static_cast<SSL_CTX*>(context));
    static_cast<Dialogue*>(self)->_trust.addTo(store);
    return CURLE_OK;
}

} // namespace

SmtpClient::SmtpClient(SmtpServer server) : _server(std::move(server))
{
    if (_server.security == SmtpSecurity::None && !isLoopbackHost(_server.host))
        throw ConfigError("smtp.security: none is for a mail server on this machine only: write "
                          "starttls or tls");
}

SmtpResult SmtpClient::send(const SmtpMessage& message, const runtime::Cancellation& cancellation)
{
    return Dialogue(_server, &message, cancellation).run();
}

void SmtpClient::check(const runtime::Cancellation& cancellation)
{
    Dialogue dialogue(_server, nullptr, cancellation);
    dialogue.run();
    if (!_server.user.empty() && !dialogue.isSignedIn())
        throw ConfigError("the mail server " + _server.host +
                          " offers no sign-in here: take smtp.user out, or check smtp.port and "
                          "smtp.security");
}

} // namespace muster::http
