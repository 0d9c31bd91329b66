#pragma once

#include <graph/PageParser.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace muster::bench {

/// What merely fetching and parsing the pages of a tenant's delta chains comes to.
struct PageCount
{
    uint64_t pages = 0;
    uint64_t memberships = 0; ///< without ownerships
    double fetchingCpu = 0;   ///< seconds, of fetching and parsing
    double parsingCpu = 0;    ///< of which parsing
};
PageCount countPages(const std::string& url, const std::string& tenant);

/// Gives DeskDirector records, page by page, until its account holds what the mode contact-groups
/// makes of the tenant.
void eachRecords(const std::string& url, const std::string& tenant, int account,
                 const std::function<void(const nlohmann::json&)>& give);

} // namespace muster::bench
