#pragma once

#include "store/Store.h"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace muster::store {

/// Thread-safe. Named secrets, sealed in the store with XChaCha20-Poly1305 under a key that
/// only this user can read: DIR/secret.key, made at first use, or the systemd credential
/// `muster.key`. A secret's name is bound into its seal.
class Secrets
{
public:
    struct Entry
    {
        std::string name;
        runtime::Instant changedAt;
    };

    Secrets(Store& store, const runtime::Clock& clock);

    void set(const std::string& name, const std::string& value);
    bool remove(const std::string& name);
    std::vector<Entry> list();

    /// Nothing when there is no secret of that name. Throws ConfigError when the key does not open
    /// it.
    std::optional<std::string> find(const std::string& name);

private:
    std::string key();

    Store& _store;
    std::mutex _keyMutex; ///< the key file is made once
    const runtime::Clock& _clock;
};

} // namespace muster::store
