#pragma once

#include <muster/Target.hpp>

#include <map>
#include <string>
#include <vector>

namespace deskdirector {

using muster::target::Json;

/// A call of the site.
struct Call
{
    std::string name;
    std::string method;
    std::string path;   ///< with {places} that a request fills
    bool isRepeatable;  ///< sending it twice does what sending it once does
    std::string schema; ///< the type that the site describes its body with; empty: none is known
    std::vector<std::string> fields;                 ///< of the body
    std::map<std::string, std::string> renamed = {}; ///< fields that this site names otherwise
};

/// Thread-safe after construction. The calls that the plugin makes, as data: sites differ, and only
/// a part of them is documented by the vendor (contracts/deskdirector.md, Part 1).
class Profile
{
public:
    /// `overrides` are the setting "profile". Throws SettingError.
    explicit Profile(const Json& overrides);

    const Call& call(const std::string& name) const;
    const std::vector<Call>& calls() const { return _calls; }

    using Places = std::map<std::string, std::string>;

    /// The request of a call; `body` by the default's field names.
    muster::target::Request request(const std::string& name, const Places& places,
                                    const Json& body = {}) const;

private:
    std::vector<Call> _calls;
};

/// A value in an answer, under its name or one of the others that sites use for it; null when it is
/// not there.
Json field(const Json& object, const std::string& name);

} // namespace deskdirector
