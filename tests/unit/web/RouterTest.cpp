#include "web/Router.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

namespace muster::web {

class RouterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RouterTest);
    FRESH_TEST(findsTheHandlerByMethodAndPath);
    FRESH_TEST(parametersOfThePathAreDecoded);
    FRESH_TEST(parameterMayHaveAnEnding);
    FRESH_TEST(fileIsDescribedByItsType);
    FRESH_TEST(unknownPathAndMethodAreToldApart);
    FRESH_TEST(queryNumbersAreWholeAndNotNegative);
    FRESH_TEST(membersOfTheBodyHaveTheirType);
    CPPUNIT_TEST_SUITE_END();

    Router _router;
    runtime::SilentProgress _progress;
    runtime::Cancellation _cancellation;

    ApiResponse route(const ApiRequest& request)
    {
        return _router.route(request, _progress, _cancellation);
    }

    std::string problem(const ApiRequest& request)
    {
        try
        {
            route(request);
        }
        catch (const UsageError& error)
        {
            return error.what();
        }
        return "none";
    }

public:
    void findsTheHandlerByMethodAndPath()
    {
        _router.add("GET", "/runs", "", [](const ApiCall&) { return ApiResponse{.body = "list"}; });
        _router.add("POST", "/runs", "", [](const ApiCall&) { return ApiResponse{.body = "new"}; });
        _router.add("GET", "/runs/{id}", "", [](const ApiCall& call) {
            return ApiResponse{.body = call.parameters.at("id")};
        });
        CPPUNIT_ASSERT_EQUAL(Json("list"), route({.path = "/runs"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("new"), route({.method = "POST", .path = "/runs"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("7"), route({.path = "/runs/7"}).body);
    }

    void parametersOfThePathAreDecoded()
    {
        _router.add("GET", "/targets/{target}/why/{key}", "", [](const ApiCall& call) {
            return ApiResponse{.body = call.parameters.at("key")};
        });
        CPPUNIT_ASSERT_EQUAL(Json("R&D / ü"),
                             route({.path = "/targets/desk/why/R%26D%20%2F%20%C3%BC"}).body);
    }

    void parameterMayHaveAnEnding()
    {
        const auto idOf = [](const std::string& form) {
            return [form](const ApiCall& call) {
                return ApiResponse{.body = form + " of " + call.parameters.at("id")};
            };
        };
        _router.addFile("/documents/{id}.pdf", "application/pdf", "", idOf("PDF"),
                        Right::KeepDocuments);
        _router.add("GET", "/documents/{id}", "", idOf("page"));
        CPPUNIT_ASSERT_EQUAL(Json("PDF of a b"), route({.path = "/documents/a%20b.pdf"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("page of a"), route({.path = "/documents/a"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("page of .pdf"), route({.path = "/documents/.pdf"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("page of a.pdf"), route({.path = "/documents/a%2Epdf"}).body);
    }

    void fileIsDescribedByItsType()
    {
        _router.addFile(
            "/runbook", "application/pdf", "", [](const ApiCall&) { return ApiResponse{}; },
            Right::KeepDocuments);
        const auto answers = _router.paths().at("/runbook").at("get").at("responses");
        CPPUNIT_ASSERT(answers.at("200").at("content").contains("application/pdf"));
    }

    void unknownPathAndMethodAreToldApart()
    {
        _router.add("GET", "/runs", "", [](const ApiCall&) { return ApiResponse{}; });
        CPPUNIT_ASSERT_EQUAL(std::string("there is no /rnus"), problem({.path = "/rnus"}));
        CPPUNIT_ASSERT_EQUAL(std::string("/runs does not take DELETE"),
                             problem({.method = "DELETE", .path = "/runs"}));
    }

    void queryNumbersAreWholeAndNotNegative()
    {
        _router.add("GET", "/runs", "", [](const ApiCall& call) {
            return ApiResponse{.body = call.number("limit", 20)};
        });
        CPPUNIT_ASSERT_EQUAL(Json(20), route({.path = "/runs"}).body);
        CPPUNIT_ASSERT_EQUAL(Json(3), route({.path = "/runs", .query = {{"limit", "3"}}}).body);
        for (const auto* wrong : {"-1", "3x", "1.5"})
            CPPUNIT_ASSERT_EQUAL("\"limit\" of the request must be a whole number, not '" +
                                     std::string(wrong) + "'",
                                 problem({.path = "/runs", .query = {{"limit", wrong}}}));
    }

    void membersOfTheBodyHaveTheirType()
    {
        _router.add("POST", "/plans", "", [](const ApiCall& call) {
            return ApiResponse{.body = {call.texts("syncs"), call.flag("verify"), call.text("at")}};
        });
        const auto post = [](Json body) {
            return ApiRequest{.method = "POST", .path = "/plans", .body = std::move(body)};
        };
        CPPUNIT_ASSERT_EQUAL(Json::array({Json::array(), false, ""}), route(post({})).body);
        CPPUNIT_ASSERT_EQUAL(Json::array({Json::array({"a"}), true, "x"}),
                             route(post({{"syncs", {"a"}}, {"verify", true}, {"at", "x"}})).body);
        CPPUNIT_ASSERT_EQUAL(std::string("\"syncs\" of the request must be a list of texts"),
                             problem(post({{"syncs", {1}}})));
        CPPUNIT_ASSERT_EQUAL(std::string("\"verify\" of the request must be true or false"),
                             problem(post({{"verify", "yes"}})));
        CPPUNIT_ASSERT_EQUAL(std::string("\"at\" of the request must be a text"),
                             problem(post({{"at", 1}})));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RouterTest);

} // namespace muster::web
