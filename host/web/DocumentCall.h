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

/// The members of the query that it looks at.
std::vector<Member> documentQuery();

/// Which documents the caller may read.
documents::Sight sightOf(const Caller& caller);

/// Throws when a tenant is named, and there is none of that name, and never was: MissingError; or
/// the caller may not read its documents: ForbiddenError.
void requireTenant(store::Database& database, const Caller& caller, const std::string& name);

} // namespace muster::web
