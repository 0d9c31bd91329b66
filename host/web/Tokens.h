#pragma once

#include "runtime/Clock.h"
#include "store/Store.h"
#include "web/Role.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::web {

/// Used by one thread. The bearer tokens of those who may use the API over HTTP. The store has
/// their digests only: a token is shown once, when it is made.
class Tokens
{
public:
    Tokens(const store::Store& store, const runtime::Clock& clock);

    struct Entry
    {
        Caller caller;
        runtime::Instant createdAt;
    };

    /// Makes a token and returns it. Throws UsageError when the name is taken or makes no sense,
    /// and for tenants of a role that looks after more than documents.
    std::string add(const Caller& caller);

    /// False when there is none of that name.
    bool remove(const std::string& name);

    std::vector<Entry> list();

    /// Nothing when the token is not valid.
    std::optional<Caller> callerOf(const std::string& token);

private:
    std::vector<Entry> read(const std::string& where, const store::Values& values);

    store::Database _database;
    const runtime::Clock& _clock;
};

} // namespace muster::web
