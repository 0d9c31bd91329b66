#include "TargetFixture.h"

#include "ChildPlugin.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace muster::tests {

using namespace plugins;

TargetFixture::TargetFixture(Json usedScope)
    : catalog({MUSTER_BINARY_DIR "/lib/muster"}, clock, {.children = childrenAsked()}),
      scope(std::move(usedScope))
{}

TargetFixture::Content TargetFixture::read(TargetChannel& channel, const ReadRequest& request)
{
    Content content;
    channel.read(
        request, [&](RemoteRecord record) { content.records.push_back(std::move(record)); },
        [&](RemoteLink one) { content.links.push_back(std::move(one)); }, cancellation);
    return content;
}

TargetFixture::Outcomes TargetFixture::apply(TargetChannel& channel,
                                             const std::vector<ChangeRequest>& changes)
{
    Outcomes outcomes;
    channel.apply(
        scope, changes,
        [&](Outcome outcome) { CPPUNIT_ASSERT(outcomes.emplace(outcome.id, outcome).second); },
        cancellation);
    CPPUNIT_ASSERT_EQUAL(changes.size(), outcomes.size());
    return outcomes;
}

Outcome TargetFixture::apply(TargetChannel& channel, const ChangeRequest& one)
{
    return apply(channel, std::vector{one}).at(one.id);
}

void TargetFixture::assertState(OutcomeState expected, const Outcome& outcome)
{
    CPPUNIT_ASSERT_MESSAGE(outcome.message, outcome.state == expected);
}

ChangeRequest TargetFixture::change(int64_t id, Action action, const RemoteRecord& record,
                                    const Json& fields)
{
    ChangeRequest result;
    result.id = id;
    result.action = action;
    result.kind = record.kind;
    result.key = record.key;
    result.name = record.name;
    result.remoteId = record.remoteId;
    result.fields = fields;
    return result;
}

size_t TargetFixture::requests(const std::string& route) const
{
    return server.requests()["routes"].value(route, size_t{0});
}

} // namespace muster::tests
