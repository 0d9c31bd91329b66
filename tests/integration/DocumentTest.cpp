#include "Scenario.h"
#include "Service.h"
#include "http/HttpClient.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::integration {

/// The register of documented groups, of a tenant without any target.
class DocumentTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DocumentTest);
    FRESH_TEST(everyGroupHasADocumentWithoutATarget);
    FRESH_TEST(tablesAreForPeople);
    FRESH_TEST(documentsFollowTheirGroups);
    FRESH_TEST(anArchivedDocumentIsHiddenAndStaysAsItWas);
    FRESH_TEST(aDeletedDocumentComesBackWhenItIsAskedFor);
    FRESH_TEST(aDocumentOutlivesItsGroup);
    FRESH_TEST(changesSeveralAtOnce);
    FRESH_TEST(fieldsOfPeopleStay);
    FRESH_TEST(makesADocumentByHand);
    FRESH_TEST(saysWhatIsWrong);
    FRESH_TEST(aRoleMayDoWhatItMay);
    FRESH_TEST(aTokenOfATenantReadsThatTenantsDocuments);
    FRESH_TEST(theServiceAnswersTheSame);
    FRESH_TEST(columnsAreTheVendors);
    CPPUNIT_TEST_SUITE_END();

    sandbox::SandboxServer _sandbox;
    Installation _host;
    http::HttpClient _client{{}};

    /// Three teams of security type; Team 1 has person 1 (owner too) and 2, Team 3 nothing.
    void start()
    {
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        auto ops = contoso::tenant(4, 2, 2);
        ops.push_back(contoso::addGroup(3, "Team 3",
                                        {{"groupTypes", {"Unified"}},
                                         {"mailEnabled", true},
                                         {"securityEnabled", false},
                                         {"mail", "team3@contoso.example"},
                                         {"description", "Talks"}}));
        change(ops);
        const EstateText estate{.tenant = contoso::kTenant, .url = _sandbox.baseUrl()};
        const auto finished =
            _host.muster({"apply", _host.write("estate.yaml", estate.tenantText())});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
    }

    void change(const Json& ops)
    {
        // A list with a single op in braces is that op to the compiler.
        const bool isOne = ops.front().is_string();
        _sandbox.ops(contoso::kTenant, isOne ? Json::array({ops}) : ops);
    }

    void refresh() { _host.json({"groups", "contoso", "--refresh"}); }

    Json documents(std::vector<std::string> more = {}) const
    {
        more.insert(more.begin(), "documents");
        return _host.json(more).at("documents");
    }

    Json document(const std::string& id, std::vector<std::string> more = {}) const
    {
        more.insert(more.begin(), {"document", id});
        return _host.json(more);
    }

    static std::vector<std::string> namesOf(const Json& list)
    {
        std::vector<std::string> names;
        for (const auto& each : list)
            names.push_back(each.at("name"));
        return names;
    }

    static void assertNames(const std::vector<std::string>& expected, const Json& list)
    {
        CPPUNIT_ASSERT_EQUAL(Json(expected).dump(), Json(namesOf(list)).dump());
    }

    std::vector<std::string> actions() const
    {
        std::vector<std::string> all;
        const auto entries = _host.json({"activity"}).at("activity");
        for (const auto& entry : entries)
            all.push_back(entry.at("action"));
        return all;
    }

    int status(const Service& service, const std::string& token, const std::string& method,
               const std::string& path, const Json& body = {})
    {
        http::HttpRequest request{.method = method, .url = service.url() + "/api/v1" + path};
        request.headers["Authorization"] = "Bearer " + token;
        if (!body.is_null())
        {
            request.headers["Content-Type"] = "application/json";
            request.body = body.dump();
        }
        _answer = _client.send(request, runtime::Cancellation());
        return _answer.status;
    }

    http::HttpResponse _answer;

public:
    void everyGroupHasADocumentWithoutATarget()
    {
        start();
        const auto all = documents();
        assertNames({"Team 1", "Team 2", "Team 3"}, all);
        auto first = all.front();
        CPPUNIT_ASSERT(!first.at("updated").get<std::string>().empty());
        first.erase("updated");
        const Json expected = {{"archived", false},
                               {"devices", {{"matched", 0}, {"unmatched", 0}}},
                               {"id", contoso::group(1)},
                               {"members", {{"matched", 0}, {"unmatched", 2}}},
                               {"name", "Team 1"},
                               {"nested", 0},
                               {"organization", "Contoso Ltd"},
                               {"status", "enabled"},
                               {"tenant", "contoso"},
                               {"type", "security"}};
        CPPUNIT_ASSERT_EQUAL(expected.dump(), first.dump());
        const auto page = document(contoso::group(3));
        CPPUNIT_ASSERT_EQUAL(std::string("microsoft365"), page.at("type").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Talks"), page.at("description").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("team3@contoso.example"),
                             page.at("mail").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("contoso"), page.at("managedBy").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(
            "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/"
            "Overview/groupId/" +
                contoso::group(3),
            page.at("links").at("manage").get<std::string>());
        assertNames({"Team 3"}, documents({"--type", "microsoft365"}));
        assertNames({"Team 1"}, documents({"--search", "PERSON1@contoso"}));
        CPPUNIT_ASSERT(documents({"--organization", "8"}).empty());
    }

    void tablesAreForPeople()
    {
        start();
        const auto table = _host.muster({"documents"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(table.describe(), 0, table.exitCode);
        CPPUNIT_ASSERT_MESSAGE(table.describe(),
                               table.output.find("Members (Not Matched To A Contact)") !=
                                       std::string::npos &&
                                   table.output.find("3 documents.") != std::string::npos);
        const auto page = _host.muster({"document", "team 1"});
        CPPUNIT_ASSERT_MESSAGE(page.describe(),
                               page.output.find("Person 2 <person2@contoso.example>") !=
                                   std::string::npos);
        const auto owners = _host.muster({"documents", "--columns", "name,owners"});
        CPPUNIT_ASSERT_MESSAGE(owners.describe(),
                               owners.output.find("Person 1") != std::string::npos);
    }

    void documentsFollowTheirGroups()
    {
        start();
        documents();
        change({contoso::link("member+", 1, 3), contoso::changeGroup(2, {{"displayName", "Two"}})});
        refresh();
        CPPUNIT_ASSERT_EQUAL(
            Json(3), documents({"--search", "Team 1"}).front().at("members").at("unmatched"));
        assertNames({"Team 1", "Team 3", "Two"}, documents());
        CPPUNIT_ASSERT(actions().empty());
    }

    void anArchivedDocumentIsHiddenAndStaysAsItWas()
    {
        start();
        auto page = document("Team 1", {"--archive"});
        CPPUNIT_ASSERT_EQUAL(std::string("orphaned"), page.at("status").get<std::string>());
        change({contoso::changeGroup(1, {{"displayName", "One"}})});
        refresh();
        assertNames({"Team 2", "Team 3"}, documents());
        assertNames({"Team 1", "Team 2", "Team 3"}, documents({"--archived"}));
        CPPUNIT_ASSERT_EQUAL(Json(true), documents({"--archived"}).front().at("archived"));
        page = document(contoso::group(1), {"--unarchive"});
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), page.at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("One"), page.at("name").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(Json({"unarchived", "archived"}).dump(), Json(actions()).dump());
    }

    void aDeletedDocumentComesBackWhenItIsAskedFor()
    {
        start();
        const auto id = contoso::group(1);
        const auto refused = _host.muster({"document", id, "--delete"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(refused.describe(), 1, refused.exitCode);
        CPPUNIT_ASSERT_MESSAGE(refused.describe(),
                               refused.errors.find("archive or disable it first") !=
                                   std::string::npos);
        document(id, {"--disable"});
        document(id, {"--delete"});
        change({contoso::link("member+", 1, 3)});
        refresh();
        assertNames({"Team 2", "Team 3"}, documents({"--archived"}));
        const auto gone = _host.muster({"document", id});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(gone.describe(), 2, gone.exitCode);
        CPPUNIT_ASSERT_MESSAGE(gone.describe(), gone.errors.find("--enable") != std::string::npos);
        const auto page = document(id, {"--enable"});
        CPPUNIT_ASSERT_EQUAL(size_t(3), page.at("members").at("unmatched").size());
        CPPUNIT_ASSERT_EQUAL(Json({"enabled", "deleted", "disabled"}).dump(),
                             Json(actions()).dump());
    }

    void aDocumentOutlivesItsGroup()
    {
        start();
        documents();
        change(Json::array({Json{"group-", contoso::group(1)}}));
        refresh();
        const auto page = document("Team 1");
        CPPUNIT_ASSERT_EQUAL(std::string("orphaned"), page.at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(2), page.at("members").at("unmatched").size());
        assertNames({"Team 1"}, documents({"--status", "orphaned"}));
    }

    void changesSeveralAtOnce()
    {
        start();
        auto answer = _host.json({"document", "--type", "security", "--disable"});
        CPPUNIT_ASSERT_EQUAL(Json(2), answer.at("changed"));
        assertNames({"Team 1", "Team 2"}, documents({"--status", "disabled"}));
        answer = _host.json({"document", contoso::group(1), "Team 3", "--enable"});
        CPPUNIT_ASSERT_EQUAL(Json(1), answer.at("changed"));
        _host.json({"document", "--tenant", "contoso", "--delete"}, 1);
        CPPUNIT_ASSERT_EQUAL(size_t(3), documents().size());
        assertNames({"Team 2"},
                    _host.json({"document", "--status", "disabled", "--delete"}).at("deleted"));
        CPPUNIT_ASSERT_EQUAL(std::string("row-deleted"), actions().front());
        _host.json({"document", "--disable"}, 2);
    }

    void fieldsOfPeopleStay()
    {
        start();
        _host.json({"token", "add", "ada", "--role", "reader", "--group", "Desk"});
        document("Team 1", {"--set", "Approver=Ada = Bo", "--set", "Room=1", "--allow", "ada",
                            "--allow", "group:Desk"});
        change({contoso::link("member+", 1, 3)});
        refresh();
        const auto page = document("Team 1", {"--set", "Room="});
        CPPUNIT_ASSERT_EQUAL(Json({{"Approver", "Ada = Bo"}}).dump(), page.at("fields").dump());
        CPPUNIT_ASSERT_EQUAL(
            Json({{"everyone", false}, {"groups", {"Desk"}}, {"people", {"ada"}}}).dump(),
            page.at("access").dump());
        const auto entries =
            _host.json({"activity", "--document", "Team 1", "--since", "1h"}).at("activity");
        CPPUNIT_ASSERT_EQUAL(size_t(3), entries.size());
        CPPUNIT_ASSERT(!entries.front().at("actor").get<std::string>().empty());
        CPPUNIT_ASSERT_EQUAL(
            std::string("1"),
            entries.front().at("before").at("fields").at("Room").get<std::string>());
        const auto table = _host.muster({"activity"});
        CPPUNIT_ASSERT_MESSAGE(table.describe(),
                               table.output.find("access-changed") != std::string::npos);
    }

    void makesADocumentByHand()
    {
        start();
        const auto made = _host.json({"document", "--new", "--type", "security", "--tenant",
                                      "contoso", "--name", "Door codes", "--set", "owners=Ada"});
        CPPUNIT_ASSERT_EQUAL(Json({"Ada"}).dump(), made.at("owners").dump());
        CPPUNIT_ASSERT_EQUAL(Json(true), made.at("madeByHand"));
        CPPUNIT_ASSERT(made.at("links").at("manage").is_null());
        refresh();
        assertNames({"Door codes", "Team 1", "Team 2", "Team 3"}, documents());
        document(made.at("id"), {"--delete"});
        assertNames({"Team 1", "Team 2", "Team 3"}, documents());
    }

    void saysWhatIsWrong()
    {
        start();
        const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
            {{"documents", "--type", "distribution"}, "microsoft365 or security"},
            {{"documents", "--status", "dead"}, "enabled, orphaned or disabled"},
            {{"documents", "--tenant", "cont"}, "contoso"},
            {{"documents", "--columns", "names"}, "membersText"},
            {{"document", "nobody"}, "muster documents"},
            {{"document"}, "muster documents"},
            {{"document", "Team 1", "--set", "Domain=x"}, "comes from Entra"},
            {{"document", "Team 1", "--set", "x"}, "FIELD=VALUE"},
            {{"document", "Team 1", "--archive", "--unarchive"}, "leave one out"},
            {{"document", "Team 1", "--type", "security", "--archive", "Team 2"}, "not both"},
            {{"activity", "--since", "soon"}, "1d"},
            {{"activity", "--document", "nope"}, "muster documents --archived"},
            {{"activity", "--tenant", "nope"}, "there is contoso"},
            {{"document", "Team 1", "--allow", "nobody"}, "muster token list"},
            {{"document", "Team 1", "--allow", "group:Nobodies"}, "--group 'Nobodies'"},
            {{"document", "Team 1", "--set", "Manage=x"}, "another name"},
            {{"document", "Team 1", "--pdf", "page.csv"}, ".pdf"},
            {{"documents", "--columns", "name,name"}, "twice"},
            {{"documents", "--columns", "name", "--export", "x.pdf"}, "--columns"},
            {{"token", "add", "x", "--tenant", "contoso"}, "leave the tenants out"},
            {{"token", "add", "x", "--role", "reader", "--tenant", "nope"}, "tenant 'nope'"},
            {{"token", "add", "x", "--role", "king"}, "documents or reader"}};
        for (const auto& [arguments, expected] : table)
        {
            const auto finished = _host.muster(arguments);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 2, finished.exitCode);
            CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                                   finished.errors.find(expected) != std::string::npos);
        }
    }

    void aRoleMayDoWhatItMay()
    {
        start();
        const Service service(_host);
        std::map<std::string, std::string> tokens;
        for (const auto* role : {"administrator", "manager", "documents", "reader"})
            tokens[role] = _host.json({"token", "add", role, "--role", role}).at("token");
        const auto path = "/documents/" + contoso::group(1);
        struct Case
        {
            std::string method;
            std::string path;
            Json body;
            std::vector<std::string> allowed;
        };
        const std::vector<Case> table = {
            {"GET", "/documents", {}, {"administrator", "manager", "documents", "reader"}},
            {"GET", path, {}, {"administrator", "manager", "documents", "reader"}},
            {"GET", "/activity", {}, {"administrator", "manager", "documents"}},
            {"GET", "/tenants", {}, {"administrator", "manager"}},
            {"GET", "/tokens", {}, {"administrator"}},
            {"PATCH", path, {{"archived", false}}, {"administrator", "documents"}},
            {"PATCH", path, {{"fields", {{"Room", "1"}}}}, {"administrator", "documents"}},
            {"PATCH", path, {{"access", {{"everyone", true}}}}, {"administrator", "documents"}},
            {"PATCH", path, {{"enabled", true}}, {"administrator", "manager"}},
            {"PATCH",
             "/documents?type=security",
             {{"enabled", true}},
             {"administrator", "manager"}},
            {"POST",
             "/documents",
             {{"type", "security"}, {"tenant", "contoso"}, {"name", "By hand"}},
             {"administrator", "documents"}},
            {"DELETE", "/documents?search=nobody", {}, {"administrator", "documents"}},
            {"POST", "/tenants/contoso/refresh", Json::object(), {"administrator", "manager"}}};
        for (const auto& [method, where, body, allowed] : table)
            for (const auto& [role, token] : tokens)
            {
                const bool isAllowed =
                    std::find(allowed.begin(), allowed.end(), role) != allowed.end();
                const auto answered = status(service, token, method, where, body);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(role + " " + method + " " + where + " " + _answer.body,
                                             isAllowed ? 200 : 403, answered);
                if (!isAllowed)
                    CPPUNIT_ASSERT(Json::parse(_answer.body)
                                       .at("detail")
                                       .get<std::string>()
                                       .find("the role " + role + " may not") == 0);
            }
        CPPUNIT_ASSERT_EQUAL(
            std::string("documents"),
            _host.json({"activity"}).at("activity").at(0).at("actor").get<std::string>());
        document("Team 2", {"--allow", "reader"});
        _host.json({"token", "add", "ada", "--role", "reader"});
        document("Team 3", {"--allow", "ada"});
        status(service, tokens["reader"], "GET", "/documents?type=security&search=Team");
        assertNames({"Team 1", "Team 2"}, Json::parse(_answer.body).at("documents"));
        CPPUNIT_ASSERT_EQUAL(
            404, status(service, tokens["reader"], "GET", "/documents/" + contoso::group(3)));
    }

    void aTokenOfATenantReadsThatTenantsDocuments()
    {
        start();
        const std::string fabrikam = "3f0c0e0e-0000-4000-8000-00000000000f";
        _sandbox.addTenant(fabrikam, "Fabrikam", "fabrikam.example");
        _sandbox.ops(fabrikam, contoso::tenant(1, 1, 1));
        auto text = EstateText{.tenant = fabrikam, .url = _sandbox.baseUrl()}.tenantText();
        text.replace(text.find("name: contoso"), std::string("name: contoso").size(),
                     "name: fabrikam");
        const auto finished = _host.muster({"apply", _host.write("fabrikam.yaml", text)});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(4), documents().size());

        const Service service(_host);
        const auto tokenOf = [&](const std::string& role) {
            return _host
                .json({"token", "add", role, "--role", role, "--tenant", "contoso", "--group",
                       "First Line"})
                .at("token")
                .get<std::string>();
        };
        const auto reader = tokenOf("reader");
        const auto keeper = tokenOf("documents");
        for (const auto& token : {reader, keeper})
        {
            CPPUNIT_ASSERT_EQUAL(200, status(service, token, "GET", "/documents"));
            assertNames({"Team 1", "Team 2", "Team 3"}, Json::parse(_answer.body).at("documents"));
            CPPUNIT_ASSERT_EQUAL(403, status(service, token, "GET", "/documents?tenant=fabrikam"));
            CPPUNIT_ASSERT_EQUAL(403,
                                 status(service, token, "GET",
                                        "/documents/" + contoso::group(1) + "?tenant=fabrikam"));
        }
        CPPUNIT_ASSERT_EQUAL(403, status(service, keeper, "GET", "/documents.csv?tenant=fabrikam"));
        CPPUNIT_ASSERT_EQUAL(403, status(service, keeper, "GET", "/activity?tenant=fabrikam"));
        CPPUNIT_ASSERT_EQUAL(
            403, status(service, keeper, "POST", "/documents",
                        {{"type", "security"}, {"tenant", "fabrikam"}, {"name", "By hand"}}));
        const auto page = "/documents/" + contoso::group(2) + "?tenant=contoso";
        CPPUNIT_ASSERT_EQUAL(200, status(service, keeper, "PATCH", page,
                                         {{"access", {{"groups", Json::array({"First Line"})}}}}));
        CPPUNIT_ASSERT_EQUAL(200, status(service, reader, "GET", page));
        CPPUNIT_ASSERT_EQUAL(200, status(service, keeper, "PATCH", page,
                                         {{"access", {{"people", Json::array({"documents"})}}}}));
        CPPUNIT_ASSERT_EQUAL(404, status(service, reader, "GET", page));
    }

    void theServiceAnswersTheSame()
    {
        start();
        document("Team 2", {"--archive"});
        const auto answers = [&] {
            return documents({"--archived", "--columns", "all"}).dump() +
                   document("Team 1").dump() + _host.muster({"activity"}).output;
        };
        const auto alone = answers();
        const Service service(_host);
        CPPUNIT_ASSERT_EQUAL(alone, answers());
    }

    void columnsAreTheVendors()
    {
        start();
        const auto answer = _host.json({"documents", "--columns", "all"});
        std::vector<std::string> titles;
        for (const auto& column : answer.at("columns"))
            if (const auto& types = column.at("types");
                std::find(types.begin(), types.end(), "microsoft365") != types.end())
                titles.push_back(column.at("title"));
        const std::vector<std::string> expected = {"Group Name",
                                                   "Members (Matched To A Contact)",
                                                   "Members (Not Matched To A Contact)",
                                                   "Group Email Address",
                                                   "Domain",
                                                   "Group Description",
                                                   "Membership Type",
                                                   "Sync Status",
                                                   "Updated",
                                                   "Owners"};
        CPPUNIT_ASSERT_EQUAL(Json(expected).dump(), Json(titles).dump());
        const auto& cells = answer.at("documents").at(0).at("cells");
        CPPUNIT_ASSERT_EQUAL(std::string("2"),
                             cells.at("membersText").at("text").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(2), cells.at("membersText").at("items").size());
        CPPUNIT_ASSERT_EQUAL(std::string("Person 1 <person1@contoso.example>"),
                             cells.at("owners").at("text").get<std::string>());
        CPPUNIT_ASSERT(!answer.at("documents").at(2).at("cells").contains("devices"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DocumentTest);

} // namespace muster::integration
