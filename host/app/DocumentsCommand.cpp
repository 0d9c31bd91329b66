#include "app/DocumentOptions.h"
#include "app/OutputFile.h"
#include "runtime/Errors.h"

#include <Poco/String.h>

#include <array>
#include <filesystem>

namespace muster::app {

namespace {

/// The columns that a terminal has room for.
const char* const kUsual = "name,members,membersText,devices,devicesText,nested,membership,status,"
                           "updated";

/// What a file is asked for by, as its name ends.
struct ExportForm
{
    const char* ending;
    const char* path;
};
constexpr std::array<ExportForm, 3> kExportForms = {
    {{".csv", "/documents.csv"}, {".json", "/documents.json"}, {".pdf", "/runbook"}}};

class DocumentsCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "documents",
                .summary = "list the documented groups",
                .synopsis = "[--type TYPE] [--tenant TENANT] [--organization ORGANIZATION] "
                            "[--status STATUS] [--archived] [--search TEXT] [--columns KEYS] "
                            "[--refresh] [--export FILE]",
                .description =
                    "Lists the documents of groups, by name, with numbers of members that are "
                    "matched to a contact and of those that are not; where it is one, its name. "
                    "Every group of every tenant has a document, unless a sync of the mode "
                    "group-documents says which have; nothing but the tenant is needed.\n\n"
                    "A document is enabled while it follows its group. It is orphaned when its "
                    "group was deleted or the document is archived, and disabled when somebody "
                    "switched it or its type off, its tenant was removed, or it was made by hand. "
                    "What is not enabled stays as it was. muster document ID tells more of one.\n\n"
                    "--export writes the documents chosen into a file, with whole lists, in the "
                    "form that its name ends with: .csv for spreadsheets, with the columns of "
                    "--columns or else with all that is known; .json with all that is known; .pdf "
                    "as a runbook to read or print, with contents and a page or more a document.",
                .exitStatus = {{75, "a tenant could not be read to its end"},
                               {78, "a setting, secret or permission is wrong; with --export: "
                                    "the file cannot be written"}},
                .examples = {"muster documents --type security --search ada@contoso.com",
                             "muster documents --organization 7 --archived --status orphaned",
                             "muster documents --columns name,owners,mail,description",
                             "muster documents --tenant contoso --export runbook.pdf"}};
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
        app.add_option("--export", _file, "write them into a file: .csv, .json or .pdf")
            ->type_name("FILE");
    }

    int run(Session& session) override
    {
        const auto path = exportPath();
        const auto read =
            readTenants(session, _filter.tenant, _refresh ? Reading::All : Reading::Unread);
        if (!path.empty())
        {
            const auto exitCode = exportFrom(session, path);
            return exitCode == 0 ? read : exitCode;
        }
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
    /// Empty: nothing is to be exported. Throws UsageError.
    std::string exportPath() const
    {
        if (_file.empty())
            return {};
        const auto ending = Poco::toLower(std::filesystem::path(_file).extension().string());
        for (const auto& form : kExportForms)
            if (ending == form.ending)
            {
                if (!_columns.empty() && ending != ".csv")
                    throw UsageError("--columns goes with a list or a .csv file: a " + ending +
                                     " file has all of them");
                return form.path;
            }
        throw UsageError("--export " + _file +
                         ": end the name of the file in .csv, .json or .pdf, which says its form");
    }

    int exportFrom(Session& session, const std::string& path) const
    {
        auto query = _filter.query();
        auto counting = query;
        counting["limit"] = "1";
        const auto total =
            session.ask({.path = "/documents", .query = counting}).document().at("total");
        if (!_columns.empty())
            query["columns"] = _columns;
        const auto exitCode = writeAnswer(session, {.path = path, .query = query}, _file);
        if (!session.json)
            session.console.out << "It holds " << counted(total.get<int64_t>(), "document")
                                << ".\n";
        return exitCode;
    }

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
    std::string _file;
    bool _refresh = false;
};

} // namespace

std::unique_ptr<Command> documentsCommand()
{
    return std::make_unique<DocumentsCommand>();
}

} // namespace muster::app
