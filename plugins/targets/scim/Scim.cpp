#include "Applier.h"
#include "Members.h"
#include "Service.h"

namespace scim {

namespace {

using muster::target::Finding;
using muster::target::Host;
using muster::target::Output;
using muster::target::ReadRequest;
using muster::target::SettingError;
using muster::target::Severity;

/// Users and groups of a SCIM 2.0 service. A service is one list of each, so a sync has no scope.
class Scim : public muster::target::Target
{
public:
    Scim(Host& host, const Json& settings) : _service(host)
    {
        const auto url = settings.at("url").get<std::string>();
        for (const auto* end : {"/Users", "/Groups"})
            if (url.find(end) != url.npos)
                throw SettingError("url", std::string("leave ") + end +
                                              " away: it is the address in front of that");
    }

    void check(const std::vector<Json>&, Output& output) override
    {
        const auto users = _service.host().send(Service::get("/Users?startIndex=1&count=1"));
        if (!users.isSuccess() || !users.json().is_object())
            _service.failures().fail("looking at /Users", users);
        output.say(Finding{"connected", Severity::Info,
                           "the SCIM service takes the token and has " +
                               users.json().value("totalResults", Json(0)).dump() + " users"});
        const auto answer = _service.host().send(Service::get("/ServiceProviderConfig"));
        const auto config = answer.json();
        if (!answer.isSuccess() || !config.is_object())
        {
            output.say(Finding{"config-missing", Severity::Warning,
                               _service.failures().describe("looking at what it can", answer)});
            return;
        }
        for (const auto* feature : {"patch", "filter"})
            if (config.value(feature, Json::object()).value("supported", Json(false)) != true)
                output.say(Finding{std::string(feature) + "-missing", Severity::Error,
                                   std::string("the SCIM service does not support ") + feature +
                                       ", without which no records can be kept: use another "
                                       "service, or ask its vendor"});
    }

    void read(const ReadRequest& request, Output& output) override
    {
        std::optional<std::set<std::string>> users;
        for (const auto& kind : request.kinds)
            if (kind == "contact")
            {
                users.emplace();
                for (const auto& user : _service.list("/Users?", userRecord))
                {
                    users->insert(user.remoteId);
                    output.say(user);
                }
            }
            else if (kind == "contact-group")
                for (const auto& group :
                     _service.list("/Groups?excludedAttributes=members&", groupRecord))
                    output.say(group);
        Members(_service, output, std::move(users)).read(request.linksInto);
    }

    void apply(const Json&, const std::vector<Change>& changes, Output& output) override
    {
        Applier(_service, output).apply(changes);
    }

private:
    Service _service;
};

} // namespace

} // namespace scim

MUSTER_TARGET(scim::Scim, "scim", "1.0.0");
