#pragma once

#include <muster/Target.hpp>

#include <optional>
#include <set>
#include <string>

namespace scim {

using muster::target::Change;
using muster::target::Json;
using muster::target::Record;

/// A text that a resource has, as RFC 7643 writes names; empty: it has none.
std::string textIn(const Json& resource, const std::string& attribute);

/// The record that a resource of /Users or /Groups is.
Record userRecord(const Json& user);
Record groupRecord(const Json& group);

/// Bodies of a POST (RFC 7644, 3.3).
Json newUser(const Change& change);
Json newGroup(const Change& change);

/// Operations of a PATCH (RFC 7644, 3.5.2) that make the fields of a change true of a user as it is
/// now; other addresses and numbers of it stay.
Json userOperations(const Change& change, const Json& user);

/// The body of a PATCH.
Json patchOf(Json operations);

/// The group shows who is in it, be it nobody. When it does not, there may be members all the same.
bool listsMembers(const Json& group);

/// The ids of the users among the members of a group. A service may name one twice. It may also not
/// say whether a member is a user or a group: then it is a user when it is one of `users`; without
/// these the host knows whether it is (and ids are there once, RFC 7643, 3.1).
std::set<std::string> usersIn(const Json& group,
                              const std::optional<std::set<std::string>>& users = {});

/// The version of a resource as it was looked at, for If-Match (RFC 7644, 3.14); empty: there is
/// none.
std::string versionOf(const Json& resource);

} // namespace scim
