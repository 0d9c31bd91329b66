#pragma once

#include <string>
#include <vector>

namespace muster::http {

/// Thread-safe. Takes secrets out of text that an answer may echo, on its way to a plugin, a log or
/// a person: as they are, and as JSON, URLs and Base64 write them. Secrets of less than four
/// characters stay: there is no telling them from other text.
class Redactor
{
public:
    explicit Redactor(const std::vector<std::string>& secrets);

    std::string operator()(std::string text) const;

private:
    std::vector<std::string> _forms; ///< longest first
};

} // namespace muster::http
