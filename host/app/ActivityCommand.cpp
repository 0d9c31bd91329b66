#include "app/Command.h"

namespace muster::app {

namespace {

class ActivityCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "activity",
                .summary = "tell who did what to documents",
                .synopsis = "[--document ID] [--tenant TENANT] [--since TIME]",
                .description =
                    "Lists what people did to documents, the newest first: made, updated, "
                    "archived, unarchived, enabled, disabled, deleted, and who may read them; by a "
                    "command of this machine, over HTTP, or in a target. A synced field that was "
                    "changed in a target is called drifted. What syncs do stands in muster runs.",
                .examples = {"muster activity --since 7d",
                             "muster activity --document 'Finance Team' --json"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--document", _document, "only of this document: its id, or its name")
            ->type_name("ID");
        app.add_option("--tenant", _tenant, "only of this tenant")->type_name("TENANT");
        app.add_option("--since", _since,
                       "how far back: a number with s, m, h or d; everything when left out")
            ->type_name("TIME");
    }

    int run(Session& session) override
    {
        const auto response = session.ask(
            {.path = "/activity",
             .query = {{"document", _document}, {"tenant", _tenant}, {"since", _since}}});
        if (session.json)
            return session.printJson(response);
        Table table({"AT", "WHO", "TENANT", "DOCUMENT", "ACTION", "BEFORE", "AFTER"});
        const auto answer = response.document();
        for (const auto& entry : answer.at("activity"))
            table.add({entry.at("at").get<std::string>(), entry.at("actor").get<std::string>(),
                       entry.at("tenant").get<std::string>(), entry.at("name").get<std::string>(),
                       entry.at("action").get<std::string>(), textOf(entry.at("before")),
                       textOf(entry.at("after"))});
        if (table.isEmpty())
            session.console.out << (_document.empty() ? "Nobody did anything to a document.\n"
                                                      : "Nobody did anything to this document.\n");
        else
            session.console.print(table);
        return response.exitCode;
    }

private:
    /// "orphaned"; "Owner: Ann, Phone: none"; "for everyone", "for ann, group Staff".
    static std::string textOf(const Json& what)
    {
        std::string text;
        for (const auto& [name, value] : what.items())
            text += (text.empty() ? "" : ", ") + textOf(name, value);
        return text;
    }

    static std::string textOf(const std::string& name, const Json& value)
    {
        if (name == "fields")
            return textOf(value);
        if (name == "access")
            return readersOf(value);
        if (value.is_boolean())
            return (value.get<bool>() ? "" : "not ") + name;
        const auto text = wordsOf(value);
        return name == "status" ? text : name + ": " + (text.empty() ? "none" : text);
    }

    static std::string readersOf(const Json& access)
    {
        std::string text;
        for (const auto& person : access.value("people", Json::array()))
            text += ", " + person.get<std::string>();
        for (const auto& group : access.value("groups", Json::array()))
            text += ", group " + group.get<std::string>();
        return text.empty() ? "for everyone" : "for " + text.substr(2);
    }

    static std::string wordsOf(const Json& value)
    {
        if (value.is_string())
            return value.get<std::string>();
        if (!value.is_array())
            return value.is_null() ? std::string() : value.dump();
        std::string text;
        for (const auto& item : value)
            text += (text.empty() ? "" : "; ") + wordsOf(item);
        return text;
    }

    std::string _document;
    std::string _tenant;
    std::string _since;
};

} // namespace

std::unique_ptr<Command> activityCommand()
{
    return std::make_unique<ActivityCommand>();
}

} // namespace muster::app
