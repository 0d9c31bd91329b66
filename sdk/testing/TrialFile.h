#pragma once

#include "manifest/Manifest.h"

#include <muster/testing/CheckTarget.h>

#include <map>
#include <stdexcept>
#include <string>

namespace muster::testing {

/// A file says what cannot be used; the text names it and what to do.
class FileError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The command line lacks something.
class UsageFault : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Which plugin is tried with what.
struct TrialFiles
{
    std::string library;
    std::string manifest;                      ///< its plugin.json
    std::string trial = {};                    ///< empty: what its manifest's examples say
    std::string settings = {};                 ///< empty: those of the trial
    std::string scope = {};                    ///< JSON; empty: that of the trial
    std::map<std::string, std::string> urls{}; ///< of sandboxes, by setting; "": of all others
};

/// What the suite must know of the plugin. What no file says is made up from the schemas in
/// plugin.json. `world` counts the worlds that were made: records of each have keys of their own,
/// so that a sandbox that lives on is as good as a new one. It outlives the subject. Throws
/// FileError, and UsageFault when a system that lives elsewhere would be written to without a
/// scope.
Subject subjectOf(const TrialFiles& files, const CheckParts& parts, int& world);

/// What a plugin.json says, read as Muster reads it. Throws FileError.
plugins::TargetManifest targetManifestIn(const std::string& file);

/// The plugin.json of a library: NAME.json or plugin.json beside it. Throws FileError.
std::string manifestOf(const std::string& library);

/// What a file holds. Throws FileError.
std::string textOf(const std::string& file);

} // namespace muster::testing
