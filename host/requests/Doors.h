#pragma once

#include <string>

/// The addresses at which a target's site asks and tells this host.
namespace muster::requests {

/// A secret for the address of an event's door: nobody guesses it.
std::string newDoorSecret();

/// Of an event's door, to which its secret is added.
std::string eventPath(const std::string& plugin, const std::string& target);

/// Who fills in a form, as far as an access token's claims say. They are not proved: they may
/// narrow what is shown, and nothing else.
struct Requestor
{
    std::string accountId = {};
    std::string accountName = {};

    bool isKnown() const { return !accountId.empty() || !accountName.empty(); }
};

Requestor requestorOf(const std::string& accessToken);

} // namespace muster::requests
