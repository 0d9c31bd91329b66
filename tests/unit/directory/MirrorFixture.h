#pragma once

#include "directory/Directory.h"
#include "directory/ManualClock.h"
#include "directory/Mirror.h"
#include "store/Store.h"
#include "support/TemporaryDirectory.h"

#include <algorithm>
#include <string>
#include <vector>

namespace muster::testing {

/// A GUID that ends in the number.
inline std::string guid(int number)
{
    const auto digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// A store with one tenant, in a directory of its own.
struct MirrorFixture
{
    MirrorFixture()
    {
        database.execute("INSERT INTO tenant(id, name, document) VALUES(1, 'contoso', '{}')");
        database.execute("INSERT INTO target(id, name, document) VALUES(7, 'desk', '{}')");
    }

    void apply(const std::string& kind, const std::vector<directory::ObjectChange>& objects,
               const std::vector<directory::MembershipChange>& memberships = {},
               directory::Mirror::Copy copy = directory::Mirror::Copy::Live)
    {
        clock.advance(std::chrono::seconds(1));
        mirror.apply(copy, {.kind = kind, .objects = objects, .memberships = memberships},
                     kind + "s", {.link = "next"});
    }

    directory::ObjectChange user(int number, const std::string& more = "")
    {
        return {.id = guid(number),
                .attributes = R"({"displayName":"User )" + std::to_string(number) +
                              R"(","mail":"user)" + std::to_string(number) + R"(@contoso.com")" +
                              more + "}"};
    }
    directory::ObjectChange group(int number, const std::string& more = "")
    {
        return {.id = guid(number),
                .attributes =
                    R"({"displayName":"Group )" + std::to_string(number) + "\"" + more + "}"};
    }
    directory::ObjectChange deleted(int number)
    {
        return {.id = guid(number), .what = directory::ObjectChange::What::Deleted};
    }
    directory::ObjectChange gone(int number)
    {
        return {.id = guid(number), .what = directory::ObjectChange::What::Gone};
    }
    directory::MembershipChange link(int group, int member, bool removed = false,
                                     directory::Role role = directory::Role::Member,
                                     const std::string& kind = "user")
    {
        return {.group = guid(group),
                .member = guid(member),
                .memberKind = kind,
                .role = role,
                .removed = removed};
    }

    int64_t id(int group) { return read.findGroup(guid(group)).value_or(0); }

    /// The people of the group as "1m 2o 3mo", by the numbers of their ids.
    std::string people(int group, const directory::PeopleOptions& options = {})
    {
        const auto view = read.view(id(group), options);
        if (!view)
            return "no such group";
        std::string text;
        for (const auto& person : view->group.people)
            text += (text.empty() ? "" : " ") + std::to_string(std::stoi(person.id.substr(24))) +
                    (person.isMember ? "m" : "") + (person.isOwner ? "o" : "");
        return text;
    }

    /// Numbers of the groups touched since the last call.
    std::vector<int> touched()
    {
        std::vector<int> numbers;
        for (const auto touchedId : read.groupsTouchedAfter(seen))
            numbers.push_back(
                std::stoi(database
                              .value<std::string>(
                                  "SELECT entra_text(entra) FROM object WHERE id = $1", {touchedId})
                              ->substr(24)));
        seen = read.sequence();
        std::sort(numbers.begin(), numbers.end());
        return numbers;
    }

    int64_t past() { return *database.value<int64_t>("SELECT count(*) FROM past_membership"); }

    tests::TemporaryDirectory folder;
    store::Store store{folder.path()};
    store::Database database{store.connect()};
    ManualClock clock;
    directory::Mirror mirror{database, 1, clock};
    directory::Directory read{database, 1};
    int64_t seen = 0;
};

} // namespace muster::testing
