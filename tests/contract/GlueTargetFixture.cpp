#include "GlueTargetFixture.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

namespace muster::tests {

using namespace plugins;

namespace {

sandbox::Json contactSeed(int id, const char* first, const char* last, const sandbox::Json& emails)
{
    return {{"id", id},
            {"organization-id", 7},
            {"first-name", first},
            {"last-name", last},
            {"contact-emails", emails}};
}

} // namespace

GlueTargetFixture::GlueTargetFixture() : TargetFixture(Json{{"organization", 7}})
{}

void GlueTargetFixture::setUp()
{
    server.seedGlue(
        {{"contacts",
          {contactSeed(71, "Ann", "Bo", {"Ann@Contoso.example", "ann.bo@contoso.example"}),
           contactSeed(72, "Cy", "Dee", {"cy@contoso.example"}),
           contactSeed(73, "Ann", "Bo", {"ann2@contoso.example"}),
           contactSeed(74, "Eve", "", sandbox::Json::array())}},
         {"configurations",
          {{{"id", 91}, {"organization-id", 7}, {"name", "PC-1"}, {"hostname", "Pc-1.Local"}},
           {{"id", 92}, {"organization-id", 7}, {"name", "Server"}, {"archived", true}}}}});
    server.clearRequests();
}

std::unique_ptr<TargetChannel> GlueTargetFixture::open(const Json& changes)
{
    Json settings{{"url", server.baseUrl()},
                  {"apiKey", "sandbox-glue-key"},
                  {"pace", {{"perSecond", 1000}, {"parallel", 8}}}};
    settings.merge_patch(changes);
    return catalog.openTarget("itglue", {"docs", settings});
}

GlueTargetFixture::Content GlueTargetFixture::read(TargetChannel& channel,
                                                   const std::vector<std::string>& kinds)
{
    return TargetFixture::read(channel, ReadRequest{scope, kinds});
}

std::string GlueTargetFixture::guid(int n)
{
    const auto number = std::to_string(n);
    return "11111111-2222-4333-8444-" + std::string(12 - number.size(), '0') + number;
}

ChangeRequest GlueTargetFixture::document(int n, const Json& fields)
{
    ChangeRequest result;
    result.id = n;
    result.kind = "group-document";
    result.key = guid(n);
    result.name = "Group " + std::to_string(n);
    result.fields = {{"type", "security"},
                     {"key", result.key},
                     {"name", result.name},
                     {"description", "What it is for\nand why"},
                     {"domain", "contoso.example"},
                     {"membership", "Assigned"},
                     {"updated", "2026-01-31T09:30:00Z"},
                     {"status", "Enabled"},
                     {"members", {"71", "72"}},
                     {"membersText", {"Eve Fo <eve@contoso.example>", "Gus (disabled)"}},
                     {"devices", {"91"}},
                     {"devicesText", {"LAPTOP-7"}},
                     {"owners", {"Ann Bo <ann@contoso.example>"}},
                     {"tenant", "3f0c0e0e-0000-4000-8000-000000000001"},
                     {"integration", "contoso"}};
    result.fields.merge_patch(fields);
    return result;
}

RemoteRecord GlueTargetFixture::make(TargetChannel& channel, const ChangeRequest& create)
{
    const auto outcome = apply(channel, create);
    assertState(OutcomeState::Applied, outcome);
    return outcome.record.value();
}

std::vector<RemoteRecord> GlueTargetFixture::makeMany(TargetChannel& channel, int count)
{
    std::vector<ChangeRequest> creates;
    for (int n = 1; n <= count; ++n)
        creates.push_back(document(n));
    std::vector<RemoteRecord> records;
    for (const auto& [id, outcome] : apply(channel, creates))
    {
        assertState(OutcomeState::Applied, outcome);
        records.push_back(outcome.record.value());
    }
    return records;
}

ChangeRequest GlueTargetFixture::update(int64_t id, const RemoteRecord& record, const Json& fields)
{
    return change(id, Action::Update, record, fields);
}

ChangeRequest GlueTargetFixture::nest(int64_t id, const RemoteRecord& inner,
                                      const RemoteRecord& outer, Action action)
{
    ChangeRequest result;
    result.id = id;
    result.action = action;
    result.from = {"group-document", outer.key, outer.remoteId};
    result.to = {"group-document", inner.key, inner.remoteId};
    result.role = action == Action::Link ? "nested" : "";
    return result;
}

plugins::Json GlueTargetFixture::asset(const std::string& id) const
{
    for (const auto state = server.glue(); const auto& one : state["assets"])
        if (one["id"].dump() == id || one["id"] == id)
            return one;
    CPPUNIT_FAIL("there is no asset " + id);
    return {};
}

plugins::Json GlueTargetFixture::type(const std::string& name) const
{
    for (const auto state = server.glue(); const auto& one : state["types"])
        if (one["name"] == name)
            return one;
    CPPUNIT_FAIL("there is no type " + name);
    return {};
}

void GlueTargetFixture::edit(const std::string& id, const Json& traits)
{
    server.seedGlue({{"assets", {{{"id", std::stoll(id)}, {"traits", traits}}}}});
}

void GlueTargetFixture::addField(const std::string& typeName, const std::string& name,
                                 const std::string& kind, const Json& more)
{
    Json field{{"flexible-asset-type-id", type(typeName)["id"]}, {"name", name}, {"kind", kind}};
    field.update(more);
    server.seedGlue({{"fields", {field}}});
}

RemoteRecord GlueTargetFixture::readOnly()
{
    const auto channel = open();
    const auto records = read(*channel).records;
    CPPUNIT_ASSERT_EQUAL(size_t{1}, records.size());
    return records.front();
}

} // namespace muster::tests
