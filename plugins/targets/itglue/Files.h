#pragma once

#include "Account.h"
#include "Document.h"

#include <map>
#include <string>
#include <vector>

namespace itglue {

/// Used by one thread, for one batch. Lists that are too long for a field, as CSV files attached to
/// a document.
class Files
{
public:
    Files(const Account& account, std::string organization);

    /// The answer to attaching the list.
    muster::target::Answer attach(const std::string& document, const LongList& list);

private:
    struct Thing
    {
        std::string name;
        std::string more; ///< addresses, or the host name
    };

    std::string csvOf(const LongList& list);
    const std::map<std::string, Thing>& things(const std::string& field);

    const Account& _account;
    std::string _organization;
    std::map<std::string, std::map<std::string, Thing>> _things; ///< by field, then id
};

/// The contacts, and the live configurations, of an organization.
List contactsOf(const std::string& organization);
List configurationsOf(const std::string& organization);

/// All addresses of a contact.
std::vector<std::string> addressesOf(const Json& contact);

} // namespace itglue
