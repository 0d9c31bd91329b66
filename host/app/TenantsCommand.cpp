#include "app/Command.h"

namespace muster::app {

namespace {

std::string offered(const Json& tenant)
{
    std::string text;
    for (const auto& offer : tenant.at("offers"))
        if (offer.at("offered").get<bool>())
            text += (text.empty() ? "" : ", ") + offer.at("name").get<std::string>();
    return text.empty() ? "nothing" : text;
}

std::string namesOf(const Json& syncs)
{
    std::string text;
    for (const auto& sync : syncs)
        text += (text.empty() ? "" : ", ") + sync.get<std::string>();
    return text;
}

class TenantsCommand : public Command
{
public:
    Manual manual() const override
    {
        return {
            .name = "tenants",
            .summary = "list the tenants of the estate and what they offer",
            .synopsis = "[--refresh]",
            .description =
                "Lists tenants with how many groups are mirrored, their syncs, and what they "
                "offer: what the permissions of the application in Entra allow there. "
                "read-groups; read-groups-and-members, which every sync needs; "
                "update-groups-table, the mirror of the groups that people select from. What is "
                "missing is listed with what to do.\n\n"
                "Tenants are looked at once a day when they are refreshed or the service runs, "
                "and by muster check.",
            .exitStatus = {{75, "with --refresh: a tenant could not be reached"}},
            .examples = {"muster tenants", "muster tenants --refresh"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_flag("--refresh", _isRefreshed, "look now at what the tenants offer");
    }

    int run(Session& session) override
    {
        const auto response =
            session.ask(_isRefreshed ? ApiRequest{.method = "POST", .path = "/offers"}
                                     : ApiRequest{.path = "/tenants"});
        if (session.json)
            return session.printJson(response);
        Table table({"NAME", "DISPLAY NAME", "GROUPS", "SYNCS", "LOOKED AT", "OFFERS"});
        const auto document = response.document();
        for (const auto& tenant : document.at("tenants"))
            table.add({tenant.at("name").get<std::string>(),
                       tenant.at("displayName").get<std::string>(),
                       tenant.at("mirrored").get<bool>()
                           ? std::to_string(tenant.at("groups").get<int64_t>())
                           : std::string("not mirrored yet"),
                       namesOf(tenant.at("syncs")),
                       tenant.at("lookedAt").is_null() ? std::string("never")
                                                       : tenant.at("lookedAt").get<std::string>(),
                       offered(tenant)});
        if (table.isEmpty())
            session.console.out << "No tenant is declared: see muster apply.\n";
        else
            session.console.print(table);
        showMissing(session.console, document.at("tenants"));
        return response.exitCode;
    }

private:
    /// Offers that lack the same are one line.
    static void showMissing(const Console& console, const Json& tenants)
    {
        const char* gap = "\n";
        const auto line = [&](const std::string& tenant, const std::string& text) {
            console.out << gap << printable(tenant + ": " + text) << "\n";
            gap = "";
        };
        for (const auto& tenant : tenants)
        {
            const std::string name = tenant.at("name");
            std::map<std::string, std::string> lacking;
            for (const auto& offer : tenant.at("offers"))
                if (!offer.at("offered").get<bool>())
                {
                    auto& names = lacking[offer.at("missing").get<std::string>()];
                    names += (names.empty() ? "" : ", ") + offer.at("name").get<std::string>();
                }
            if (tenant.contains("problem"))
                line(name, tenant.at("problem"));
            for (const auto& [missing, names] : lacking)
                line(name, "no " + names + ": " + missing);
        }
    }

    bool _isRefreshed = false;
};

} // namespace

std::unique_ptr<Command> tenantsCommand()
{
    return std::make_unique<TenantsCommand>();
}

} // namespace muster::app
