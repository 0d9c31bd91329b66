#pragma once

#include "web/Router.h"

/// The resources of the API. Each adds its routes; `parts` outlives the router.
namespace muster::web {

/// POST /estate, GET /tenants, POST /offers
void addEstate(Router& router, ApiParts& parts);

/// GET /checks
void addChecks(Router& router, ApiParts& parts);

/// GET and PATCH /tenants/{name}/groups, POST /tenants/{name}/refresh
void addGroups(Router& router, ApiParts& parts);

/// POST /plans; POST and GET /runs, GET /runs/{id}; GET /records
void addSyncs(Router& router, ApiParts& parts);

/// GET /plugins
void addPlugins(Router& router, ApiParts& parts);

/// GET /secrets; PUT and DELETE /secrets/{name}
void addSecrets(Router& router, ApiParts& parts);

/// GET and POST /tokens, DELETE /tokens/{name}
void addTokens(Router& router, ApiParts& parts);

/// GET /schedule
void addSchedule(Router& router, ApiParts& parts);

/// GET /requests
void addRequests(Router& router, ApiParts& parts);

/// GET and POST /report
void addReport(Router& router, ApiParts& parts);

/// GET /documents/{id}.pdf, /documents.csv, /documents.json, /runbook. To be added before the
/// documents, whose ids may end in anything.
void addExports(Router& router, ApiParts& parts);

/// GET, POST, PATCH and DELETE /documents; GET, PATCH and DELETE /documents/{id}; GET /activity
void addDocuments(Router& router, ApiParts& parts);

/// Answers the selection for every target that a tenant's groups can be switched on for, as its
/// estate says now.
void updateSelections(ApiParts& parts, const estate::Tenant& tenant);

/// The targets of a tenant's syncs and of its selection rules, in the order of the estate.
std::vector<estate::Target> targetsOf(ApiParts& parts, const estate::Tenant& tenant);

Json toJson(const runtime::Finding& finding);
Json toJson(const std::vector<runtime::Finding>& findings);

/// A value as JSON text; bytes that are not UTF-8 are replaced.
std::string textOf(const Json& value);

} // namespace muster::web
