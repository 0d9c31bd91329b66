#pragma once

#include "documents/Reader.h"
#include "store/Database.h"
#include "web/Router.h"

#include <string>
#include <vector>

/// What requests about documents have in common.
namespace muster::web {

/// Words between commas.
std::vector<std::string> listIn(const std::string& text);

/// Brings the register up to date before anything is said of it.
void updateRegister(ApiParts& parts, store::Database& database, const ApiCall& call);

/// Which documents the query asks for. Throws UsageError when it makes no sense.
documents::Filter filterOf(const ApiCall& call);

/// Throws UsageError when a tenant is named that there is not, and never was.
void requireTenant(store::Database& database, const std::string& name);

} // namespace muster::web
