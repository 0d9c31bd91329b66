#pragma once

#include <string>
#include <vector>

namespace muster::directory {

/// The properties of a person that hold addresses.
struct AddressProperties
{
    std::string mail;
    std::vector<std::string> proxyAddresses;
    std::vector<std::string> otherMails;
    std::string userPrincipalName;
};

/// The addresses of a person, each once: those of the house rule in its order, so that the first is
/// addressOf(), then otherMails. Lower case, trimmed.
std::vector<std::string> addressesOf(const AddressProperties& properties);

/// The first of them by the house rule; empty when none of the rule's places holds one.
std::string addressOf(const AddressProperties& properties);

/// True for a guest's user principal name: it holds #EXT#.
bool isExternal(const std::string& userPrincipalName);

} // namespace muster::directory
