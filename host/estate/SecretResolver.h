#pragma once

#include "estate/Estate.h"
#include "store/Secrets.h"

#include <functional>
#include <optional>
#include <string>

namespace muster::estate {

/// Thread-safe. Gives the values that {secret: NAME}, {env: NAME} and {file: PATH} stand
/// for. They are looked up each time: a secret that was set anew counts from the next use.
class SecretResolver
{
public:
    explicit SecretResolver(store::Secrets& secrets) : _secrets(secrets) {}

    /// Throws ConfigError that says which secret is missing and how to give it; never its value.
    std::string resolve(const SecretReference& reference) const;

    /// The settings of a target with a plain string in the place of each reference.
    Json resolve(const Json& settings) const;

private:
    store::Secrets& _secrets;
};

/// The reference that a value of the settings is, {"secret": "desk-key"}; nothing for other values.
std::optional<SecretReference> secretReferenceFrom(const Json& value);
Json toJson(const SecretReference& reference);

} // namespace muster::estate
