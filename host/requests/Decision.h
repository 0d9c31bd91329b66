#pragma once

#include "plugins/Catalog.h"
#include "requests/Answers.h"
#include "requests/Tenants.h"
#include "store/Database.h"

#include <functional>
#include <string>

namespace muster::requests {

/// What a request's answers lead to: a sync that there is or that is to be declared, or a problem.
struct Decision
{
    std::string problem = {}; ///< for those who work on the ticket, with what to do; empty: none
    std::string tenant = {};
    std::string mode = {};
    std::string sync = {};
    estate::Json entry = {}; ///< of the estate, when there is no such sync yet
};

/// What a tenant lacks before any mode can sync it, in words; empty: nothing.
using Lacks = std::function<std::string(const estate::Tenant&)>;

/// Used once.
class Decider
{
public:
    Decider(store::Database& database, const plugins::Catalog& catalog, const Setup& setup,
            const Tenants& tenants, Lacks lacks)
        : _database(database),
          _catalog(catalog),
          _setup(setup),
          _tenants(tenants),
          _lacks(std::move(lacks))
    {}

    Decision decide(const Answers& answers);

private:
    const estate::Tenant* findTenant(const Answers& answers);
    const std::string* findMode(const Answers& answers);
    std::optional<estate::Json> findScope(const estate::Tenant& tenant, const Answers& answers);
    std::string unusedName(const estate::Tenant& tenant, const std::string& mode,
                           const estate::Json& scope);
    std::string known() const;

    store::Database& _database;
    const plugins::Catalog& _catalog;
    const Setup& _setup;
    const Tenants& _tenants;
    Lacks _lacks;
    std::string _mode = {};
    std::string _problem = {};
};

} // namespace muster::requests
