#include "http/Redactor.h"

#include <Poco/Base64Encoder.h>
#include <Poco/URI.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>

namespace muster::http {

namespace {

constexpr size_t kShortest = 4;
constexpr const char* kPlaceholder = "[secret]";

std::string inJson(const std::string& text)
{
    const auto quoted =
        nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

std::string inUrl(const std::string& text)
{
    std::string result;
    Poco::URI::encode(text, "!?#/'\",;:$&()[]*+=@", result);
    return result;
}

std::string inBase64(const std::string& text)
{
    std::ostringstream stream;
    Poco::Base64Encoder encoder(stream);
    encoder.rdbuf()->setLineLength(0);
    encoder << text;
    encoder.close();
    return stream.str();
}

} // namespace

Redactor::Redactor(const std::vector<std::string>& secrets)
{
    std::set<std::string> forms;
    for (const auto& secret : secrets)
        if (secret.size() >= kShortest)
            forms.insert({secret, inJson(secret), inUrl(secret), inBase64(secret)});
    _forms.assign(forms.begin(), forms.end());
    std::stable_sort(_forms.begin(), _forms.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Redactor::operator()(std::string text) const
{
    for (const auto& form : _forms)
    {
        auto at = text.find(form);
        if (at == text.npos)
            continue;
        std::string redacted;
        size_t from = 0;
        for (; at != text.npos; at = text.find(form, from))
        {
            redacted.append(text, from, at - from).append(kPlaceholder);
            from = at + form.size();
        }
        text = redacted.append(text, from);
    }
    return text;
}

} // namespace muster::http
