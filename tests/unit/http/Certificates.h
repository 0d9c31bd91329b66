#pragma once

#include <string>

namespace muster::testing {

/// A key with its certificate, as PEM texts.
struct Identity
{
    std::string certificate;
    std::string key;
};

/// A self-signed certificate for `name` (a DNS name, or an IP address), valid for an hour; it can
/// stand as its own CA.
Identity makeIdentity(const std::string& name);

} // namespace muster::testing
