#pragma once

#include "Site.h"

#include <muster/Target.hpp>

#include <optional>
#include <string>
#include <vector>

namespace deskdirector {

/// Used by one thread. The tickets of the board that the setting "requests" names.
class Tickets
{
public:
    /// `settings` is the setting "requests"; null: there are no tickets.
    Tickets(const Site& site, const Json& settings);

    std::vector<muster::target::Ticket> open() const;
    std::optional<muster::target::Ticket> find(const std::string& id) const;
    std::vector<muster::target::Place> accounts() const;
    void setStatus(const std::string& ticket, const std::string& status) const;
    void comment(const std::string& ticket, const std::string& text) const;
    std::string subscribe(const std::string& url) const;
    void unsubscribe(const std::string& subscription) const;

    /// Says of the board, the statuses and the request type what the site calls them, and which of
    /// them it does not know.
    void check(const muster::target::Output& output) const;

private:
    struct Naming;

    int64_t setting(const char* key) const { return _settings.value(key, int64_t(0)); }
    bool isOnBoard(const Json& ticket) const;
    std::string statusOf(const Json& ticket) const;
    muster::target::Answer askFor(const std::string& what, const std::string& call,
                                  const Profile::Places& places, const Json& body = {}) const;
    void checkNames(const Naming& naming, const muster::target::Output& output) const;

    const Site& _site;
    Json _settings;
};

} // namespace deskdirector
