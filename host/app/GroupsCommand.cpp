#include "app/Command.h"
#include "runtime/Errors.h"

#include <algorithm>

namespace muster::app {

namespace {

class GroupsCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "groups",
                .summary = "show a tenant's groups, and switch them on or off for a target",
                .synopsis = "TENANT [--target TARGET] [--enable PATTERN]... [--disable PATTERN]... "
                            "[--reset] [--refresh]",
                .description =
                    "Without options it lists the groups as they were last mirrored, with a column "
                    "for each target: yes means that the group is switched on.\n\nA pattern is a "
                    "group's id, or its name without regard to case, in which * stands for "
                    "anything and ? for one character. What was switched by hand wins over the "
                    "estate's selection until --reset.",
                .exitStatus = {{75, "the directory could not be reached"},
                               {78, "a setting, secret or permission is wrong"}},
                .examples = {"muster groups contoso --enable 'Sales*' --enable 'All Staff'",
                             "muster groups contoso --target desk --disable 'Test ?'"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("TENANT", _tenant, "a tenant of the estate")->required();
        app.add_option("--target", _target, "the target; needed when the tenant has several")
            ->type_name("TARGET");
        app.add_option("--enable", _enable, "switch groups on that match; may be given again")
            ->type_name("PATTERN")
            ->allow_extra_args(false);
        app.add_option("--disable", _disable, "switch groups off that match; may be given again")
            ->type_name("PATTERN")
            ->allow_extra_args(false);
        app.add_flag("--reset", _reset, "forget what was switched by hand");
        app.add_flag("--refresh", _refresh, "bring the mirror up to date first");
    }

    int run(Session& session) override
    {
        const auto base = pathOf("/tenants/", _tenant);
        const int refreshed = refresh(session, base);
        const int answered = switchAndShow(session, base);
        return answered == 0 ? refreshed : answered;
    }

private:
    int switchAndShow(Session& session, const std::string& base)
    {
        const bool switches = !_enable.empty() || !_disable.empty() || _reset;
        if (switches)
        {
            const auto response = session.ask({.method = "PATCH",
                                               .path = base + "/groups",
                                               .body = {{"target", _target},
                                                        {"enable", _enable},
                                                        {"disable", _disable},
                                                        {"reset", _reset},
                                                        {"actor", userName()}}});
            if (!session.json)
            {
                showSwitched(session, response.document());
                return response.exitCode;
            }
        }
        const auto response =
            session.ask({.path = base + "/groups", .query = {{"target", _target}}});
        if (session.json)
            return session.printJson(response);
        showGroups(session, response.document().at("groups"));
        return response.exitCode;
    }

    int refresh(Session& session, const std::string& base) const
    {
        const auto response = session.ask(
            {.method = "POST", .path = base + "/refresh", .body = {{"onlyWhenEmpty", !_refresh}}});
        const auto outcome = response.document();
        if (outcome.at("refreshed") && !outcome.at("complete"))
            session.console.err << "muster: the mirror of " << _tenant
                                << " is incomplete: " << printable(outcome.at("problem")) << "\n";
        return response.exitCode;
    }

    static void showSwitched(Session& session, const Json& answer)
    {
        auto& out = session.console.out;
        const std::string target = answer.at("target");
        for (const bool on : {true, false})
        {
            int64_t number = 0;
            for (const auto& group : answer.at("switched"))
                number += group.at("selected") == on ? 1 : 0;
            if (number == 0)
                continue;
            out << counted(number, "group") << " switched " << (on ? "on" : "off") << " for "
                << target << ":\n";
            for (const auto& group : answer.at("switched"))
                if (group.at("selected") == on)
                    out << "  " << printable(group.at("name")) << "\n";
        }
        if (answer.at("switched").empty())
            out << "Nothing to switch: the groups are as you want them for " << target << ".\n";
    }

    static void showGroups(Session& session, const Json& groups)
    {
        if (groups.empty())
        {
            session.console.out << "The directory has no groups.\n";
            return;
        }
        std::vector<std::string> heading = {"NAME", "TYPE", "MEMBERSHIP", "MEMBERS", "OWNERS"};
        for (const auto& [target, selected] : groups.front().at("selected").items())
            heading.push_back(target);
        Table table(heading);
        for (const auto& group : groups)
        {
            Table::Row row = {
                group.at("name").get<std::string>(), group.at("type").get<std::string>(),
                group.at("membership").get<std::string>(), group.at("members").get<int64_t>(),
                group.at("owners").get<int64_t>()};
            for (const auto& [target, selected] : group.at("selected").items())
                row.push_back(selected.get<bool>() ? Table::Cell("yes", Colour::Green)
                                                   : Table::Cell("no", Colour::Faint));
            table.add(std::move(row));
        }
        session.console.print(table);
        session.console.out << "\n"
                            << counted(static_cast<int64_t>(groups.size()), "group") << ".\n";
    }

    std::string _tenant;
    std::string _target;
    std::vector<std::string> _enable;
    std::vector<std::string> _disable;
    bool _reset = false;
    bool _refresh = false;
};

} // namespace

std::unique_ptr<Command> groupsCommand()
{
    return std::make_unique<GroupsCommand>();
}

} // namespace muster::app
