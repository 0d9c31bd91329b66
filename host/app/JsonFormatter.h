#pragma once

#include <Poco/Formatter.h>

namespace muster::app {

/// Thread-safe. A log message as a line of JSON: {"time","level","topic","message"}, and what the
/// message is about where it says so: "sync", "tenant", "run", "state".
class JsonFormatter : public Poco::Formatter
{
public:
    void format(const Poco::Message& message, std::string& text) override;
};

} // namespace muster::app
