#pragma once

#include <muster/Target.hpp>

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

/// The ids of the users among the members of a group. A service may name one twice.
std::set<std::string> usersIn(const Json& group);

} // namespace scim
