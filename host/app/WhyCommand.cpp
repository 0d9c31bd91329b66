#include "app/Command.h"

#include <Poco/UUID.h>

namespace muster::app {

namespace {

constexpr size_t kLinksShown = 20;

class WhyCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "why",
                .summary = "trace a contact or group of a target back to Entra",
                .synopsis = "TARGET KEY",
                .description =
                    "Says for a record of a target which Entra groups ask for it, through which "
                    "sync and since when, what it is linked with and why, and which runs changed "
                    "it. The key is an address, or the name of a contact or group, without regard "
                    "to case.",
                .examples = {"muster why desk ada@contoso.com", "muster why desk 'All Staff'"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("TARGET", _target, "a target of the estate")->required();
        app.add_option("KEY", _key, "an address or a name")->required();
    }

    int run(Session& session) override
    {
        const auto response =
            session.ask({.path = "/records", .query = {{"target", _target}, {"key", _key}}});
        if (session.json)
            return session.printJson(response);
        const auto document = response.document();
        for (const auto& record : document.at("records"))
            show(session.console, record);
        return response.exitCode;
    }

private:
    static std::string textAt(const Json& object, const char* key)
    {
        const auto found = object.find(key);
        if (found == object.end() || found->is_null())
            return {};
        return printable(found->is_string() ? found->get<std::string>() : found->dump());
    }

    /// By its address or by its name, whichever people know it by, then by the other.
    static std::string titleOf(const Json& record)
    {
        const auto key = textAt(record, "key");
        const auto name = textAt(record, "name");
        if (name.empty() || name == key)
            return key;
        Poco::UUID id;
        return id.tryParse(key) ? name + " (" + key + ")" : key + " (" + name + ")";
    }

    static void show(const Console& console, const Json& record)
    {
        auto& out = console.out;
        out << textAt(record, "kind") << " " << titleOf(record) << " in "
            << textAt(record, "target");
        if (const auto id = textAt(record, "remoteId"); !id.empty())
            out << ", id " << id << ", " << origin(textAt(record, "origin"));
        else
            out << ", not there yet";
        if (record.value("active", true) == false)
            out << ", inactive";
        out << "\n";
        showClaims(out, record.at("claims"), "  ");
        if (!record.at("links").empty())
            out << "\n  Links:\n";
        size_t shown = 0;
        for (const auto& link : record.at("links"))
        {
            if (shown++ == kLinksShown)
            {
                out << "    … and " << record.at("links").size() - kLinksShown
                    << " more; --json has them all.\n";
                break;
            }
            out << "    " << (textAt(link, "direction") == "from" ? "from " : "in ")
                << textAt(link, "kind") << " " << titleOf(link);
            if (const auto role = textAt(link, "role"); !role.empty())
                out << " as " << role;
            out << "\n";
            if (link.contains("claims"))
                showClaims(out, link.at("claims"), "      ");
        }
        showHistory(console, record.at("history"));
        out << "\n";
    }

    static std::string origin(const std::string& word)
    {
        if (word == "created")
            return "created by Muster";
        return word == "adopted" ? "adopted: it was there before" : "not made by Muster";
    }

    static void showClaims(std::ostream& out, const Json& claims, const std::string& indent)
    {
        if (claims.empty())
            out << indent << "no group asks for it\n";
        for (const auto& claim : claims)
            out << indent << "because of the group " << textAt(claim, "groupName") << " ("
                << textAt(claim, "group") << "), sync " << textAt(claim, "sync") << ", mode "
                << textAt(claim, "mode") << ", since " << textAt(claim, "since") << "\n";
    }

    static void showHistory(const Console& console, const Json& history)
    {
        if (history.empty())
            return;
        console.out << "\n  History:\n";
        for (const auto& entry : history)
        {
            console.out << "    " << textAt(entry, "at") << "  run " << textAt(entry, "run") << "  "
                        << textAt(entry, "action");
            if (const auto to = textAt(entry, "to"); !to.empty())
                console.out << " → " << to;
            console.out << "  " << textAt(entry, "reason") << "\n";
        }
    }

    std::string _target;
    std::string _key;
};

} // namespace

std::unique_ptr<Command> whyCommand()
{
    return std::make_unique<WhyCommand>();
}

} // namespace muster::app
