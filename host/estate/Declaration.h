#pragma once

#include "estate/Estate.h"
#include "estate/Field.h"
#include "manifest/Manifest.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace muster::estate {

/// What estate files declare, in their order; ids are 0.
struct Declaration
{
    std::vector<Tenant> tenants;
    std::vector<Target> targets;
    std::vector<Sync> syncs;
};

/// What the reading of an estate may look at beside its files.
struct Surroundings
{
    /// By id or number, by id; throw ConfigError that lists those there are.
    std::function<const plugins::ModeManifest&(const std::string&)> mode;
    std::function<const plugins::TargetManifest&(const std::string&)> target;

    /// Throws ConfigError when the reference leads to no value.
    std::function<std::string(const SecretReference&)> secret;

    /// What the store holds already and the files may refer to.
    std::vector<Tenant> tenants = {};
    std::vector<Target> targets = {};

    /// Of every name ever used: the tenant id, and the plugin. A name never changes what it is.
    std::map<std::string, std::string> directories = {};
    std::map<std::string, std::string> plugins = {};
};

/// Reads estate files whole, noting all that is wrong. Throws EstateError.
Declaration readEstate(const std::vector<EstateFile>& files, const Surroundings& surroundings);

} // namespace muster::estate
