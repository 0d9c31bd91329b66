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

/// The clock that tokens age by: the machine's, moved ahead by tests. Thread-safe.
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
    void advance(std::int64_t seconds) { _ahead += seconds; }

private:
    std::atomic<std::int64_t> _ahead{0};
};

} // namespace muster::sandbox
