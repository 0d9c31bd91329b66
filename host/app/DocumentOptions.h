#pragma once

#include "app/Command.h"

#include <map>
#include <string>

namespace muster::app {

/// Options that choose documents.
struct DocumentFilter
{
    std::string type = {};
    std::string tenant = {};
    std::string organization = {};
    std::string status = {};
    std::string search = {};
    bool withArchived = false;

    void declare(CLI::App& app);

    /// As the API takes them.
    std::map<std::string, std::string> query() const;
};

/// Which mirrors are brought up to date before documents are shown.
enum class Reading
{
    Unread, ///< those that never were
    All
};

/// Does so, of one tenant or of all. Tells on stderr what went wrong with one, and goes on. Returns
/// what the command ends with then; 0: nothing went wrong.
int readTenants(Session& session, const std::string& tenant, Reading reading);

Colour colourOfStatus(const std::string& status);

} // namespace muster::app
