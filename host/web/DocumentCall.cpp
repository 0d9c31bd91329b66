#include "web/DocumentCall.h"

#include "documents/Places.h"
#include "documents/Register.h"
#include "estate/EstateStore.h"
#include "estate/Field.h"
#include "runtime/Errors.h"

#include <Poco/StringTokenizer.h>

namespace muster::web {

std::vector<std::string> listIn(const std::string& text)
{
    const Poco::StringTokenizer words(
        text, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    return {words.begin(), words.end()};
}

void updateRegister(ApiParts& parts, store::Database& database, const ApiCall& call)
{
    documents::Register documented(database, parts.catalog, parts.clock);
    const auto name = call.query("tenant");
    if (name.empty())
        return documented.updateAll(call.progress, call.cancellation);
    for (const auto& tenant : estate::EstateStore(database).tenants())
        if (tenant.name == name)
            documented.update(tenant, call.progress, call.cancellation);
}

documents::Filter filterOf(const ApiCall& call)
{
    documents::Filter filter{.ids = listIn(call.query("ids")),
                             .tenant = call.query("tenant"),
                             .organization = call.query("organization"),
                             .search = call.query("search")};
    if (const auto type = call.query("type"); !type.empty())
        filter.type = documents::typeFromText(type);
    if (const auto status = call.query("status"); !status.empty())
        filter.status = documents::statusFromText(status);
    const auto archived = call.query("archived", "false");
    if (archived != "true" && archived != "false")
        throw UsageError("archived: '" + archived + "' is neither true nor false");
    filter.withArchived = archived == "true";
    return filter;
}

std::vector<Member> documentQuery()
{
    return {{"ids"}, {"type"}, {"tenant"}, {"organization"}, {"status"}, {"search"}, {"archived"}};
}

documents::Sight sightOf(const Caller& caller)
{
    documents::Sight sight{.tenants = caller.tenants};
    if (caller.role == Role::Reader)
        sight.person = {caller.name, caller.groups};
    return sight;
}

void requireTenant(store::Database& database, const Caller& caller, const std::string& name)
{
    if (!name.empty() && !sightOf(caller).covers(name))
        throw ForbiddenError("the token '" + caller.name + "' is for the documents of " +
                             estate::listed(caller.tenants) + " alone: use another one");
    for (const auto& [id, place] : documents::places(database))
        if (place.name == name)
            return;
    if (!name.empty())
        estate::EstateStore(database).tenant(name);
}

} // namespace muster::web
