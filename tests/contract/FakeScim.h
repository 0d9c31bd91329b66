#pragma once

#include <muster/testing/FakeHost.h>

#include <functional>
#include <string>
#include <vector>

namespace muster::tests {

/// Used by one thread. A SCIM service in memory (RFC 7644), with what services are known to do
/// otherwise.
class FakeScim
{
public:
    using Json = testing::Json;

    enum class Totals
    {
        OfList,
        OfPage
    };
    enum class Places
    {
        Heeded,
        Ignored,
        RefusedBehindTheEnd,
        WholeListBehindTheEnd
    };
    enum class Shown
    {
        Always,
        WhenThereAreAny,
        WhenAskedFor,
        Never
    };

    std::vector<Json> users;
    std::vector<Json> groups;
    size_t mostPerPage = 1000;
    Totals totals = Totals::OfList;
    Places places = Places::Heeded;
    Shown members = Shown::Always;
    bool answersPresence = true;    ///< filters of "members pr"
    bool refusesWhatIsGone = false; ///< members to take away: noTarget
    /// What others do before each request is answered.
    std::function<void(const testing::FakeRequest&)> others = [](const auto&) {};

    testing::FakeAnswer answer(const testing::FakeRequest& request);

    /// A group as it is; fails the test when it is not there exactly once.
    Json group(const std::string& id) const;
    void addGroups(size_t count);
    /// A user gets another version with each change.
    void addUser(const std::string& id, const Json& more);
    Json& user(const std::string& id);

private:
    testing::FakeAnswer list(const std::vector<Json>& all, const std::string& query);
    testing::FakeAnswer patch(Json& resource, const testing::FakeRequest& request);
    bool matches(const Json& resource, const std::string& filter) const;
    Json shown(Json resource, bool isAskedForMembers) const;
    std::vector<Json>& folder(const std::string& path);
};

} // namespace muster::tests
