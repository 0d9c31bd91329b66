#include "report/Message.h"

#include "report/Rendering.h"

#include <Poco/Base64Encoder.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MediaType.h>
#include <Poco/Net/StringPartSource.h>

#include <algorithm>
#include <sstream>

namespace muster::report {

using Poco::Net::MailMessage;

namespace {

constexpr size_t kBytesInWord = 45; ///< 60 letters of Base64 with 12 around them are within 75

std::string withCrLf(const std::string& text)
{
    std::string result;
    for (const char each : text)
    {
        if (each == '\n' && (result.empty() || result.back() != '\r'))
            result += '\r';
        result += each;
    }
    return result;
}

std::string base64Of(const std::string& bytes)
{
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return out.str();
}

/// Where the last character that begins within `most` bytes from `begin` ends at the latest.
size_t endOfWord(const std::string& text, size_t begin, size_t most)
{
    auto end = std::min(begin + most, text.size());
    while (end < text.size() && end > begin + 1 &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return end;
}

} // namespace

std::string headerText(const std::string& text)
{
    const auto line = plainLine(text);
    if (std::all_of(line.begin(), line.end(),
                    [](char each) { return static_cast<unsigned char>(each) < 128; }))
        return line;
    std::string words;
    for (size_t begin = 0; begin < line.size();)
    {
        const auto end = endOfWord(line, begin, kBytesInWord);
        words += (words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") +
                 base64Of(line.substr(begin, end - begin)) + "?=";
        begin = end;
    }
    return words;
}

std::string mimeOf(const Mail& mail, runtime::Instant date, const std::string& id)
{
    MailMessage message;
    message.setSender("Muster <" + mail.from + ">");
    for (const auto& address : mail.to)
        message.addRecipient({Poco::Net::MailRecipient::PRIMARY_RECIPIENT, address});
    message.setSubject(headerText(mail.subject));
    message.setDate(Poco::Timestamp(runtime::toMilliseconds(date) * 1000));
    message.set("Message-ID", "<" + id + "@" + mail.from.substr(mail.from.find('@') + 1) + ">");
    message.set("Auto-Submitted", "auto-generated"); // RFC 3834: no out-of-office answers
    message.setContentType(Poco::Net::MediaType("multipart/alternative"));
    for (const auto& [type, text] :
         {std::pair("text/plain", &mail.text), std::pair("text/html", &mail.html)})
        message.addContent(
            new Poco::Net::StringPartSource(withCrLf(*text), std::string(type) + "; charset=UTF-8"),
            MailMessage::ENCODING_QUOTED_PRINTABLE);
    std::ostringstream out;
    message.write(out);
    return out.str();
}

} // namespace muster::report
