#include "app/Command.h"

namespace muster::app {

namespace {

/// The program runs it itself: it is what the others ask.
class ServeCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "serve",
                .summary = "be the service: schedule, requests and API",
                .description =
                    "Keeps the targets up to date by the schedules of the estate, works off the "
                    "tickets that ask for syncs (settings.requests of a target), and answers the "
                    "other commands, which talk to it while it runs, and the HTTP API on "
                    "http.listen of the configuration (docs: /api/v1/openapi.json; tokens: muster "
                    "token).\n\nSIGTERM and SIGINT end it: the change in flight is finished, the "
                    "rest is done by the next run. SIGHUP reads the configuration again: log.*, "
                    "smtp.* and report.* count at once, the rest from the next start; one that is "
                    "wrong is refused and the old one stays. Under systemd (config/muster.service) "
                    "it says when it is "
                    "ready and feeds the watchdog.",
                .exitStatus = {{75, "another process uses the data directory"},
                               {78, "the configuration is wrong, or the address is taken"}},
                .examples = {"muster serve", "systemctl enable --now muster"}};
    }

    void declare(CLI::App&) override {}
    bool serves() const override { return true; }
    int run(Session&) override { return 0; }
};

} // namespace

std::unique_ptr<Command> serveCommand()
{
    return std::make_unique<ServeCommand>();
}

} // namespace muster::app
