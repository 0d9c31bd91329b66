#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::directory {

/// Used by one thread. Which groups of a tenant are switched on for a target. A group's answer is
/// kept once given: renaming a group does not switch it off. The estate's rule answers for new
/// groups; a hand's switch wins over it until it is reset.
class Selection
{
public:
    Selection(store::Database& database, const runtime::Clock& clock);

    /// Answers for groups that have no answer yet; all groups again when the rule itself changed
    /// (those switched by hand keep their answer). Touches the groups whose answer changed.
    void update(const estate::Tenant& tenant, int64_t targetId, const std::string& targetName);

    struct Switched
    {
        int64_t group = 0;
        std::string name;
        bool selected = false;
    };

    /// Switches the groups that match any of the patterns (an id, or a name with * and ?, without
    /// case), as `actor`; returns those whose answer changed. Throws UsageError when a pattern
    /// matches no group; nothing is switched then.
    std::vector<Switched> set(const estate::Tenant& tenant, int64_t targetId,
                              const std::vector<std::string>& enable,
                              const std::vector<std::string>& disable, const std::string& actor);

    /// Forgets what was switched by hand; the estate's rule answers for all groups again.
    std::vector<Switched> reset(const estate::Tenant& tenant, int64_t targetId,
                                const std::string& targetName, const std::string& actor);

    bool isSelected(int64_t groupId, int64_t targetId);

private:
    store::Database& _database;
    const runtime::Clock& _clock;
};

/// True when `name` matches `pattern`, in which * is any run and ? any character; without case.
bool matchesPattern(const std::string& pattern, const std::string& name);

} // namespace muster::directory
