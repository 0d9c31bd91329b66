#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"
#include "web/Router.h"
#include "web/Tokens.h"

namespace muster::web {

class RoleTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RoleTest);
    FRESH_TEST(eachRoleMayWhatItMay);
    FRESH_TEST(aRefusalNamesTheRolesThatMay);
    FRESH_TEST(aRouteRefusesBeforeItsHandlerIsAsked);
    FRESH_TEST(aTokenKeepsItsRole);
    FRESH_TEST(whoLooksAfterAllTenantsHasNoTenants);
    FRESH_TEST(whoAsksByTokenIsTheActor);
    CPPUNIT_TEST_SUITE_END();

    runtime::SilentProgress _silent;
    runtime::Cancellation _never;

public:
    void eachRoleMayWhatItMay()
    {
        // administer, set up, switch, keep, review, read
        const std::vector<std::pair<Role, std::string>> table = {{Role::Administrator, "111111"},
                                                                 {Role::Manager, "011011"},
                                                                 {Role::Documents, "000111"},
                                                                 {Role::Reader, "000001"}};
        for (const auto& [role, expected] : table)
        {
            std::string rights;
            for (const auto right :
                 {Right::Administer, Right::SetUp, Right::SwitchDocuments, Right::KeepDocuments,
                  Right::ReviewDocuments, Right::ReadDocuments})
                rights += may(role, right) ? '1' : '0';
            CPPUNIT_ASSERT_EQUAL_MESSAGE(toText(role), expected, rights);
            CPPUNIT_ASSERT(roleFromText(toText(role)) == role);
        }
        CPPUNIT_ASSERT_THROW(roleFromText("king"), UsageError);
    }

    void aRefusalNamesTheRolesThatMay()
    {
        try
        {
            Caller{"helpdesk", Role::Reader}.require(Right::SwitchDocuments);
            CPPUNIT_FAIL("it was not refused");
        }
        catch (const ForbiddenError& error)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("the role reader may not enable or disable "
                                             "documents: use a token of the role administrator "
                                             "or manager"),
                                 std::string(error.what()));
        }
    }

    void aRouteRefusesBeforeItsHandlerIsAsked()
    {
        Router router;
        bool isAsked = false;
        router.add({.pattern = "/runs", .handler = [&](const ApiCall&) {
                        isAsked = true;
                        return ApiResponse();
                    }});
        CPPUNIT_ASSERT_THROW(
            router.route({.path = "/runs", .caller = {"x", Role::Documents}}, _silent, _never),
            ForbiddenError);
        CPPUNIT_ASSERT(!isAsked);
        router.route({.path = "/runs", .caller = {"x", Role::Manager}}, _silent, _never);
        CPPUNIT_ASSERT(isAsked);
    }

    void aTokenKeepsItsRole()
    {
        const tests::TemporaryDirectory directory;
        const store::Store store(directory.path());
        const tests::TestClock clock;
        Tokens tokens(store, clock);
        const auto token = tokens.add({"helpdesk", Role::Reader, {"contoso"}, {"First Line"}});
        const auto caller = tokens.callerOf(token);
        CPPUNIT_ASSERT(caller && caller->name == "helpdesk" && caller->role == Role::Reader);
        CPPUNIT_ASSERT(caller->tenants == std::vector<std::string>{"contoso"});
        CPPUNIT_ASSERT(caller->groups == std::vector<std::string>{"First Line"});
        CPPUNIT_ASSERT(!tokens.callerOf("muster_guess"));
        CPPUNIT_ASSERT(tokens.list().front().caller.role == Role::Reader);
        CPPUNIT_ASSERT_THROW(tokens.add({"helpdesk", Role::Reader}), UsageError);
    }

    void whoLooksAfterAllTenantsHasNoTenants()
    {
        const tests::TemporaryDirectory directory;
        const store::Store store(directory.path());
        const tests::TestClock clock;
        Tokens tokens(store, clock);
        for (const auto role : {Role::Administrator, Role::Manager})
            CPPUNIT_ASSERT_THROW(tokens.add({"ops", role, {"contoso"}}), UsageError);
        tokens.add({"ops", Role::Documents, {"contoso"}});
    }

    void whoAsksByTokenIsTheActor()
    {
        Router router;
        std::string actor;
        router.add({.method = "POST",
                    .pattern = "/x",
                    .body = {{"actor"}},
                    .handler = [&](const ApiCall& call) {
                        actor = call.actor();
                        return ApiResponse();
                    }});
        ApiRequest request{.method = "POST", .path = "/x", .body = {{"actor", "ann"}}};
        router.route(request, _silent, _never);
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), actor);
        request.caller.name = "helpdesk";
        router.route(request, _silent, _never);
        CPPUNIT_ASSERT_EQUAL(std::string("helpdesk"), actor);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RoleTest);

} // namespace muster::web
