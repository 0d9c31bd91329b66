#include "app/Rendering.h"

namespace muster::app {

namespace {

class RunsCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "runs",
                .summary = "list the latest runs",
                .synopsis = "[--sync SYNC] [--limit N]",
                .description = "Lists what syncs did, newest first. muster run ID tells more of "
                               "one of them.",
                .examples = {"muster runs --sync contoso-groups --limit 5"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--sync", _sync, "only runs of this sync")->type_name("SYNC");
        app.add_option("--limit", _limit, "how many at most; 50 unless told")
            ->type_name("N")
            ->check(CLI::Range(1, 1000000000));
    }

    int run(Session& session) override
    {
        const auto response = session.ask(
            {.path = "/runs", .query = {{"sync", _sync}, {"limit", std::to_string(_limit)}}});
        if (session.json)
            return session.printJson(response);
        Table table({"RUN", "STARTED", "SYNC", "STATE", "APPLIED", "FAILED", "HELD", "MESSAGE"});
        const auto document = response.document();
        for (const auto& each : document.at("runs"))
        {
            const auto& changes = each.at("changes");
            const std::string state = each.at("state");
            table.add({each.at("id").get<int64_t>(),
                       each.at("startedAt").get<std::string>(),
                       each.at("sync").get<std::string>(),
                       {state, colourOf(state)},
                       changes.at("applied").get<int64_t>(),
                       changes.at("failed").get<int64_t>(),
                       changes.at("held").get<int64_t>(),
                       each.value("message", std::string())});
        }
        if (table.isEmpty())
            session.console.out << "Nothing ran yet: see muster sync.\n";
        else
            session.console.print(table);
        return response.exitCode;
    }

private:
    std::string _sync;
    size_t _limit = 50;
};

class RunCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "run",
                .summary = "tell what a run did",
                .synopsis = "ID",
                .description = "Shows a run with every change and its outcome.",
                .examples = {"muster run 7", "muster run 7 --json"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("ID", _id, "the number of a run; see muster runs")->required();
    }

    int run(Session& session) override
    {
        const auto response = session.ask({.path = pathOf("/runs/", _id)});
        if (session.json)
            return session.printJson(response);
        const auto document = response.document();
        const auto& run = document.at("run");
        const auto& changes = document.at("changes");
        const std::string state = run.at("state");
        auto& out = session.console.out;
        out << printable(run.at("sync")) << ": run " << run.at("id") << " "
            << coloured(state, colourOf(state), session.console.colours) << ", started "
            << run.at("startedAt").get<std::string>() << ", ended "
            << run.at("endedAt").get<std::string>() << "\n";
        if (run.contains("message"))
            showLines(session.console, run.at("message"));
        if (run.contains("guards"))
            showGuards(session.console, run.at("guards"));
        out << (changes.empty() ? "It changed nothing.\n" : "\n");
        showChanges(session.console, changes, Outcomes::Shown);
        showFindings(session.console, run.at("findings"));
        return response.exitCode;
    }

private:
    std::string _id;
};

} // namespace

std::unique_ptr<Command> runsCommand()
{
    return std::make_unique<RunsCommand>();
}

std::unique_ptr<Command> runCommand()
{
    return std::make_unique<RunCommand>();
}

} // namespace muster::app
