#include "app/Command.h"
#include "app/OutputFile.h"
#include "runtime/Errors.h"

namespace muster::app {

namespace {

class ReportCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "report",
                .summary = "tell what was done and what needs a person",
                .synopsis = "[--since TIME] [--html FILE] [--send]",
                .description =
                    "Tells per customer and sync what was created, activated, updated, linked, "
                    "unlinked and retired, what is held or failed and why, which runs were not "
                    "whole, and the findings that stand. What needs a person comes first.\n\n"
                    "--send mails it to those of report.to in muster.properties, in text and HTML. "
                    "The service does so daily at report.daily.",
                .exitStatus = {{1, "with --send: some recipients were refused, or no answer came"},
                               {75, "with --send: the mail server could not be reached"},
                               {78, "with --send: a setting or the password is wrong; with --html: "
                                    "the file cannot be written"}},
                .examples = {"muster report", "muster report --since 7d --html week.html",
                             "muster report --send"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--since", _since,
                       "how far back: a number with s, m, h or d; 1d when left out")
            ->type_name("TIME");
        app.add_option("--html", _html, "write it into a file, in HTML")->type_name("FILE");
        app.add_flag("--send", _isSent, "mail it now");
    }

    int run(Session& session) override
    {
        if (_isSent && !_html.empty())
            throw UsageError("--html and --send do not go together: leave one out");
        if (_isSent)
            return send(session);
        if (!_html.empty())
            return write(session);
        if (session.json)
            return session.printJson(session.ask(request("json")));
        const auto text = session.ask(request("text")).document().at("text").get<std::string>();
        // Line by line: what names hold must not steer the terminal.
        for (size_t begin = 0; begin < text.size();)
        {
            const auto end = std::min(text.find('\n', begin), text.size());
            session.console.out << printable(text.substr(begin, end - begin)) << "\n";
            begin = end + 1;
        }
        return 0;
    }

private:
    ApiRequest request(const std::string& form) const
    {
        return {.path = "/report", .query = {{"since", _since}, {"form", form}}};
    }

    int write(Session& session) const
    {
        const auto html = session.ask(request("html")).document().at("html").get<std::string>();
        writeFile(_html, [&](std::ostream& file) { file << html; });
        if (session.json)
            session.console.out << Json{{"file", _html}}.dump() << "\n";
        else
            session.console.out << "The report is in " << printable(_html) << ".\n";
        return 0;
    }

    int send(Session& session) const
    {
        const auto response =
            session.ask({.method = "POST", .path = "/report", .body = {{"since", _since}}});
        if (session.json)
            return session.printJson(response);
        const auto document = response.document();
        const auto& to = document.at("to");
        session.console.out << printable(document.at("subject").get<std::string>()) << "\n";
        for (const auto& address : to)
            session.console.out << (document.at("certain").get<bool>()
                                        ? "Sent to "
                                        : "Sent, and no answer came: look whether it arrived at ")
                                << address.get<std::string>() << ".\n";
        for (const auto& refusal : document.at("refused"))
            session.console.err << "muster: refused for "
                                << printable(refusal.at("address").get<std::string>() + " (" +
                                             refusal.at("why").get<std::string>() +
                                             "): check report.to")
                                << "\n";
        return response.exitCode;
    }

    std::string _since = "1d";
    std::string _html;
    bool _isSent = false;
};

} // namespace

std::unique_ptr<Command> reportCommand()
{
    return std::make_unique<ReportCommand>();
}

} // namespace muster::app
