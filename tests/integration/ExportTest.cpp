#include "Scenario.h"
#include "Service.h"
#include "http/HttpClient.h"
#include "support/FreshTest.h"
#include "support/PdfReader.h"

#include <filesystem>

namespace muster::integration {

/// Documents as files, through the command line and over HTTP.
class ExportTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExportTest);
    FRESH_TEST(documentsAreWrittenAsTheNameOfTheFileSays);
    FRESH_TEST(onlyThoseChosenAreWritten);
    FRESH_TEST(oneDocumentIsWrittenAsPdf);
    FRESH_TEST(theServiceWritesTheSame);
    FRESH_TEST(filesComeOverHttp);
    FRESH_TEST(onlySomeRolesMayExport);
    FRESH_TEST(whatCannotBeWrittenIsSaid);
    FRESH_TEST(aFileIsReplacedWholeOrNotAtAll);
    CPPUNIT_TEST_SUITE_END();

    sandbox::SandboxServer _sandbox;
    Installation _host;
    http::HttpClient _client{{}};
    http::HttpResponse _answer;

    /// Two teams of security type, and a group whose name is hard to write.
    void start()
    {
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        auto ops = contoso::tenant(4, 2, 2);
        ops.push_back(contoso::addGroup(3, odd(), {{"description", "=1+1"}}));
        _sandbox.ops(contoso::kTenant, ops);
        const EstateText estate{.tenant = contoso::kTenant, .url = _sandbox.baseUrl()};
        const auto finished =
            _host.muster({"apply", _host.write("estate.yaml", estate.tenantText())});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
    }

    static std::string odd() { return "=Sales/EU, \"A\" & <b> 財務.pdf"; }

    std::string file(const std::string& name) const { return _host.directory() / name; }

    /// What `muster ARGUMENTS FILE` writes.
    std::string written(std::vector<std::string> arguments, const std::string& name) const
    {
        arguments.push_back(file(name));
        const auto finished = _host.muster(arguments);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        return tests::readFile(file(name));
    }

    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' lacks " + part, text.find(part) != text.npos);
    }

    int status(const Service& service, const std::string& token, const std::string& path)
    {
        http::HttpRequest request{.url = service.url() + "/api/v1" + path};
        request.headers["Authorization"] = "Bearer " + token;
        _answer = _client.send(request, runtime::Cancellation());
        return _answer.status;
    }

    std::string token(const std::string& role) const
    {
        return _host.json({"token", "add", "a-" + role, "--role", role}).at("token");
    }

public:
    void documentsAreWrittenAsTheNameOfTheFileSays()
    {
        start();
        const auto csv = written({"documents", "--export"}, "all.csv");
        contains(csv, "\xEF\xBB\xBFGroup Name,");
        contains(csv, "\r\n\"'=Sales/EU, \"\"A\"\" & <b> 財務.pdf\",");
        contains(csv, ",'=1+1,");
        const auto json = Json::parse(written({"documents", "--export"}, "all.JSON"));
        CPPUNIT_ASSERT_EQUAL(size_t(3), json.at("documents").size());
        CPPUNIT_ASSERT_EQUAL(Json(odd()), json.at("documents").at(0).at("name"));
        const tests::PdfReader pdf(written({"documents", "--export"}, "all.pdf"));
        CPPUNIT_ASSERT_EQUAL(size_t(5), pdf.pages());
        contains(pdf.text(), "Contoso Ltd");
        contains(pdf.text(), odd());
    }

    void onlyThoseChosenAreWritten()
    {
        start();
        CPPUNIT_ASSERT_EQUAL(
            std::string("\xEF\xBB\xBFSync Status,Group Name\r\nEnabled,Team 2\r\n"),
            written({"documents", "--search", "team 2", "--columns", "status,name", "--export"},
                    "one.csv"));
    }

    void oneDocumentIsWrittenAsPdf()
    {
        start();
        contains(
            tests::PdfReader(written({"document", contoso::group(1), "--pdf"}, "1.pdf")).text(),
            "Team 1");
        const tests::PdfReader named(written({"document", odd(), "--pdf"}, "odd.pdf"));
        contains(named.text(), odd());
        CPPUNIT_ASSERT_EQUAL(size_t(1), named.pages());
    }

    void theServiceWritesTheSame()
    {
        start();
        const auto alone = written({"documents", "--export"}, "alone.csv");
        const Service service(_host);
        CPPUNIT_ASSERT_EQUAL(alone, written({"documents", "--export"}, "served.csv"));
        contains(tests::PdfReader(written({"document", odd(), "--pdf"}, "odd.pdf")).text(), odd());
        CPPUNIT_ASSERT_EQUAL(Json(odd()), _host.json({"document", odd()}).at("name"));
    }

    void filesComeOverHttp()
    {
        start();
        _host.json({"documents"});
        const auto secret = token("documents");
        const Service service(_host);
        const std::string page = "/documents/" + contoso::group(1);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(_answer.body, 200, status(service, secret, page + ".pdf"));
        CPPUNIT_ASSERT_EQUAL(std::string("application/pdf"), _answer.headers["content-type"]);
        contains(_answer.headers["content-disposition"], contoso::group(1) + ".pdf");
        CPPUNIT_ASSERT_EQUAL(std::string("%PDF-"), _answer.body.substr(0, 5));
        CPPUNIT_ASSERT_EQUAL(200, status(service, secret, "/runbook?tenant=contoso"));
        CPPUNIT_ASSERT_EQUAL(size_t(5), tests::PdfReader(_answer.body).pages());
        CPPUNIT_ASSERT_EQUAL(200, status(service, secret, "/documents.csv?columns=name"));
        contains(_answer.headers["content-type"], "text/csv");
        contains(_answer.body, "Team 2\r\n");
        CPPUNIT_ASSERT_EQUAL(200, status(service, secret, "/documents.json"));
        CPPUNIT_ASSERT_EQUAL(size_t(3), Json::parse(_answer.body).at("documents").size());
        CPPUNIT_ASSERT_EQUAL(404, status(service, secret, "/runbook?tenant=fabrikam"));
        CPPUNIT_ASSERT_EQUAL(404, status(service, secret, "/documents/nothing.pdf"));
        CPPUNIT_ASSERT_EQUAL(400, status(service, secret, "/runbook?colour=red"));
        CPPUNIT_ASSERT_EQUAL(400, status(service, secret, "/documents.csv?columns=colour"));
    }

    void onlySomeRolesMayExport()
    {
        start();
        _host.json({"documents"});
        const Service service(_host);
        for (const auto& path :
             {"/documents/" + contoso::group(1) + ".pdf", std::string("/runbook"),
              std::string("/documents.csv"), std::string("/documents.json")})
        {
            for (const std::string role : {"manager", "reader"})
            {
                const auto secret = _host.json(
                    {"token", "add", role + std::to_string(path.size()), "--role", role});
                CPPUNIT_ASSERT_EQUAL(403, status(service, secret.at("token"), path));
                contains(_answer.body, "export documents");
            }
        }
        CPPUNIT_ASSERT_EQUAL(200, status(service, token("administrator"), "/documents.csv"));
    }

    void whatCannotBeWrittenIsSaid()
    {
        start();
        const auto form = _host.muster({"documents", "--export", file("all.xlsx")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(form.describe(), 2, form.exitCode);
        contains(form.errors, ".csv, .json or .pdf");
        const auto folder = _host.muster({"documents", "--export", file("no/such/all.csv")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(folder.describe(), 78, folder.exitCode);
        contains(folder.errors, "No such file or directory");
        const auto two = _host.muster(
            {"document", contoso::group(1), contoso::group(2), "--pdf", file("a.pdf")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(two.describe(), 2, two.exitCode);
        contains(two.errors, "muster documents --export");
    }

    void aFileIsReplacedWholeOrNotAtAll()
    {
        start();
        const auto path = _host.write("kept.csv", "as it was");
        const auto refused = _host.muster({"documents", "--tenant", "nobody", "--export", path});
        CPPUNIT_ASSERT_MESSAGE(refused.describe(), refused.exitCode != 0);
        CPPUNIT_ASSERT_EQUAL(std::string("as it was"), tests::readFile(path));
        std::filesystem::create_symlink(path, file("link.csv"));
        written({"documents", "--export"}, "link.csv");
        contains(tests::readFile(path), "Team 1");
        CPPUNIT_ASSERT(std::filesystem::is_symlink(file("link.csv")));
        CPPUNIT_ASSERT_EQUAL(Json(path), _host.json({"documents", "--export", path}).at("file"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExportTest);

} // namespace muster::integration
