#pragma once

#include "estate/EstateApplier.h"
#include "estate/EstateStore.h"
#include "store/Secrets.h"
#include "store/Store.h"
#include "support/TemporaryDirectory.h"

#include <map>
#include <string>
#include <vector>

namespace muster::estate {

/// A store in a directory of its own, with two modes and a target known by their manifests, the
/// secrets "graph-secret" and "desk-key", and an estate that is right.
class EstateFixture
{
public:
    EstateFixture();

    /// Applies files by name and text.
    std::vector<EntryChange> apply(const std::map<std::string, std::string>& files,
                                   Unnamed unnamed = Unnamed::Keep);
    std::vector<EntryChange> apply(const std::string& text)
    {
        return apply({{"estate.yaml", text}});
    }

    /// What apply complains about, a line for each fault; empty when it takes the estate.
    std::string faultsOf(const std::string& text);

    /// The right estate with the first line that holds `part` replaced by `line` (kept as it is
    /// indented by the caller). Throws when there is none.
    static std::string estateWith(const std::string& part, const std::string& line);
    static const std::string& rightEstate();

    std::string writeFile(const std::string& name, const std::string& content) const;
    const std::string& folder() const { return _folder.path(); }

    store::Store& store() { return *_store; }
    store::Database& database() { return *_database; }
    store::Secrets& secrets() { return *_secrets; }
    SecretResolver& resolver() { return *_resolver; }
    EstateStore stored() { return EstateStore(*_database); }

private:
    tests::TemporaryDirectory _folder;
    runtime::SystemClock _clock;
    std::unique_ptr<store::Store> _store;
    std::unique_ptr<store::Database> _database;
    std::unique_ptr<store::Secrets> _secrets;
    std::unique_ptr<SecretResolver> _resolver;
    std::vector<plugins::ModeManifest> _modes;
    plugins::TargetManifest _target;
};

} // namespace muster::estate
