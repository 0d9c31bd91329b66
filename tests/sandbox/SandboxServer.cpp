#include "SandboxServer.h"

#include "ControlApi.h"
#include "DeskDirector.h"
#include "GeneratedWorld.h"
#include "Glue.h"
#include "GraphApi.h"
#include "Listener.h"
#include "TokenEndpoint.h"

#include <Poco/Event.h>

#include <stdexcept>

namespace muster::sandbox {

namespace {

std::optional<ServerCertificate> certificateFor(SandboxOptions::Transport transport)
{
    if (transport == SandboxOptions::Transport::Plain)
        return std::nullopt;
    return ServerCertificate::create();
}

TokenEndpoint::App appOf(const SandboxOptions& options)
{
    TokenEndpoint::App app{
        .clientId = options.clientId, .clientSecret = options.clientSecret, .certificates = {}};
    for (const auto& pem : options.certificates)
        app.certificates.emplace_back(pem);
    return app;
}

} // namespace

/// What the sandbox is made of, in the order of dependence; the listener comes last and ends first.
class SandboxServer::Impl
{
public:
    Impl(SandboxServer& server, const SandboxOptions& options)
        : certificate(certificateFor(options.transport)),
          directory(settings, clock),
          tokens(clock),
          dispatcher(log, faults),
          token(directory, settings, tokens, appOf(options)),
          graph(directory, settings, clock, tokens,
                [this](Request& request) { return dispatcher.answerItem(request); }),
          desk(settings, log, options.deskDirectorKey),
          glue(settings, clock, log, options.glueKey),
          control(server)
    {
        Json accounts = Json::array();
        for (const auto& [id, name] : options.accounts)
            accounts.push_back({{"id", id}, {"name", name}});
        desk.seed({{"accounts", accounts}});
        Json organizations = Json::array();
        for (const auto& [id, name] : options.organizations)
            organizations.push_back({{"id", id}, {"name", name}});
        glue.seed({{"organizations", organizations}});
        dispatcher.add(token);
        dispatcher.add(graph);
        dispatcher.add(desk);
        dispatcher.add(glue);
        listener.emplace(options.port, certificate, [this](Request& request) {
            return ControlApi::owns(request.path) ? control.answer(request)
                                                  : dispatcher.answer(request);
        });
    }

    std::optional<ServerCertificate> certificate;
    Settings settings;
    Clock clock;
    Directory directory;
    AccessTokens tokens;
    RequestLog log;
    Faults faults;
    Dispatcher dispatcher;
    TokenEndpoint token;
    GraphApi graph;
    DeskDirector desk;
    Glue glue;
    ControlApi control;
    Poco::Event quit{Poco::Event::EVENT_MANUALRESET};
    std::optional<Listener> listener;
};

SandboxServer::SandboxServer(const SandboxOptions& options)
    : _impl(std::make_unique<Impl>(*this, options))
{}

SandboxServer::~SandboxServer() = default;

std::uint16_t SandboxServer::port() const
{
    return _impl->listener->port();
}

std::string SandboxServer::baseUrl() const
{
    const std::string root = _impl->certificate ? "https://localhost:" : "http://127.0.0.1:";
    return root + std::to_string(port());
}

std::string SandboxServer::caPem() const
{
    return _impl->certificate ? _impl->certificate->caPem : "";
}

std::string SandboxServer::addWorld(const std::string& file, std::size_t lines)
{
    return _impl->directory.addFile(file, lines);
}

void SandboxServer::addTenant(const std::string& id, const std::string& name,
                              const std::string& domain)
{
    const auto guid = Guid::parse(id);
    if (!guid)
        throw std::invalid_argument("the tenant id \"" + id + "\" is no id");
    _impl->directory.add(World(*guid, name, domain));
}

std::string SandboxServer::addGenerated(const GeneratedSize& size)
{
    return _impl->directory.add(generateWorld(size));
}

Json SandboxServer::tenants() const
{
    return _impl->directory.tenants();
}

Json SandboxServer::advance(const std::string& tenant, std::size_t steps)
{
    return _impl->directory.advance(tenant, steps);
}

Json SandboxServer::advanceUntil(const std::string& tenant, const std::string& time)
{
    return _impl->directory.advanceUntil(tenant, time);
}

Json SandboxServer::ops(const std::string& tenant, const Json& ops)
{
    return _impl->directory.ops(tenant, ops);
}

Json SandboxServer::world(const std::string& tenant) const
{
    return _impl->directory.state(tenant);
}

Json SandboxServer::mails() const
{
    return _impl->graph.mails();
}

void SandboxServer::configure(const Json& settings)
{
    _impl->settings.merge(settings);
}

Json SandboxServer::settings() const
{
    return _impl->settings.json();
}

void SandboxServer::advanceClock(std::int64_t seconds)
{
    _impl->clock.advance(seconds);
}

Json SandboxServer::requests() const
{
    return _impl->log.json();
}

void SandboxServer::clearRequests()
{
    _impl->log.clear();
}

Json SandboxServer::deskDirector() const
{
    return _impl->desk.state();
}

void SandboxServer::seedDeskDirector(const Json& records)
{
    _impl->desk.seed(records);
}

Json SandboxServer::glue() const
{
    return _impl->glue.state();
}

void SandboxServer::seedGlue(const Json& records)
{
    _impl->glue.seed(records);
}

void SandboxServer::addFault(const Json& rules)
{
    _impl->faults.add(rules);
}

Json SandboxServer::faults() const
{
    return _impl->faults.json();
}

void SandboxServer::clearFaults()
{
    _impl->faults.clear();
}

void SandboxServer::waitForQuit()
{
    _impl->quit.wait();
}

void SandboxServer::quit()
{
    _impl->quit.set();
}

} // namespace muster::sandbox
