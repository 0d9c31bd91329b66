#include "app/Rendering.h"

namespace muster::app {

namespace {

class SyncCommand : public Command
{
public:
    Manual manual() const override
    {
        return {
            .name = "sync",
            .summary = "bring targets up to date",
            .synopsis = "[SYNC...] [--plan ID] [--approve] [--verify]",
            .description =
                "Brings the mirrors up to date, plans, and does what the guards let pass. "
                "Removals that a guard holds wait until someone has looked at them (muster "
                "plan) and runs the sync with --approve; the rest is done.\n\nA run that was "
                "interrupted is finished by the next one.",
            .exitStatus = {{1, "some changes failed, or a run is partial"},
                           {3, "a guard holds removals"},
                           {75, "the directory or target could not be reached, at all or any more"},
                           {78, "a setting, secret or permission is wrong"}},
            .examples = {"muster sync", "muster sync contoso-groups --approve",
                         "muster sync --plan 12"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("SYNC", _syncs, "syncs of the estate; none: all");
        app.add_option("--plan", _plan, "do this stored plan and nothing else, without a refresh")
            ->type_name("ID")
            ->check(CLI::Range(1, 1000000000));
        app.add_flag("--approve", _approve, "let held removals pass, this once");
        app.add_flag("--verify", _verify,
                     "read the targets and the members of all groups, whatever is due");
    }

    int run(Session& session) override
    {
        Json body = {{"syncs", _syncs}, {"approve", _approve}, {"verify", _verify}};
        if (_plan > 0)
            body["plan"] = _plan;
        const auto response =
            session.ask({.method = "POST", .path = "/runs", .body = std::move(body)});
        if (session.json)
            return session.printJson(response);
        const auto runs = response.document().at("runs");
        for (const auto& each : runs)
            showRun(session.console, each);
        if (runs.empty())
            session.console.out << "No sync is declared: see muster apply.\n";
        return response.exitCode;
    }

private:
    std::vector<std::string> _syncs;
    int64_t _plan = 0;
    bool _approve = false;
    bool _verify = false;
};

} // namespace

std::unique_ptr<Command> syncCommand()
{
    return std::make_unique<SyncCommand>();
}

} // namespace muster::app
