#pragma once

#include "Account.h"
#include "Fields.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace itglue {

/// One of our flexible asset types, and what its fields are called there.
struct Type
{
    Group group = Group::Security;
    std::string id = {};
    std::string name = {};                     ///< as it is now
    std::map<std::string, std::string> keys{}; ///< by our name of the field: IT Glue's key
    std::vector<std::string> secrets = {};     ///< titles of password fields that people added
    int lastOrder = 0;                         ///< of its fields
    bool isPresumed = false;                   ///< not looked at: the keys are the usual ones

    const std::string& key(const std::string& field) const;
};

/// Used by one thread. Our two types in an account: found, made, completed. They are found by their
/// names, or, when people renamed them, by the mark in the hint of their fields; so are the fields.
class Catalogue
{
public:
    Catalogue(const Account& account, const Json& settings);

    /// Looks at both types. Throws SettingError when one cannot be ours.
    void read();

    /// Looks at the types, unless that was a short time ago, and makes what they lack. Throws
    /// UnknownFate when a type may have been made.
    void complete();

    bool isRead() const { return _isRead; }

    /// Null when it is not there, or was not looked for yet.
    const Type* find(Group group) const;

    /// The name that the settings say.
    const std::string& nameOf(Group group) const { return _names.at(group); }

    /// Types of IT Glue's own that document the same groups: names and ids.
    const std::map<std::string, std::string>& natives() const { return _nativeIds; }

    /// Our type of that id; before a look at the types the presumed one of that name. Null when it
    /// is none of ours. Valid until the next look.
    const Type* typeOf(const std::string& id, const std::string& name) const;

    /// Which documents are of which type, as far as that came by.
    void remember(const std::string& document, Group group) { _groups[document] = group; }
    std::optional<Group> groupOf(const std::string& document) const;

    /// The documents of an organization.
    static List documentsOf(const Type& type, const std::string& organization);

private:
    struct Found;

    void take(const Type& type);
    void readFields(std::vector<Found>& found);
    void adoptField(Type& type, const Json& field) const;
    std::vector<const Field*> missingIn(const Type& type) const;
    void makeType(Group group);
    void addFields(const Type& type, const std::vector<const Field*>& missing);
    Json attributesFor(const Field& field, Group group, int order) const;

    const Account& _account;
    std::map<Group, std::string> _names;
    std::map<Group, Type> _presumed;
    std::map<Group, Type> _types;
    std::map<std::string, std::string> _nativeIds;
    std::unordered_map<std::string, Group> _groups;
    bool _isRead = false;
    std::chrono::steady_clock::time_point _readAt{};
};

/// A type may have been made, or not: that shows later.
class UnknownFate : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

} // namespace itglue
