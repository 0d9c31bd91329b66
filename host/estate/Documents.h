#pragma once

#include "estate/Estate.h"

/// The JSON documents that the store keeps of an estate's entries. A document holds every effective
/// value, so that writing a default out is no change.
namespace muster::estate {

Json documentOf(const Tenant& tenant);
Json documentOf(const Target& target);
Json documentOf(const Sync& sync);

/// The entry a document was made of; ids are the caller's to fill in.
Tenant tenantFrom(const std::string& name, const Json& document);
Target targetFrom(const std::string& name, const Json& document);
Sync syncFrom(const std::string& name, const Json& document);

/// The keys whose values differ, as paths: "guard.percent", "settings".
std::vector<std::string> changedKeys(const Json& before, const Json& after);

} // namespace muster::estate
