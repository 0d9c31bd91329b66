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

struct Addresses
{
    std::string address;          ///< by the house rule; empty when none of its places holds one
    std::vector<std::string> all; ///< each once: those of the rule in its order, then otherMails
};

/// Lower case, trimmed.
Addresses addressesOf(const AddressProperties& properties);

/// True for a guest's user principal name: it holds #EXT#.
bool isExternal(const std::string& userPrincipalName);

} // namespace muster::directory
