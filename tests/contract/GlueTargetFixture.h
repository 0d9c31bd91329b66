#pragma once

#include "TargetFixture.h"

#include <memory>
#include <string>
#include <vector>

namespace muster::tests {

/// The IT Glue target, in organization 7, which has contacts 71 to 74 and configurations 91 and 92.
class GlueTargetFixture : public TargetFixture
{
public:
    void setUp() override;

protected:
    GlueTargetFixture();

    /// A channel with these settings merged into good ones.
    std::unique_ptr<plugins::TargetChannel> open(const Json& changes = Json::object());

    /// Documents unless other kinds are asked for.
    Content read(plugins::TargetChannel& channel,
                 const std::vector<std::string>& kinds = {"group-document"});

    /// The Entra object id of the n-th group.
    static std::string guid(int n);

    /// A create of a document for the n-th group with every field; `fields` are merged in.
    static plugins::ChangeRequest document(int n, const Json& fields = Json::object());

    /// Makes it; gives its record.
    plugins::RemoteRecord make(plugins::TargetChannel& channel,
                               const plugins::ChangeRequest& create);
    std::vector<plugins::RemoteRecord> makeMany(plugins::TargetChannel& channel, int count);

    static plugins::ChangeRequest update(int64_t id, const plugins::RemoteRecord& record,
                                         const Json& fields);
    static plugins::ChangeRequest nest(int64_t id, const plugins::RemoteRecord& inner,
                                       const plugins::RemoteRecord& outer,
                                       plugins::Action action = plugins::Action::Link);

    /// As IT Glue keeps it: tags are ids.
    Json asset(const std::string& id) const;
    Json traits(const std::string& id) const { return asset(id).at("traits"); }
    Json type(const std::string& name) const;

    /// As a person: sets traits by their keys.
    void edit(const std::string& id, const Json& traits);
    void addField(const std::string& type, const std::string& name, const std::string& kind,
                  const Json& more = Json::object());

    /// The one document there is, read with a new channel.
    plugins::RemoteRecord readOnly();

    static inline const std::string kSecurity = "Entra: Security Groups";
    static inline const std::string kMicrosoft365 = "Entra: Microsoft 365 Groups";
};

} // namespace muster::tests

#define ASSERT_SAYS(expected, text)                                                                \
    CPPUNIT_ASSERT_MESSAGE(text, std::string(text).find(expected) != std::string::npos)
