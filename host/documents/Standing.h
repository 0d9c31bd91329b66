#pragma once

#include "documents/Document.h"
#include "sync/Keeper.h"

#include <string>

namespace muster::documents {

/// Whether the group of a document is to be documented, and if not, why.
enum class Presence
{
    Wanted,
    Unselected, ///< it is not selected for the target of the sync that documents the tenant
    Untyped,    ///< groups of its type are not documented
    Gone        ///< it was deleted in Entra
};

std::string toText(Presence presence);
Presence presenceFromText(const std::string& text);

/// All that the status of a document comes of. Each part changes by itself: what a person switched
/// off stays so while its group comes and goes.
struct Standing
{
    Presence presence = Presence::Wanted;
    bool isOff = false; ///< a person disabled it
    bool isArchived = false;
    bool isTenantRemoved = false;
    bool isMadeByHand = false;

    /// The first that applies: archived: orphaned; made by hand, switched off, or its tenant
    /// removed: disabled; its group gone: orphaned; not to be documented: disabled (contracts/
    /// itglue.md, section 3.4).
    Status status() const;

    /// Why the document is not enabled, and what would enable it; empty when it is.
    std::string reason(const Document& document) const;
};

} // namespace muster::documents
