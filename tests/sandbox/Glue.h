#pragma once

#include "GlueAssets.h"
#include "GlueLinks.h"
#include "GlueObjects.h"
#include "GlueTypes.h"
#include "RequestLog.h"

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace muster::sandbox {

/// One IT Glue account: the API of contracts/itglue.md. Thread-safe.
class Glue : public Service
{
public:
    Glue(const Settings& settings, const Clock& clock, const RequestLog& log, std::string apiKey);

    std::string name() const override { return "itglue"; }
    bool owns(const std::string& path) const override;
    Route route(const Request& request) override;

    /// Everything that the account holds, every write that reached it, and the peaks of its load.
    Json state() const;
    /// Creates, edits or deletes records as a person does by hand; README.md has the format.
    /// Throws std::invalid_argument.
    void seed(const Json& records);

private:
    struct Write
    {
        std::chrono::milliseconds at; ///< since 1970
        std::string method;
        std::string path;
        int status;
    };

    GlueRoute find(const GlueCall& call);
    Response answer(const GlueCall& call, const GlueRoute& route);
    std::optional<Response> refuse(const GlueCall& call);
    std::optional<Response> throttle();
    Response listLogs(const GlueCall& call) const;
    Json typesJson() const;
    Json assetsJson() const;

    const Settings& _settings;
    const Clock& _clock;
    const RequestLog& _log;
    const std::string _apiKey;
    mutable std::mutex _mutex; ///< guards what follows
    mutable GlueRecords _records;
    GlueAssets _assets;
    GlueTypes _types;
    GlueObjects _objects;
    GlueLinks _links;
    std::deque<std::int64_t> _window; ///< when the last requests came, in seconds
    std::vector<Write> _writes;
};

} // namespace muster::sandbox
