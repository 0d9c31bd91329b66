#include "app/Rendering.h"

namespace muster::app {

namespace {

class PlanCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "plan",
                .summary = "show what a sync would change",
                .synopsis = "[SYNC...]",
                .description =
                    "Brings the mirrors up to date, and shows for each sync what would change in "
                    "its target, and why. Writes to no target. A plan is stored: muster sync "
                    "--plan ID does its changes and no others.\n\nA plan that a guard holds is "
                    "shown like any other; its removals wait for muster sync --approve.",
                .exitStatus = {{75, "the directory or target could not be reached"},
                               {78, "a setting, secret or permission is wrong"}},
                .examples = {"muster plan", "muster plan contoso-groups --json"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("SYNC", _syncs, "syncs of the estate; none: all");
    }

    int run(Session& session) override
    {
        ApiRequest request{.method = "POST", .path = "/plans", .body = {{"syncs", _syncs}}};
        if (!session.json)
            request.query["changes"] = std::to_string(kChangesShown);
        const auto response = session.ask(request);
        if (session.json)
            return session.printJson(response);
        const auto plans = response.document().at("plans");
        for (const auto& plan : plans)
            show(session.console, plan);
        if (plans.empty())
            session.console.out << "No sync is declared: see muster apply.\n";
        return response.exitCode;
    }

private:
    static void show(const Console& console, const Json& plan)
    {
        showPlan(console, plan);
        if (plan.at("total") > 0)
            console.out << "\nmuster sync --plan " << plan.at("id")
                        << (plan.at("held") > 0
                                ? " does what is not held; with --approve, all of it.\n"
                                : " does these changes and no others.\n");
        console.out << "\n";
    }

    std::vector<std::string> _syncs;
};

} // namespace

std::unique_ptr<Command> planCommand()
{
    return std::make_unique<PlanCommand>();
}

} // namespace muster::app
