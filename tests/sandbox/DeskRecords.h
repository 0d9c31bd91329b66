#pragma once

#include "Settings.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace muster::sandbox {

/// A refusal of DeskDirector: {"message"} with a status. Thrown by what answers a call.
struct DeskError
{
    int status = 400;
    std::string message{};
};

/// When a record was made, for the searches that miss a young one.
struct Birth
{
    std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
    std::size_t search = 0; ///< how many searches there had been
    bool isSeed = false;    ///< was there before the sandbox was started, so to speak
};

struct DeskAccount
{
    int id = 0;
    std::string name{};
    std::vector<std::string> tags{};
    bool active = true;
};

struct DeskContact
{
    int id = 0;
    int account = 0;
    std::string email{};
    std::string firstName{};
    std::string lastName{};
    std::optional<std::string> title{};
    std::optional<std::string> phone{};
    bool active = true;
    std::optional<int> serviceGroup{};
    std::size_t groups = 0;
    Birth birth{};
};

struct DeskGroup
{
    std::string id{};
    int account = 0;
    std::string name{};
    std::map<int, std::string> members{}; ///< contact to role
    Birth birth{};
};

/// The records of one DeskDirector site and the rules that bind them (contracts/deskdirector.md
/// Part 1). Used by one thread at a time; DeskDirector guards it. Methods throw DeskError.
class DeskRecords
{
public:
    static constexpr std::size_t kMaxGroups = 50;

    DeskAccount& putAccount(int id, const std::string& name);
    const DeskAccount& account(int id) const;
    const std::map<int, DeskAccount>& accounts() const { return _accounts; }

    /// `id` is given by seeds only.
    DeskContact& createContact(int account, const std::string& email, std::optional<int> id = {});
    DeskContact& contact(int id);
    const DeskContact& contact(int id) const;
    /// 409 when another contact of the account has the address.
    void setEmail(DeskContact& contact, const std::string& email);
    /// A JSON merge patch: what is absent stays, null resets.
    void patchContact(DeskContact& contact, const Json& patch);
    void eraseContact(int id);
    bool hasContact(int id) const { return _contacts.count(id) > 0; }
    std::optional<int> findContact(int account, const std::string& email) const;
    /// Of one account, or of all, by id.
    std::vector<const DeskContact*> contacts(std::optional<int> account) const;
    bool isEffectivelyActive(const DeskContact& contact) const;

    DeskGroup& createGroup(int account, const std::string& name,
                           const std::optional<std::string>& id = {});
    DeskGroup& group(const std::string& id);
    bool hasGroup(const std::string& id) const { return _groups.count(id) > 0; }
    void renameGroup(DeskGroup& group, const std::string& name);
    void eraseGroup(const std::string& id);
    std::vector<const DeskGroup*> groups(std::optional<int> account) const;
    void putMember(DeskGroup& group, int contact, const std::string& role);
    void eraseMember(DeskGroup& group, int contact);

    /// Lists of {"id","name"} that people made: serviceGroups, boards, statuses, requestTypes.
    std::map<int, Json>& names(const std::string& list) { return _names[list]; }
    /// {"id","name"} of an entry; null when there is none.
    Json reference(const std::string& list, int id) const;
    std::map<int, Json>& tickets() { return _tickets; }
    Json& ticket(int id);

    /// A search begins: gives whether it sees a record, by the settings.
    void beginSearch(const SettingsValues& settings);
    bool sees(const Birth& birth) const;

    int newId() { return ++_lastId; }

    Json contactJson(const DeskContact& contact) const;
    Json json() const;

private:
    static std::string emailKey(int account, const std::string& email);

    std::map<int, DeskAccount> _accounts;
    std::map<int, DeskContact> _contacts;
    std::map<int, std::map<int, const DeskContact*>> _contactsByAccount;
    std::unordered_map<std::string, int> _contactByEmail;
    std::map<std::string, DeskGroup> _groups;
    std::map<int, std::map<std::string, const DeskGroup*>> _groupsByAccount;
    std::map<std::string, std::map<int, Json>> _names;
    std::map<int, Json> _tickets;
    int _lastId = 1000;
    int _lastGroupId = 0;
    std::size_t _searches = 0;
    std::size_t _missedSearches = 0;
    std::chrono::milliseconds _missedAge{0};
};

} // namespace muster::sandbox
