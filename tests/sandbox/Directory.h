#pragma once

#include "Settings.h"
#include "World.h"
#include "WorldFile.h"

#include <memory>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>

namespace muster::sandbox {

/// The tenants and their histories. Thread-safe: requests read side by side, changes come alone.
/// Throws std::invalid_argument for a tenant that it does not have.
class Directory
{
public:
    Directory(const Settings& settings, const Clock& clock) : _settings(settings), _clock(clock) {}

    std::string addFile(const std::string& path, std::size_t lines);
    std::string add(World world);

    Json advance(const std::string& tenant, std::size_t steps);
    Json advanceUntil(const std::string& tenant, const std::string& time);
    Json ops(const std::string& tenant, const Json& ops);
    void restoreDeleted(const std::string& tenant, World::Kind kind, const Guid& id);
    Json state(const std::string& tenant) const;
    Json tenants() const;

    /// The id of the tenant with that id or domain.
    std::optional<std::string> resolve(const std::string& idOrDomain) const;
    std::string displayName(const std::string& tenant) const;

    /// Calls read(world) while the tenant stands still.
    template <typename Read>
    auto read(const std::string& tenant, Read read) const
    {
        const std::shared_lock lock(_mutex);
        return read(require(tenant).world);
    }

private:
    struct Tenant
    {
        World world;
        std::optional<WorldFile> file;
    };

    const Tenant& require(const std::string& tenant) const;
    Tenant& require(const std::string& tenant);
    template <typename Wanted>
    Json applyLines(const std::string& tenant, Wanted wanted);
    void applyRules(World& world) const;

    const Settings& _settings;
    const Clock& _clock;
    mutable std::shared_mutex _mutex; ///< guards _tenants and what is in them
    std::map<std::string, std::unique_ptr<Tenant>> _tenants;
};

} // namespace muster::sandbox
