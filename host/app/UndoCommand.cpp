#include "app/Rendering.h"
#include "runtime/Errors.h"

namespace muster::app {

namespace {

class UndoCommand : public Command
{
public:
    Manual manual() const override
    {
        return {
            .name = "undo",
            .summary = "put back what a run changed",
            .synopsis = "RUN [--approve]",
            .description =
                "Reads the target, shows what would put back the changes of a run, and does it: "
                "who "
                "was removed is a member again, fields and roles are what they were, contacts that "
                "were made are inactive. What was changed again since then stays as it is, and so "
                "does what the target cannot remove. Removals are held by the same guards as those "
                "of a sync; --approve lets them pass.\n\nThe directory is not asked: it may be "
                "what "
                "went wrong. What was undone is left alone until the groups or people concerned "
                "change; muster sync --verify brings it up to date again. An undo is a run, and "
                "can "
                "be undone.",
            .exitStatus = {{1, "some changes failed, or the run is partial"},
                           {2, "there is no such run, or it is under way"},
                           {3, "a guard holds removals"},
                           {75, "the target could not be reached"},
                           {78, "a setting or secret is wrong"}},
            .examples = {"muster undo 7", "muster undo 7 --approve"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("RUN", _run, "the number of a run; see muster runs")->required();
        app.add_flag("--approve", _approve, "let held removals pass, this once");
    }

    int run(Session& session) override
    {
        const auto made = session.ask({.method = "POST",
                                       .path = "/plans",
                                       .query = {{"changes", std::to_string(kChangesShown)}},
                                       .body = {{"undo", numberOfRun()}}});
        const auto plan = made.document().at("plans").at(0);
        if (!session.json)
            showPlan(session.console, plan);
        const auto done = session.ask({.method = "POST",
                                       .path = "/runs",
                                       .body = {{"plan", plan.at("id")}, {"approve", _approve}}});
        if (session.json)
            return session.printJson(done);
        session.console.out << "\n";
        const auto document = done.document();
        for (const auto& each : document.at("runs"))
            showRun(session.console, each);
        return done.exitCode;
    }

private:
    int64_t numberOfRun() const
    {
        const bool isNumber =
            !_run.empty() && _run.size() < 18 && _run.find_first_not_of("0123456789") == _run.npos;
        if (!isNumber)
            throw UsageError("'" + _run + "' is no number of a run: see `muster runs`");
        return std::stoll(_run);
    }

    std::string _run;
    bool _approve = false;
};

} // namespace

std::unique_ptr<Command> undoCommand()
{
    return std::make_unique<UndoCommand>();
}

} // namespace muster::app
