#pragma once

#include "Settings.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::sandbox {

/// Makes and reads the bearer tokens for Graph: JWTs with the claims of contracts/graph.md section
/// 1.4, signed with a key that only this sandbox has. Thread-safe.
class AccessTokens
{
public:
    struct Claims
    {
        std::string tenant{};
        std::string clientId{};
        std::vector<std::string> roles{};

        bool hasAny(const std::vector<std::string>& wanted) const;
    };

    explicit AccessTokens(const Clock& clock);

    std::string issue(const Claims& claims, std::int64_t lifetime) const;
    /// The claims of a token of ours that has not expired.
    std::optional<Claims> read(const std::string& token) const;

private:
    std::string signature(const std::string& text) const;

    const Clock& _clock;
    std::string _key;
};

} // namespace muster::sandbox
