#pragma once

#include "Service.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scim {

/// Used for one read. Says who is in groups, or throws: links that are not seen look as if they
/// were gone, and would then never be taken away.
class Members
{
public:
    /// `users` are all users, when they were read.
    Members(const Service& service, muster::target::Output& output,
            std::optional<std::set<std::string>> users)
        : _service(service), _output(output), _users(std::move(users))
    {}

    void read(const std::vector<muster::target::End>& groups);

private:
    void readUnlisted(const std::vector<std::string>& ids, bool hasShownMembers);
    void say(const std::string& id, const Json& group);

    const Service& _service;
    muster::target::Output& _output;
    std::optional<std::set<std::string>> _users;
};

} // namespace scim
