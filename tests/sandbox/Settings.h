#pragma once

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace muster::sandbox {

using Json = nlohmann::ordered_json;

/// What a test can change of the sandbox's behaviour while it runs. README.md describes each.
struct SettingsValues
{
    enum class ExpiredCursor
    {
        Gone,
        NotFound
    };

    std::vector<std::string> roles{"GroupMember.Read.All", "User.Read.All", "Device.Read.All"};
    std::int64_t tokenLifetime = 3599;        ///< seconds
    Json passwordCredentials = Json::array(); ///< of the app, as Graph shows them
    std::size_t pageObjects = 100;            ///< of a delta page
    std::size_t pageLinks = 500;              ///< of a delta page, over all its objects
    std::size_t scatterLinks = 0; ///< links of a group's first appearance; 0: as many as fit
    bool initialRemoved = false;  ///< an initial pass shows removed objects and members too
    bool softDeletedMembersListed = true; ///< a delta shows links to soft-deleted users
    bool restoredGroupListsMembers = true;
    bool purgedMembersReported = false;
    std::uint32_t usersBehind =
        0; ///< the last changes, by number, that users/delta does not show yet
    std::size_t cursorPadding = 0; ///< characters that make each cursor longer
    ExpiredCursor expiredCursor = ExpiredCursor::Gone;
    std::int64_t cursorLifetime = 7 * 24 * 3600; ///< seconds
    std::size_t throttleUnits = 0; ///< resource units a tenant has per window; 0: no limit
    double throttleSeconds = 10;
    std::int64_t staleMilliseconds = 0; ///< DeskDirector's searches miss records younger than this
    std::size_t staleSearches = 0;      ///< and records created within this many searches
    bool ticketsShowNotes = false;      ///< DeskDirector's tickets have a member "notes"

    /// What IT Glue applies of a list of changes in one request when one of them is wrong.
    enum class GlueBulk
    {
        UntilError, ///< what stands before the wrong one
        Atomic,     ///< nothing
        Half        ///< half of them, then 500, also when all are right
    };
    GlueBulk glueBulk = GlueBulk::UntilError;
    std::size_t glueBulkItems = 50;       ///< of one request
    std::size_t glueRequests = 3000;      ///< in glueSeconds, by the sandbox's clock; 0: no limit
    std::int64_t glueSeconds = 300;       ///< the length of that window
    bool glueRetryAfter = false;          ///< 429 has a header Retry-After
    std::string glueNameKeyEnd{};         ///< ends the name-key of each field made from now on
    std::size_t glueTextCharacters = 255; ///< of a Text trait
    std::size_t glueTextboxBytes = 60 * 1024;
    std::size_t glueTags = 500;       ///< of one Tag trait
    bool glueDoublesTags = false;     ///< the first tag of a trait reads twice
    bool glueSanitizesHtml = true;    ///< of Textbox traits, when they are written
    bool glueListsArchived = true;    ///< archived flexible assets are in lists
    bool gluePatchKeepsTraits = true; ///< a PATCH without traits leaves them alone
    std::size_t glueStaleLists = 0;   ///< lists miss assets created within so many lists
};

/// Thread-safe.
class Settings
{
public:
    SettingsValues values() const;
    Json json() const;
    /// Sets the keys that are given. Throws std::invalid_argument for an unknown key or a wrong
    /// type.
    void merge(const Json& changes);

private:
    mutable std::mutex _mutex; ///< guards _values
    SettingsValues _values;
};

/// The clock that tokens and rate limits age by: the machine's, moved ahead by tests. Thread-safe.
class Clock
{
public:
    /// Seconds since 1970.
    std::int64_t now() const
    {
        return std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count() +
               _ahead.load();
    }
    /// Milliseconds since 1970.
    std::chrono::milliseconds milliseconds() const
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch()) +
               std::chrono::seconds(_ahead.load());
    }
    void advance(std::int64_t seconds) { _ahead += seconds; }

private:
    std::atomic<std::int64_t> _ahead{0};
};

} // namespace muster::sandbox
