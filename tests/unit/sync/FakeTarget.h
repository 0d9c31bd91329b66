#pragma once

#include "plugins/TargetChannel.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace muster::tests {

/// A target that holds contacts, contact groups and documents in memory, with faults on demand; and
/// service groups, of which a contact has one, configurations, and accounts with contacts of their
/// own, which people add().
class FakeTarget : public plugins::TargetChannel
{
public:
    struct Record
    {
        std::string kind;
        std::string key;
        bool active = true;
        plugins::Json fields = plugins::Json::object();
        std::string account =
            {}; ///< the remote id of the one that it is within; empty: the scope's
        std::vector<std::string> tags = {};
        std::vector<std::string> aliases = {};
    };

    std::vector<runtime::Finding> check(const std::vector<plugins::Json>&,
                                        const runtime::Cancellation&) override;
    void read(const plugins::ReadRequest& request, const OnRecord& record, const OnLink& link,
              const runtime::Cancellation& cancellation) override;
    void apply(const plugins::Json& scope, const std::vector<plugins::ChangeRequest>& changes,
               const std::function<void(plugins::Outcome)>& outcome,
               const runtime::Cancellation& cancellation) override;
    uint64_t requests() const override { return reads + writes; }

    std::string add(const std::string& kind, const std::string& key,
                    plugins::Json fields = plugins::Json::object(), bool active = true,
                    const std::string& account = {});
    std::string idOf(const std::string& kind, const std::string& key,
                     const std::string& account = {}) const;

    /// "group: address role, address role" for each group, in order.
    std::vector<std::string> memberships() const;
    std::vector<std::string> keys(const std::string& kind) const;
    /// Of the contacts within an account.
    std::vector<std::string> keysWithin(const std::string& account) const;

    std::map<std::string, Record> records;                            ///< by remote id
    std::map<std::pair<std::string, std::string>, std::string> links; ///< (contact, group): role
    std::function<std::optional<plugins::Outcome>(const plugins::ChangeRequest&)> fault;
    std::set<std::string> hidden; ///< remote ids that reading misses
    std::vector<plugins::ChangeRequest> applied;
    uint64_t reads = 0;
    uint64_t writes = 0;

    /// Does a change without a fault, as a real target would.
    plugins::Outcome perform(const plugins::ChangeRequest& change);

private:
    static bool isIn(const Record& held, const plugins::ReadRequest& request);
    std::vector<std::string> keysOf(const std::string& kind, const std::string& account) const;
    plugins::RemoteRecord remote(const std::string& id) const;

    int _nextId = 1;
};

} // namespace muster::tests
