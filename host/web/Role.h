#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace muster::web {

/// What whoever asks may do (contracts/itglue.md, section 4).
enum class Role
{
    Administrator, ///< everything
    Manager,       ///< sets up, runs, and switches documents on and off
    Documents,     ///< looks after documents: makes, archives, deletes and exports them
    Reader         ///< reads the documents that are for everyone, for its name or for its groups
};

enum class Right
{
    Administer,      ///< says who may ask
    SetUp,           ///< all that is not about documents
    SwitchDocuments, ///< enables and disables them
    KeepDocuments,   ///< makes, archives, edits, deletes and exports them, and says who reads them
    ReviewDocuments, ///< reads who did what to them
    ReadDocuments
};

bool may(Role role, Right right);

/// "administrator", "manager", "documents", "reader".
std::string toText(Role role);

/// Throws UsageError.
Role roleFromText(const std::string& text);

/// Whoever asks.
struct Caller
{
    std::string name = {}; ///< of the token; empty: on this machine
    Role role = Role::Administrator;
    std::vector<std::string> tenants = {}; ///< by name; only their documents; empty: of all
    std::vector<std::string> groups = {};  ///< that a document may be for

    /// Throws ForbiddenError.
    void require(Right right) const;
};

/// Whoever asks may not. The text says who may.
class ForbiddenError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

} // namespace muster::web
