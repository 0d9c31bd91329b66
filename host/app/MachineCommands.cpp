#include "app/Command.h"
#include "runtime/Errors.h"

#include <sstream>

namespace muster::app {

namespace {

std::string joined(const Json& texts)
{
    std::string result;
    for (const auto& text : texts)
        result += (result.empty() ? "" : ", ") + text.get<std::string>();
    return result;
}

class PluginsCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "plugins",
                .summary = "list the modes and targets that can be used",
                .synopsis = "[--trust ID] [--enable TARGET]",
                .description =
                    "Lists the plugins in the plugin folders, and why one cannot be used; then the "
                    "targets whose plugin crashed, with what it printed last.\n\nThe plugins of "
                    "plugins.path are used as they are found first; when their files change they "
                    "wait until --trust says that the change is right. The plugin of a target that "
                    "crashed five times in ten minutes is not started any more until --enable.",
                .examples = {"muster plugins", "muster plugins --trust acme-crm",
                             "muster plugins --enable desk"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--trust", _trusted, "the files of this plugin are right as they are now")
            ->type_name("ID");
        app.add_option("--enable", _enabled, "start this target's plugin again")
            ->type_name("TARGET");
    }

    int run(Session& session) override
    {
        if (!_trusted.empty())
            session.ask({.method = "POST", .path = pathOf("/plugins/", _trusted) + "/trust"});
        if (!_enabled.empty())
            session.ask(
                {.method = "POST", .path = pathOf("/plugins/targets/", _enabled) + "/enable"});
        const auto response = session.ask({.path = "/plugins"});
        if (session.json)
            return session.printJson(response);
        Table table({"FAMILY", "ID", "VERSION", "NAME", "STATE"});
        const auto document = response.document();
        for (const auto& plugin : document.at("plugins"))
        {
            const std::string problem = plugin.at("problem");
            table.add({plugin.at("family").get<std::string>(), plugin.at("id").get<std::string>(),
                       plugin.at("version").get<std::string>(),
                       plugin.at("name").get<std::string>(),
                       problem.empty() ? Table::Cell("ok", Colour::Green)
                                       : Table::Cell(problem, Colour::Red)});
        }
        if (table.isEmpty())
            session.console.out << "There are no plugins: see plugins.path in muster.properties.\n";
        else
            session.console.print(table);
        session.console.out << "\n" << placeOf(document.at("isolation")) << "\n";
        if (!document.at("landlock").get<bool>() && document.at("isolation") != "none")
            session.console.out << "This kernel has no Landlock: while it is loaded a plugin can "
                                   "read what its user may read.\n";
        for (const auto& target : document.at("targets"))
            printCrashes(session.console, target);
        return response.exitCode;
    }

private:
    static const char* placeOf(const std::string& isolation)
    {
        return isolation == "user" ? "Each target's plugin runs in a process and as a user of its "
                                     "own, behind a wall."
               : isolation == "child"
                   ? "Each target's plugin runs in a process of its own, behind a wall."
                   : "Targets' plugins run in the process of Muster, without a wall: see "
                     "plugins.isolation.";
    }

    static void printCrashes(Console& console, const Json& target)
    {
        const std::string name = target.at("target");
        const auto isDisabled = target.at("state") == "disabled";
        console.out << "\nThe plugin of the target " << name << " crashed"
                    << (isDisabled ? " five times in ten minutes and is disabled" : "")
                    << "; the last time, at " << target.at("at").get<std::string>() << ": "
                    << printable(target.at("reason").get<std::string>()) << ".\n";
        if (isDisabled)
            console.out << "When the cause is gone: muster plugins --enable " << name << "\n";
        std::istringstream output(target.at("output").get<std::string>());
        for (std::string line; std::getline(output, line);)
            console.out << "    " << printable(line) << "\n";
    }

    std::string _trusted;
    std::string _enabled;
};

class SecretCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "secret",
                .summary = "keep the secrets that the estate names",
                .synopsis = "set NAME | list | remove NAME",
                .description =
                    "set reads the value from standard input, without echo on a terminal; a line "
                    "break at its end is not part of it. Values are sealed in the data directory "
                    "and never shown again. list shows the names and what uses them.",
                .exitStatus = {{78, "the key of the secrets is missing or another one"}},
                .examples = {"muster secret set desk-key < key.txt", "muster secret list"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("ACTION", _action, "set, list or remove")
            ->required()
            ->check(CLI::IsMember({"set", "list", "remove"}));
        app.add_option("NAME", _name, "letters, digits, '.', '_' and '-'");
    }

    int run(Session& session) override
    {
        if (_action == "list")
            return list(session);
        if (_name.empty())
            throw UsageError("name the secret: muster secret " + _action + " NAME");
        const auto path = pathOf("/secrets/", _name);
        const auto response =
            _action == "set" ? session.ask({.method = "PUT",
                                            .path = path,
                                            .body = {{"value", readSecret(session.console, _name,
                                                                          session.cancellation)}}})
                             : session.ask({.method = "DELETE", .path = path});
        if (session.json)
            return session.printJson(response);
        session.console.out << "The secret " << _name << " is "
                            << (_action == "set" ? "set" : "removed") << ".\n";
        return response.exitCode;
    }

private:
    int list(Session& session) const
    {
        if (!_name.empty())
            throw UsageError("muster secret list takes no name");
        const auto response = session.ask({.path = "/secrets"});
        if (session.json)
            return session.printJson(response);
        Table table({"NAME", "CHANGED", "USED BY"});
        const auto document = response.document();
        for (const auto& secret : document.at("secrets"))
            table.add({secret.at("name").get<std::string>(),
                       secret.at("changedAt").get<std::string>(),
                       secret.at("usedBy").empty() ? std::string("nothing")
                                                   : joined(secret.at("usedBy"))});
        if (table.isEmpty())
            session.console.out << "No secret is set: see muster secret --help.\n";
        else
            session.console.print(table);
        return response.exitCode;
    }

    std::string _action;
    std::string _name;
};

class TokenCommand : public Command
{
public:
    Manual manual() const override
    {
        return {
            .name = "token",
            .summary = "keep the tokens of the HTTP API",
            .synopsis =
                "add NAME [--role ROLE] [--tenant TENANT]... [--group GROUP]... | list | remove "
                "NAME",
            .description =
                "add makes a token for whoever asks over HTTP and shows it this once: it goes "
                "into the header \"Authorization: Bearer TOKEN\" of each request to "
                "/api/v1. The commands of this machine need none. A removed token is refused "
                "from then on.\n\nAn administrator may do everything; a manager all but keep "
                "tokens, and of documents enable and disable them; documents looks after "
                "documents: makes, archives, edits, deletes and exports them; a reader reads "
                "documents, and those that are not for everyone where they are for its name or "
                "one of its groups.\n\n--tenant narrows the last two roles to the documents of "
                "some tenants.",
            .examples = {"muster token add grafana",
                         "muster token add helpdesk --role reader --tenant contoso --group "
                         "'First Line'",
                         "muster token list", "muster token remove grafana"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("ACTION", _action, "add, list or remove")
            ->required()
            ->check(CLI::IsMember({"add", "list", "remove"}));
        app.add_option("NAME", _name, "letters, digits, '.', '_' and '-'");
        app.add_option("--role", _role,
                       "administrator, manager, documents or reader; administrator when left out")
            ->type_name("ROLE");
        app.add_option("--tenant", _tenants,
                       "only the documents of this tenant; may be given again")
            ->type_name("TENANT")
            ->allow_extra_args(false);
        app.add_option("--group", _groups,
                       "a group that documents may be for, of any name; may be given again")
            ->type_name("GROUP")
            ->allow_extra_args(false);
    }

    int run(Session& session) override
    {
        if (_action == "list")
            return list(session);
        if (_name.empty())
            throw UsageError("name the token: muster token " + _action + " NAME");
        const auto response =
            _action == "add" ? session.ask({.method = "POST",
                                            .path = "/tokens",
                                            .body = {{"name", _name},
                                                     {"role", _role},
                                                     {"tenants", _tenants},
                                                     {"groups", _groups}}})
                             : session.ask({.method = "DELETE", .path = pathOf("/tokens/", _name)});
        if (session.json)
            return session.printJson(response);
        if (_action == "add")
            session.console.out << response.document().at("token").get<std::string>() << "\n";
        else
            session.console.out << "The token " << _name << " is removed.\n";
        return response.exitCode;
    }

private:
    int list(Session& session) const
    {
        if (!_name.empty())
            throw UsageError("muster token list takes no name");
        const auto response = session.ask({.path = "/tokens"});
        if (session.json)
            return session.printJson(response);
        Table table({"NAME", "ROLE", "TENANTS", "GROUPS", "MADE"});
        const auto document = response.document();
        for (const auto& token : document.at("tokens"))
            table.add({token.at("name").get<std::string>(), token.at("role").get<std::string>(),
                       token.at("tenants").empty() ? "all" : joined(token.at("tenants")),
                       joined(token.at("groups")), token.at("createdAt").get<std::string>()});
        if (table.isEmpty())
            session.console.out << "There is no token: see muster token --help.\n";
        else
            session.console.print(table);
        return response.exitCode;
    }

    std::string _action;
    std::string _name;
    std::string _role;
    std::vector<std::string> _tenants;
    std::vector<std::string> _groups;
};

} // namespace

std::unique_ptr<Command> pluginsCommand()
{
    return std::make_unique<PluginsCommand>();
}

std::unique_ptr<Command> secretCommand()
{
    return std::make_unique<SecretCommand>();
}

std::unique_ptr<Command> tokenCommand()
{
    return std::make_unique<TokenCommand>();
}

} // namespace muster::app
