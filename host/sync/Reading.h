#pragma once

#include "estate/Estate.h"
#include "manifest/Manifest.h"
#include "plugins/TargetChannel.h"
#include "runtime/Cancellation.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// For which sync a target is read, and how.
struct Reading
{
    plugins::TargetChannel& channel;
    const estate::Sync& sync;
    const runtime::Cancellation& cancellation;
};

/// A record that is claimed, and that the target has.
struct Present
{
    int64_t id = 0;
    std::string kind;
    std::string key;
    std::string remoteId;
};

/// A part of a target that is read whole.
struct Area
{
    std::vector<std::string> kinds;
    std::vector<plugins::LinkKind> links = {}; ///< which come with the records they come from
    std::vector<Present> containers = {};      ///< whose parts are read; none: those of the scope
    bool keepsDrift = false;                   ///< for the register of documents
};

} // namespace muster::sync
