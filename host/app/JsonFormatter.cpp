#include "app/JsonFormatter.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Message.h>

#include <nlohmann/json.hpp>

namespace muster::app {

namespace {

const char* levelOf(const Poco::Message& message)
{
    static const char* const kLevels[] = {"",       "fatal",       "critical", "error", "warning",
                                          "notice", "information", "debug",    "trace"};
    return kLevels[message.getPriority()];
}

} // namespace

void JsonFormatter::format(const Poco::Message& message, std::string& text)
{
    nlohmann::ordered_json line = {
        {"time", Poco::DateTimeFormatter::format(message.getTime(),
                                                 Poco::DateTimeFormat::ISO8601_FRAC_FORMAT)},
        {"level", levelOf(message)},
        {"topic", message.getSource()},
        {"message", message.getText()}};
    for (const auto* field : {"sync", "tenant", "run", "state"})
        if (message.has(field))
            line[field] = message.get(field);
    text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace muster::app
