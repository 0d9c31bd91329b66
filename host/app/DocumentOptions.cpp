#include "app/DocumentOptions.h"

#include <algorithm>

namespace muster::app {

void DocumentFilter::declare(CLI::App& app)
{
    app.add_option("--type", type, "only of this type: microsoft365 or security")
        ->type_name("TYPE");
    app.add_option("--tenant", tenant, "only of this tenant")->type_name("TENANT");
    app.add_option("--organization", organization,
                   "only of this organization: its id in IT Glue, or the tenant's display name")
        ->type_name("ORGANIZATION");
    app.add_option("--status", status, "only with this status: enabled, orphaned or disabled")
        ->type_name("STATUS");
    app.add_flag("--archived", withArchived, "archived ones too");
    app.add_option("--search", search,
                   "only those in which this stands: in a name or text, in the name or address of "
                   "a member, owner or device, or in a field of yours")
        ->type_name("TEXT");
}

std::map<std::string, std::string> DocumentFilter::query() const
{
    return {{"type", type},     {"tenant", tenant}, {"organization", organization},
            {"status", status}, {"search", search}, {"archived", withArchived ? "true" : "false"}};
}

int readTenants(Session& session, const std::string& tenant, Reading reading)
{
    std::vector<std::string> names;
    if (reading == Reading::All && !tenant.empty())
        names.push_back(tenant);
    else if (reading == Reading::All)
    {
        const auto answer = session.ask({.path = "/tenants"}).document();
        for (const auto& each : answer.at("tenants"))
            names.push_back(each.at("name"));
    }
    else
        names = session.ask({.path = "/documents", .query = {{"tenant", tenant}, {"limit", "1"}}})
                    .document()
                    .at("unread");
    int exitCode = 0;
    const auto complain = [&](const std::string& name, const std::string& what, int code) {
        session.console.err << "muster: the mirror of " << printable(name)
                            << " is incomplete: " << printable(what) << "\n";
        exitCode = std::max(exitCode, code);
    };
    for (const auto& name : names)
    {
        try
        {
            const auto response =
                session.ask({.method = "POST", .path = pathOf("/tenants/", name) + "/refresh"});
            const auto outcome = response.document();
            if (!outcome.at("complete").get<bool>())
                complain(name, outcome.at("problem"), response.exitCode);
        }
        catch (const Problem& problem)
        {
            complain(name, problem.response.body.at("detail"), problem.response.exitCode);
        }
    }
    return exitCode;
}

Colour colourOfStatus(const std::string& status)
{
    if (status == "enabled")
        return Colour::Green;
    return status == "orphaned" ? Colour::Yellow : Colour::Red;
}

} // namespace muster::app
