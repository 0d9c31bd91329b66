#pragma once

#include "Scenario.h"

/// What is being synced when the kill comes: little, so that every point can be walked.
namespace muster::integration::scenes {

inline Json smallTenant()
{
    return contoso::tenant(4, 2, 3);
}

/// One of each: someone leaves, someone new comes, a group gets another name, a role changes.
inline Json changes()
{
    return {
        contoso::link("member-", 1, 2), contoso::addPerson(5),
        contoso::link("member+", 2, 5), contoso::changeGroup(1, {{"displayName", "First team"}}),
        contoso::link("owner+", 1, 3),  contoso::changePerson(4, {{"jobTitle", "Head"}}),
        contoso::addGroup(3, "Team 3"), contoso::link("member+", 3, 1)};
}

} // namespace muster::integration::scenes
