#pragma once

#include "GraphDelta.h"
#include "GraphLists.h"
#include "Throttle.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace muster::sandbox {

/// Microsoft Graph v1.0: says which operation a path is, checks token, units and roles, and leaves
/// the answer to GraphDelta and GraphLists (contracts/graph.md). Thread-safe.
class GraphApi : public Service
{
public:
    /// Answers a request of a $batch, as the one that came alone would be.
    using AnswerItem = std::function<Response(Request&)>;

    GraphApi(Directory& directory, const Settings& settings, const Clock& clock,
             const AccessTokens& tokens, AnswerItem answerItem);

    std::string name() const override { return "graph"; }
    bool owns(const std::string& path) const override { return path.rfind("/v1.0/", 0) == 0; }
    Route route(const Request& request) override;

    /// The mails that were taken: [{"tenant","from","message"}], the last as it was sent.
    Json mails() const;

private:
    struct Operation
    {
        std::string name{};
        std::size_t units = 1;
        std::vector<std::string> roles{}; ///< one of them is needed; none: any token will do
        std::function<Response(const GraphCall&)> answer;
    };

    Operation find(const Request& request);
    Operation findCollection(const std::vector<std::string>& path, World::Kind kind) const;
    Operation findInGroup(const std::vector<std::string>& path) const;
    Operation findInDirectory(const std::vector<std::string>& path) const;
    Response answer(const Request& request, const Operation& operation);
    Response sendMail(const GraphCall& call, const std::string& mailbox);
    Response batch(const GraphCall& call) const;
    Json batchItem(const GraphCall& call, const Json& item) const;

    const Settings& _settings;
    const AccessTokens& _tokens;
    AnswerItem _answerItem;
    GraphDelta _delta;
    GraphLists _lists;
    Throttle _throttle;
    mutable std::mutex _mailsMutex; ///< guards _mails
    Json _mails = Json::array();
};

} // namespace muster::sandbox
