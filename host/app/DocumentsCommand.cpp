#include "app/DocumentOptions.h"

namespace muster::app {

namespace {

/// The columns that a terminal has room for.
const char* const kUsual = "name,members,membersText,devices,devicesText,nested,membership,status,"
                           "updated";

class DocumentsCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "documents",
                .summary = "list the documented groups",
                .synopsis = "[--type TYPE] [--tenant TENANT] [--organization ORGANIZATION] "
                            "[--status STATUS] [--archived] [--search TEXT] [--columns KEYS] "
                            "[--refresh]",
                .description =
                    "Lists the documents of groups, by name, with numbers of members that are "
                    "matched to a contact and of those that are not; where it is one, its name. "
                    "Every group of every tenant has a document, unless a sync of the mode "
                    "group-documents says which have; nothing but the tenant is needed.\n\n"
                    "A document is enabled while it follows its group. It is orphaned when its "
                    "group was deleted or the document is archived, and disabled when somebody "
                    "switched it or its type off, its tenant was removed, or it was made by hand. "
                    "What is not enabled stays as it was. muster document ID tells more of one.",
                .exitStatus = {{75, "a tenant could not be read to its end"},
                               {78, "a setting, secret or permission is wrong"}},
                .examples = {"muster documents --type security --search ada@contoso.com",
                             "muster documents --organization 7 --archived --status orphaned",
                             "muster documents --columns name,owners,mail,description"}};
    }

    void declare(CLI::App& app) override
    {
        _filter.declare(app);
        app.add_option("--columns", _columns,
                       "which columns, in this order: name, nested, members, membersText, devices, "
                       "devicesText, mail, domain, description, membership, status, updated, "
                       "owners, or all")
            ->type_name("KEYS");
        app.add_flag("--refresh", _refresh, "bring the mirrors of the tenants up to date first");
    }

    int run(Session& session) override
    {
        const auto read =
            readTenants(session, _filter.tenant, _refresh ? Reading::All : Reading::Unread);
        auto query = _filter.query();
        query["columns"] = session.json ? _columns : _columns.empty() ? kUsual : _columns;
        const auto response = session.ask({.path = "/documents", .query = query});
        if (session.json)
            session.printJson(response);
        else
            show(session, response.document());
        return response.exitCode == 0 ? read : response.exitCode;
    }

private:
    static void show(Session& session, const Json& answer)
    {
        std::vector<std::string> heading;
        for (const auto& column : answer.at("columns"))
            heading.push_back(column.at("title"));
        heading.push_back("Type");
        heading.push_back("Tenant");
        Table table(heading);
        for (const auto& document : answer.at("documents"))
        {
            const auto& cells = document.at("cells");
            Table::Row row;
            for (const auto& column : answer.at("columns"))
                row.push_back(cellOf(cells, column.at("key"), document));
            row.push_back(document.at("type").get<std::string>());
            row.push_back(document.at("tenant").get<std::string>());
            table.add(std::move(row));
        }
        if (table.isEmpty())
            session.console.out << "There are no such documents.\n";
        else
            session.console.print(table);
        if (!table.isEmpty())
            session.console.out << "\n"
                                << counted(answer.at("total").get<int64_t>(), "document") << ".\n";
    }

    static Table::Cell cellOf(const Json& cells, const std::string& key, const Json& document)
    {
        const auto found = cells.find(key);
        if (found == cells.end())
            return "";
        const auto text = found->at("text").get<std::string>();
        return {text, key == "status" ? colourOfStatus(document.at("status")) : Colour::None};
    }

    DocumentFilter _filter;
    std::string _columns;
    bool _refresh = false;
};

} // namespace

std::unique_ptr<Command> documentsCommand()
{
    return std::make_unique<DocumentsCommand>();
}

} // namespace muster::app
