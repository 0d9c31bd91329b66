#pragma once

#include "AccessTokens.h"
#include "Certificates.h"
#include "Directory.h"
#include "Http.h"

#include <string>
#include <vector>

namespace muster::sandbox {

/// The Entra token endpoint for client credentials, by secret or by certificate, and its discovery
/// document (contracts/graph.md section 1). Thread-safe.
class TokenEndpoint : public Service
{
public:
    struct App
    {
        std::string clientId{};
        std::string clientSecret{};
        std::vector<ClientCertificate> certificates{};
    };

    TokenEndpoint(const Directory& directory, const Settings& settings, const AccessTokens& tokens,
                  App app);

    std::string name() const override { return "token"; }
    bool owns(const std::string& path) const override;
    Route route(const Request& request) override;

private:
    class Refusal;

    Response discovery(const Request& request, const std::string& tenant) const;
    Response token(const Request& request, const std::string& tenant) const;
    Response issue(const Request& request, const std::string& tenant) const;
    std::string requireTenant(const std::string& tenant) const;
    void checkAssertion(const Request& request, const std::string& tenant,
                        const std::string& assertion) const;
    void checkValidity(const Json& claims) const;

    const Directory& _directory;
    const Settings& _settings;
    const AccessTokens& _tokens;
    App _app;
};

} // namespace muster::sandbox
