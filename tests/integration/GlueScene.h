#pragma once

#include "DocumentExpectation.h"
#include "Scenario.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <string>
#include <vector>

namespace muster::integration {

/// Groups documented in organization 7 of IT Glue by the program.
class GlueScene : public CppUnit::TestFixture
{
protected:
    sandbox::SandboxServer _sandbox;
    Installation _host;

    EstateText estate() const
    {
        return EstateText::documenting(contoso::kTenant, _sandbox.baseUrl());
    }

    /// People 1 to 4 in two teams of security type; persons 1 and 2 are contacts of IT Glue.
    void start()
    {
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        change(contoso::tenant(4, 2, 3));
        for (const int number : {1, 2})
            _sandbox.seedGlue({{"contacts",
                                {{{"id", 70 + number},
                                  {"organization-id", 7},
                                  {"first-name", "Given" + std::to_string(number)},
                                  {"last-name", "Surname" + std::to_string(number)},
                                  {"contact-emails", {contoso::address(number)}}}}}});
        _host.apply(estate());
        sync();
    }

    void change(const Json& ops) { _sandbox.ops(contoso::kTenant, ops); }

    Json sync(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments{"sync"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto run = onlyRun(_host.json(arguments));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                     run.at("state").get<std::string>());
        return run;
    }

    Json verify() { return sync({"--verify"}); }

    Documents documents() const { return documentsIn(_sandbox.glue(), 7); }

    std::set<std::string> field(int group, const std::string& title) const
    {
        const auto all = documents();
        const auto& fields = all.at(contoso::group(group)).fields;
        const auto found = fields.find(title);
        return found == fields.end() ? std::set<std::string>() : found->second;
    }

    std::string status(int group) const { return *field(group, "Sync Status").begin(); }

    /// The asset of a group, as the sandbox has it.
    Json asset(int group) const
    {
        const auto glue = _sandbox.glue();
        for (const auto& asset : glue.at("assets"))
            if (asset.dump().find(contoso::group(group)) != std::string::npos)
                return asset;
        CPPUNIT_FAIL("group " + std::to_string(group) + " is not documented");
        return {};
    }

    void edit(int group, const Json& changes)
    {
        Json record{{"id", asset(group).at("id")}};
        record.update(changes);
        _sandbox.seedGlue({{"assets", {record}}});
    }

    Json listed(int group) const
    {
        const auto all = _host.json({"documents", "--archived"});
        for (const auto& document : all.at("documents"))
            if (document.at("id") == contoso::group(group))
                return document;
        return {};
    }

    static bool says(const Json& run, const std::string& code)
    {
        return !messages(run, code).empty();
    }

    /// Of the findings with that code.
    static std::vector<std::string> messages(const Json& run, const std::string& code)
    {
        std::vector<std::string> all;
        for (const auto& finding : run.at("findings"))
            if (finding.at("code") == code)
                all.push_back(finding.at("message"));
        return all;
    }

    size_t route(const std::string& name) const
    {
        return _sandbox.requests().at("routes").value(name, size_t{0});
    }
};

} // namespace muster::integration
