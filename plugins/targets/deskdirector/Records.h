#pragma once

#include "Site.h"

#include <muster/Target.hpp>

#include <optional>
#include <string>

/// Records of the site: where they are listed, how they read, how they are written.
namespace deskdirector {

inline constexpr const char* kAccount = "account";
inline constexpr const char* kContact = "contact";
inline constexpr const char* kGroup = "contact-group";
inline constexpr const char* kServiceGroup = "service-group";
inline constexpr const char* kServiceGroupRole = "member"; ///< the site knows none

/// Nothing when the object has no id, or belongs to another account than asked for.
std::optional<muster::target::Record> contactOf(const Json& object, int64_t account);
std::optional<muster::target::Record> groupOf(const Json& object);
std::optional<muster::target::Record> accountOf(const Json& object);
std::optional<muster::target::Record> serviceGroupOf(const Json& object);

/// The link to the service group that a contact has, if it has one.
std::optional<muster::target::Link> serviceGroupLinkOf(const Json& contact);

/// The account of a scope. Throws SettingError when the scope has none.
int64_t accountIn(const Json& scope);

/// All contacts of an account, or those that a fuzzy search for an address gives.
List contactsOf(int64_t account, const std::string& address = {});
List groupsOf(int64_t account);
List accountsTagged(const std::string& tag);

/// The key of the record that a create makes.
std::string keyOf(const muster::target::Change& change);

/// The body of contacts.create.
Json newContact(const muster::target::Change& change, int64_t account);

/// The body of contacts.patch; empty when there is nothing that the site could be told.
Json changedContact(const muster::target::Change& change);

/// The body of contacts.patch that gives a contact a service group, or takes it away.
Json serviceGroupChange(const muster::target::Change& change);

/// The name that a contact group should have.
std::string groupName(const muster::target::Change& change);

} // namespace deskdirector
