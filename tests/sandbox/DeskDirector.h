#pragma once

#include "DeskRecords.h"
#include "Http.h"
#include "RequestLog.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace muster::sandbox {

/// One DeskDirector site: the default profile of contracts/deskdirector.md Part 1. Thread-safe.
class DeskDirector : public Service
{
public:
    DeskDirector(const Settings& settings, const RequestLog& log, std::string apiKey);

    std::string name() const override { return "deskdirector"; }
    bool owns(const std::string& path) const override;
    Route route(const Request& request) override;

    /// Everything that the site holds, every write that reached it, and the peaks of its load.
    Json state() const;
    /// Creates or edits records as a person does by hand; README.md has the format.
    /// Throws std::invalid_argument.
    void seed(const Json& records);

private:
    using Path = std::vector<std::string>;
    using Answer = std::function<Response(const Request&)>;
    struct Write
    {
        std::chrono::milliseconds at; ///< since 1970
        std::string method;
        std::string path;
        int status;
    };
    struct Call
    {
        std::string name;
        Answer answer;
    };

    Call find(const Request& request);
    Call findInConnector(const std::string& method, const Path& path);
    Call findList(const std::string& method, const Path& path);
    Call findTicket(const std::string& method, const Path& path);
    Call findInV4(const std::string& method, const Path& path);
    Call findMember(const std::string& method, const Path& path);
    Response answer(const Request& request, const Answer& answer);
    void recordWrite(const Request& request, int status);
    Json writesJson() const;

    Response listAccounts(const Request& request);
    Response findAccounts(const Request& request);
    Response getAccount(int id) const;
    Response findContacts(const Request& request);
    Response createContact(const Request& request);
    Response patchContact(const Request& request, int id);
    Response setActive(int id, bool active);
    Response listGroups(const Request& request, int account);
    Response createGroup(const Request& request, int account);
    Response patchGroup(const Request& request, const std::string& id);
    Response listMembers(const Request& request, const std::string& group);
    Response putMember(const Request& request, const std::string& group, int contact);
    Response deleteMember(const std::string& group, int contact);
    Response listNames(const Request& request, const std::string& list);
    Response findTickets(const Request& request);
    Response patchTicket(const Request& request, int id);
    Response addComment(const Request& request, int id);
    Json ticketJson(const Json& ticket) const;

    const Settings& _settings;
    const RequestLog& _log;
    const std::string _apiKey;
    mutable std::mutex _mutex; ///< guards what follows
    DeskRecords _records;
    std::vector<Write> _writes;
    std::map<std::string, Json> _subscriptions;
};

} // namespace muster::sandbox
