#include "app/Command.h"

namespace muster::app {

namespace {

class CheckCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "check",
                .summary = "prove settings, secrets, permissions and reachability",
                .synopsis = "[--tenant TENANT] [--target TARGET]",
                .description =
                    "Signs in to every tenant and target of the estate, looks whether Muster may "
                    "do there what it needs, and says what to do where it may not. Changes "
                    "nothing.",
                .exitStatus = {{75, "a tenant or target could not be reached"},
                               {78, "a setting, secret or permission is wrong"}},
                .examples = {"muster check", "muster check --tenant contoso"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--tenant", _tenant, "only this tenant and its syncs")->type_name("TENANT");
        app.add_option("--target", _target, "only this target and its syncs")->type_name("TARGET");
    }

    int run(Session& session) override
    {
        const auto response =
            session.ask({.path = "/checks", .query = {{"tenant", _tenant}, {"target", _target}}});
        if (session.json)
            return session.printJson(response);
        Table table({"WHAT", "CHECK", "STATE", "WHAT TO KNOW OR DO"});
        int64_t errors = 0;
        int64_t warnings = 0;
        const auto document = response.document();
        for (const auto& check : document.at("checks"))
        {
            const std::string state = check.at("state");
            errors += state == "error" ? 1 : 0;
            warnings += state == "warning" ? 1 : 0;
            table.add(
                {check.at("kind").get<std::string>() + " " + check.at("name").get<std::string>(),
                 check.at("check").get<std::string>(),
                 {state, state == "ok"        ? Colour::Green
                         : state == "warning" ? Colour::Yellow
                                              : Colour::Red},
                 check.at("message").get<std::string>()});
        }
        session.console.print(table);
        session.console.out << "\n"
                            << (errors + warnings == 0 ? "Everything is in order"
                                : errors == 0          ? counted(warnings, "warning")
                                                       : counted(errors, "error") + ", " +
                                                    counted(warnings, "warning"))
                            << ".\n";
        return response.exitCode;
    }

private:
    std::string _tenant;
    std::string _target;
};

} // namespace

std::unique_ptr<Command> checkCommand()
{
    return std::make_unique<CheckCommand>();
}

} // namespace muster::app
