#pragma once

#include "estate/Estate.h"

#include <cstdint>
#include <string>

namespace muster::sync {

/// Why a group is documented or not, as far as the directory and the sync say.
enum class Presence
{
    Wanted,   ///< it lives, is selected, and of a type that is documented
    Unwanted, ///< it lives, and is not to be documented
    Gone      ///< it was deleted
};

/// How the document of a group stands.
enum class Standing
{
    Enabled,  ///< kept true
    Orphaned, ///< its group is gone, or it is archived: it stays as it is
    Disabled, ///< switched off: it stays as it is
    Deleted   ///< not documented again until somebody asks for it
};

struct DocumentState
{
    Standing standing = Standing::Enabled;
    bool isArchived = false;
    std::string message = {}; ///< of Deleted, when people should know: what happened, what to do
};

/// Used by one thread. What the syncs that document groups ask of the register of documents, which
/// knows what people decided.
class Keeper
{
public:
    virtual ~Keeper() = default;

    /// Takes up what people did to documents in the scope of a sync (the table drift), before its
    /// groups are derived. Touches the groups whose documents stand otherwise now.
    virtual void absorb(const estate::Sync& sync) = 0;

    /// `group`: our id of the group (object.id).
    virtual DocumentState stateOf(const estate::Sync& sync, int64_t group, Presence presence) = 0;
};

} // namespace muster::sync
