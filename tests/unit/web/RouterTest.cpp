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
    FRESH_TEST(whatARouteDoesNotTakeIsRefused);
    FRESH_TEST(theDescriptionNamesWhatARouteTakes);
    CPPUNIT_TEST_SUITE_END();

    Router _router;
    runtime::SilentProgress _progress;
    runtime::Cancellation _cancellation;

    ApiResponse route(const ApiRequest& request)
    {
        return _router.route(request, _progress, _cancellation);
    }

    static Handler answers(const std::string& text)
    {
        return [text](const ApiCall&) { return ApiResponse{.body = text}; };
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
        _router.add({.pattern = "/runs", .handler = answers("list")});
        _router.add({.method = "POST", .pattern = "/runs", .handler = answers("new")});
        _router.add({.pattern = "/runs/{id}", .handler = [](const ApiCall& call) {
                         return ApiResponse{.body = call.parameters.at("id")};
                     }});
        CPPUNIT_ASSERT_EQUAL(Json("list"), route({.path = "/runs"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("new"), route({.method = "POST", .path = "/runs"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("7"), route({.path = "/runs/7"}).body);
    }

    void parametersOfThePathAreDecoded()
    {
        _router.add({.pattern = "/targets/{target}/why/{key}", .handler = [](const ApiCall& call) {
                         return ApiResponse{.body = call.parameters.at("key")};
                     }});
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
        _router.add({.pattern = "/documents/{id}.pdf", .handler = idOf("PDF")});
        _router.add({.pattern = "/documents/{id}", .handler = idOf("page")});
        CPPUNIT_ASSERT_EQUAL(Json("PDF of a b"), route({.path = "/documents/a%20b.pdf"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("page of a"), route({.path = "/documents/a"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("page of .pdf"), route({.path = "/documents/.pdf"}).body);
        CPPUNIT_ASSERT_EQUAL(Json("page of a.pdf"), route({.path = "/documents/a%2Epdf"}).body);
    }

    void fileIsDescribedByItsType()
    {
        _router.add({.pattern = "/runbook", .handler = answers("none"), .type = "application/pdf"});
        const auto answers = _router.paths().at("/runbook").at("get").at("responses");
        CPPUNIT_ASSERT(answers.at("200").at("content").contains("application/pdf"));
    }

    void unknownPathAndMethodAreToldApart()
    {
        _router.add({.pattern = "/runs", .handler = answers("list")});
        CPPUNIT_ASSERT_THROW(route({.path = "/rnus"}), MissingError);
        CPPUNIT_ASSERT_EQUAL(std::string("/runs does not take DELETE"),
                             problem({.method = "DELETE", .path = "/runs"}));
    }

    void queryNumbersAreWholeAndNotNegative()
    {
        _router.add({.pattern = "/runs",
                     .query = {{"limit", "integer"}},
                     .handler = [](const ApiCall& call) {
                         return ApiResponse{.body = call.number("limit", 20)};
                     }});
        CPPUNIT_ASSERT_EQUAL(Json(20), route({.path = "/runs"}).body);
        CPPUNIT_ASSERT_EQUAL(Json(3), route({.path = "/runs", .query = {{"limit", "3"}}}).body);
        for (const auto* wrong : {"-1", "3x", "1.5"})
            CPPUNIT_ASSERT_EQUAL("\"limit\" of the request must be a whole number, not '" +
                                     std::string(wrong) + "'",
                                 problem({.path = "/runs", .query = {{"limit", wrong}}}));
    }

    void membersOfTheBodyHaveTheirType()
    {
        _router.add({.method = "POST",
                     .pattern = "/plans",
                     .body = {{"syncs", "array"}, {"verify", "boolean"}, {"at"}},
                     .handler = [](const ApiCall& call) {
                         return ApiResponse{
                             .body = {call.texts("syncs"), call.flag("verify"), call.text("at")}};
                     }});
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

    void whatARouteDoesNotTakeIsRefused()
    {
        _router.add({.pattern = "/runs",
                     .query = {{"sync"}, {"limit", "integer"}},
                     .handler = answers("list")});
        CPPUNIT_ASSERT_EQUAL(std::string("the request takes no \"limti\": did you mean 'limit'?"),
                             problem({.path = "/runs", .query = {{"limti", "1"}}}));
        CPPUNIT_ASSERT_EQUAL(std::string("the request takes no \"sync\""),
                             problem({.path = "/runs", .body = {{"sync", "x"}}}));
        CPPUNIT_ASSERT_EQUAL(std::string("the body of the request must be a JSON object"),
                             problem({.path = "/runs", .body = Json::array()}));
    }

    void theDescriptionNamesWhatARouteTakes()
    {
        _router.add({.method = "POST",
                     .pattern = "/runs/{id}",
                     .query = {{"limit", "integer"}},
                     .body = {{"syncs", "array"}},
                     .handler = answers("done")});
        const auto operation = _router.paths().at("/runs/{id}").at("post");
        const auto& parameters = operation.at("parameters");
        CPPUNIT_ASSERT_EQUAL(Json("path"), parameters.at(0).at("in"));
        CPPUNIT_ASSERT_EQUAL(Json("limit"), parameters.at(1).at("name"));
        CPPUNIT_ASSERT_EQUAL(Json("integer"), parameters.at(1).at("schema").at("type"));
        const auto& body = operation.at("requestBody").at("content").at("application/json");
        CPPUNIT_ASSERT_EQUAL(Json("string"),
                             body.at("schema").at("properties").at("syncs").at("items").at("type"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RouterTest);

} // namespace muster::web
