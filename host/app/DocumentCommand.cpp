#include "app/DocumentOptions.h"
#include "app/OutputFile.h"
#include "runtime/Errors.h"

#include <optional>

namespace muster::app {

namespace {

constexpr size_t kItemsShown = 20;

/// Writes the page of a document for people.
class DocumentPage
{
public:
    explicit DocumentPage(const Console& console) : _console(console) {}

    void show(const Json& page) const
    {
        const std::string status = page.at("status");
        _console.out << printable(page.at("name")) << "  "
                     << coloured(status, colourOfStatus(status), _console.colours);
        if (const std::string reason = page.at("reason"); !reason.empty())
            _console.out << ": " << printable(reason);
        _console.out << "\n";
        line("Id", page.at("id"));
        line("Type", page.at("type"));
        line("Managed By Integration", page.at("managedBy"));
        line("Tenant", page.at("tenantName"));
        line("Organization", page.at("organization"));
        for (const auto& column : page.at("columns"))
            showColumn(column, page.at("cells").at(column.at("key").get<std::string>()));
        names("Nested In", page.at("related").at("documents"));
        for (const auto& [name, text] : page.at("fields").items())
            line(name, text);
        if (const auto& access = page.at("access"); !access.at("everyone").get<bool>())
        {
            list("Only For People", access.at("people"));
            list("Only For Groups", access.at("groups"));
        }
        line("Archived By", page.at("archivedBy"));
        line("Manage", page.at("links").at("manage"));
    }

private:
    void line(const std::string& title, const Json& text) const
    {
        if (text.is_string() && !text.get<std::string>().empty())
            _console.out << "  " << printable(title) << ": " << printable(text) << "\n";
    }

    void showColumn(const Json& column, const Json& cell) const
    {
        const std::string key = column.at("key");
        if (key == "name" || key == "status")
            return;
        if (cell.at("items").empty())
            line(column.at("title"), cell.at("text"));
        else
            list(column.at("title"), cell.at("items"));
    }

    void names(const std::string& title, const Json& references) const
    {
        auto items = Json::array();
        for (const auto& reference : references)
            items.push_back(reference.at("name"));
        list(title, items);
    }

    void list(const std::string& title, const Json& items) const
    {
        if (items.empty())
            return;
        _console.out << "  " << title << " (" << items.size() << "):\n";
        size_t shown = 0;
        for (const auto& item : items)
        {
            if (shown++ == kItemsShown)
            {
                _console.out << "    … and " << items.size() - kItemsShown
                             << " more; --json has them all.\n";
                break;
            }
            _console.out << "    " << printable(item) << "\n";
        }
    }

    const Console& _console;
};

class DocumentCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "document",
                .summary = "show documented groups, and change them",
                .synopsis = "ID... | --type TYPE … [--archive | --unarchive | --enable | --disable "
                            "| --delete] [--set FIELD=VALUE]... [--allow WHO]... [--pdf FILE]",
                .description =
                    "Without options that change, it shows the document of a group: an id, which "
                    "is that of the group in Entra, or a name without regard to case. What changes "
                    "applies to all of the documents named or chosen by options, or to none.\n\n"
                    "--archive makes a document orphaned and hides it, --unarchive takes that "
                    "back. --disable stops the syncing of a document, --enable goes on with it. "
                    "Only what is orphaned or disabled can be deleted; its group is then not "
                    "documented again until --enable asks for it, by its id. --set writes a field "
                    "of yours, which no sync ever touches; an empty value removes it. --allow says "
                    "who may read the document over HTTP.\n\n--new makes a document by hand, which "
                    "is never synced. There --set writes name, description, mail, domain, "
                    "membership, membersText, devicesText and owners too, the last three with an "
                    "item a line or between semicolons.\n\n--pdf writes the page of a document "
                    "into a file to keep or print; muster documents "
                    "--export does so with several.\n\nmuster activity tells who did what.",
                .exitStatus = {{1, "a document cannot be changed so: the message says what to do "
                                   "first"}},
                .examples = {"muster document 'Finance Team'",
                             "muster document 'Finance Team' --set 'Access approved by=Ada Bo'",
                             "muster document --tenant contoso --type security --disable",
                             "muster document --status orphaned --tenant contoso --delete",
                             "muster document --new --type security --tenant contoso --name 'Door "
                             "codes' --set owners='Ada Bo'"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("ID", _ids, "ids or names of documents");
        _filter.declare(app);
        app.add_flag("--archive", _archive, "hide them; they become orphaned");
        app.add_flag("--unarchive", _unarchive, "show them again");
        app.add_flag("--enable", _enable, "have them follow their groups");
        app.add_flag("--disable", _disable, "leave them as they are from now on");
        app.add_flag("--delete", _delete, "delete them; their groups stay in Entra");
        app.add_option("--set", _set, "write a field of yours; may be given again")
            ->type_name("FIELD=VALUE")
            ->allow_extra_args(false);
        app.add_option("--allow", _allow,
                       "who may read them: everyone, or the name of a token, or group:NAME for "
                       "the tokens with that --group; may be given again")
            ->type_name("WHO")
            ->allow_extra_args(false);
        app.add_option("--pdf", _pdf, "write the document into a file, as PDF")->type_name("FILE");
        app.add_flag("--new", _new, "make a document by hand, with --type, --tenant and --name");
        app.add_option("--name", _name, "the name of a document made by hand")->type_name("NAME");
    }

    int run(Session& session) override
    {
        requireSense();
        readTenants(session, _filter.tenant, Reading::Unread);
        if (!_pdf.empty())
            return writeAnswer(session,
                               {.path = pathOf("/documents/", _ids.front()) + ".pdf",
                                .query = {{"tenant", _filter.tenant}}},
                               _pdf);
        if (_new)
            return create(session);
        if (_delete)
            return remove(session);
        const auto edit = changes();
        return edit.empty() ? show(session) : change(session, edit);
    }

private:
    void requireSense() const
    {
        if (!_pdf.empty() && (!isOne() || _new || _delete || !changes().empty()))
            throw UsageError("--pdf writes one document as it is: name one, and leave out what "
                             "changes it; muster documents --export FILE.pdf writes several");
        if (!_pdf.empty() && !_pdf.ends_with(".pdf"))
            throw UsageError("--pdf " + _pdf + ": end the name of the file in .pdf");
        if ((_archive && _unarchive) || (_enable && _disable))
            throw UsageError("--archive and --unarchive, --enable and --disable do not go "
                             "together: leave one out");
        if (_delete && (!changes().empty() || _new))
            throw UsageError("--delete goes with no other change: leave it out, or the others");
        if (_new &&
            (!_ids.empty() || _name.empty() || _filter.type.empty() || _filter.tenant.empty()))
            throw UsageError("--new takes --type, --tenant and --name, and no id");
        if (!_new && !_name.empty())
            throw UsageError("--name is the name of a new document: add --new, or change the name "
                             "of one made by hand with --set name=…");
    }

    Json changes() const
    {
        auto edit = Json::object();
        if (_archive || _unarchive)
            edit["archived"] = _archive;
        if (_enable || _disable)
            edit["enabled"] = _enable;
        if (!_set.empty())
            edit["fields"] = fields();
        if (!_allow.empty())
            edit["access"] = access();
        return edit;
    }

    Json fields() const
    {
        auto given = Json::object();
        for (const auto& text : _set)
        {
            const auto equals = text.find('=');
            if (equals == text.npos || equals == 0)
                throw UsageError("--set " + text + ": write FIELD=VALUE, as in --set Owner=Ada");
            given[text.substr(0, equals)] = text.substr(equals + 1);
        }
        return given;
    }

    Json access() const
    {
        const std::string prefix = "group:";
        auto groups = Json::array();
        auto people = Json::array();
        for (const auto& who : _allow)
            if (who.starts_with(prefix))
                groups.push_back(who.substr(prefix.size()));
            else if (who != "everyone")
                people.push_back(who);
        const bool isForEveryone = groups.empty() && people.empty();
        if (!isForEveryone && groups.size() + people.size() < _allow.size())
            throw UsageError("--allow everyone goes with no other --allow: leave it out");
        if (isForEveryone)
            return {{"everyone", true}};
        return {{"groups", groups}, {"people", people}};
    }

    int create(Session& session) const
    {
        const auto response = session.ask({.method = "POST",
                                           .path = "/documents",
                                           .body = {{"type", _filter.type},
                                                    {"tenant", _filter.tenant},
                                                    {"name", _name},
                                                    {"fields", fields()},
                                                    {"actor", userName()}}});
        if (session.json)
            return session.printJson(response);
        session.console.out << "The document " << printable(_name)
                            << " is made: " << response.document().at("id").get<std::string>()
                            << "\n";
        return response.exitCode;
    }

    int remove(Session& session) const
    {
        const auto response = session.ask(request("DELETE", Json::object()));
        if (session.json)
            return session.printJson(response);
        const auto document = response.document();
        for (const auto& deleted : document.at("deleted"))
            session.console.out << printable(deleted.at("name")) << " is deleted.\n";
        return response.exitCode;
    }

    int change(Session& session, const Json& edit) const
    {
        const auto response = session.ask(request("PATCH", edit));
        if (session.json)
            return session.printJson(response);
        const auto document = response.document();
        if (isOne() && !document.at("changed").get<bool>())
            session.console.out << "Nothing changed: the document is so already.\n\n";
        if (isOne())
            DocumentPage(session.console).show(document);
        else
            session.console.out << counted(document.at("changed").get<int64_t>(), "document")
                                << " changed, of " << document.at("documents").size()
                                << " chosen.\n";
        return response.exitCode;
    }

    bool isOne() const { return _ids.size() == 1; }

    /// Of one document by its path, of several by ids or what they have in common.
    ApiRequest request(const std::string& method, Json body) const
    {
        body["actor"] = userName();
        if (isOne())
            return {.method = method,
                    .path = pathOf("/documents/", _ids.front()),
                    .query = {{"tenant", _filter.tenant}},
                    .body = std::move(body)};
        if (!_ids.empty())
            body["ids"] = _ids;
        return {.method = method,
                .path = "/documents",
                .query = _filter.query(),
                .body = std::move(body)};
    }

    int show(Session& session) const
    {
        if (_ids.empty())
            throw UsageError("name a document: muster document ID; muster documents lists them");
        auto pages = Json::array();
        for (const auto& id : _ids)
            pages.push_back(
                session
                    .ask({.path = pathOf("/documents/", id), .query = {{"tenant", _filter.tenant}}})
                    .document());
        if (session.json)
            return session.printJson(
                {.body = isOne() ? pages.front() : Json{{"documents", pages}}});
        const char* separator = "";
        for (const auto& page : pages)
        {
            session.console.out << std::exchange(separator, "\n");
            DocumentPage(session.console).show(page);
        }
        return 0;
    }

    std::vector<std::string> _ids;
    DocumentFilter _filter;
    bool _archive = false;
    bool _unarchive = false;
    bool _enable = false;
    bool _disable = false;
    bool _delete = false;
    bool _new = false;
    std::vector<std::string> _set;
    std::vector<std::string> _allow;
    std::string _name;
    std::string _pdf;
};

} // namespace

std::unique_ptr<Command> documentCommand()
{
    return std::make_unique<DocumentCommand>();
}

} // namespace muster::app
