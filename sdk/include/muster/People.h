#pragma once

#include <muster/Keys.h>
#include <muster/Mode.h>

#include <optional>
#include <string>
#include <utility>

/// What the modes that deal with people share: how a person becomes a contact and a group a contact
/// group.
namespace muster {
inline namespace v4 {

/// The contact that a person should be, or nothing when no address is usable.
inline std::optional<RecordClaim> contactOf(const Person& person)
{
    if (person.address.empty())
        return std::nullopt;
    RecordClaim contact{"contact", addressKey(person.address), person.id, person.displayName};
    const auto put = [&](const char* field, const std::string& value) {
        if (auto text = trimmed(value); !text.empty())
            contact.fields[field] = std::move(text);
    };
    put("email", addressKey(person.address));
    put("firstName", person.givenName);
    put("lastName", person.surname);
    put("title", person.jobTitle);
    put("phone", person.phone);
    // A contact needs some name, and one that has a name keeps it.
    const bool isNamed =
        contact.fields.contains("firstName") || contact.fields.contains("lastName");
    if (const auto name = trimmed(person.displayName); !isNamed && !name.empty())
        contact.initial["firstName"] = name;
    if (trimmed(contact.name).empty())
        contact.name = contact.key;
    return contact;
}

/// Adds the contact of each member (and each owner, when `withOwners`) to the claims, and a note
/// for each that has no usable address. Calls `each` with the person and its contact.
template <typename Function>
void claimContacts(const Group& group, bool withOwners, Claims& claims, Function&& each)
{
    for (const auto& person : group.people)
    {
        if (!person.isMember && !withOwners)
            continue;
        auto contact = contactOf(person);
        if (!contact)
        {
            claims.notes.push_back({"address-missing",
                                    person.displayName + " in " + group.name +
                                        " has no usable address: give them a mail address in Entra",
                                    person.userPrincipalName});
            continue;
        }
        each(person, *contact);
        claims.records.push_back(std::move(*contact));
    }
}

/// The contact group that a group should be, or nothing when its name is blank.
inline std::optional<RecordClaim> contactGroupOf(const Group& group)
{
    const auto name = nameKey(group.name);
    if (name.empty())
        return std::nullopt;
    RecordClaim record{"contact-group", name, group.id, name};
    record.fields["name"] = name;
    return record;
}

inline Note nameMissing(const Group& group)
{
    return {"name-missing",
            "the group " + group.id + " has no name: give it one in Entra to have it synced",
            group.id};
}

/// The claims of a group whose people are linked to a record that stands for the group, each with
/// the role that `roleOf` gives; a note when there is no such record for want of a name.
template <typename RoleOf>
Claims claimLinks(const Group& group, const std::optional<RecordClaim>& record, bool withOwners,
                  RoleOf&& roleOf)
{
    Claims claims;
    if (!record)
    {
        claims.notes.push_back(nameMissing(group));
        return claims;
    }
    claims.records.push_back(*record);
    claimContacts(group, withOwners, claims, [&](const Person& person, const RecordClaim& contact) {
        claims.links.push_back(
            {contact.kind, contact.key, record->kind, record->key, roleOf(person)});
    });
    return claims;
}

/// The claims of a group whose people are linked to a contact group of its name.
template <typename RoleOf>
Claims claimContactGroup(const Group& group, bool withOwners, RoleOf&& roleOf)
{
    return claimLinks(group, contactGroupOf(group), withOwners, std::forward<RoleOf>(roleOf));
}

} // namespace v4
} // namespace muster
