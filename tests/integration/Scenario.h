#pragma once

#include "Expectation.h"
#include "Installation.h"

namespace muster::integration {

/// Ops on a small tenant made by hand, in the world files' format. People and groups are numbered
/// from 1.
namespace contoso {

inline const std::string kTenant = "3f0c0e0e-0000-4000-8000-000000000001";

std::string person(int number);
std::string group(int number);
std::string address(int number);

/// `attributes` come over the usual ones.
Json addPerson(int number, const Json& attributes = Json::object());
Json addGroup(int number, const std::string& name, const Json& attributes = Json::object());
Json changePerson(int number, const Json& attributes);
Json changeGroup(int number, const Json& attributes);

/// "member+", "member-", "owner+", "owner-"
Json link(const std::string& op, int group, int person);

/// People 1…, groups "Team 1"…, each with `size` members, the people taken in turn, and the first
/// of them as its owner too.
Json tenant(int people, int groups, int size);

} // namespace contoso

/// A sandbox with a tenant, an installation whose estate syncs it, and what must come of it.
class Scenario
{
public:
    explicit Scenario(Mode mode = Mode::OwnersAndMembers,
                      const sandbox::SandboxOptions& options = {});

    sandbox::SandboxServer sandbox;
    Installation host;
    EstateText estate;
    Expectation expected;

    /// Makes the tenant of those ops and applies the estate.
    void start(const Json& ops);

    /// Applies ops, or one op, to the tenant.
    void change(const Json& ops);

    /// `muster sync --json`, which must end so; gives the run. A run that is done must leave the
    /// account as it is expected.
    Json sync(int exitCode = 0, const std::vector<std::string>& more = {});

    /// Whatever the exit code.
    Finished trySync(const std::vector<std::string>& more = {}) const;

    /// The account holds what the tenant, as it is now, says.
    void isRight(const std::string& where = {});

    DeskState desk() const { return deskState(sandbox.deskDirector()); }

    /// Requests of a service, or of a route, since they were cleared.
    size_t requests(const std::string& service) const;
    size_t route(const std::string& name) const;
};

/// Fails the test when a contact or a membership of `before` is not in `after`.
void nothingRemoved(const DeskState& before, const DeskState& after);

} // namespace muster::integration
