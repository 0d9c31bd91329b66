#pragma once

#include "runtime/Errors.h"

#include <string>
#include <vector>

namespace muster::estate {

/// Something wrong in an estate file: where it stands, and what to do about it.
struct Fault
{
    std::string file;
    int line = 0;    ///< 0: the file as a whole
    std::string key; ///< "syncs[0].mode"; empty: the line as a whole
    std::string message;

    /// "estate.yaml:12: syncs[0].mode: …"
    std::string toText() const;
};

/// All that is wrong with the estate files; its text has one line for each fault.
class EstateError : public ConfigError
{
public:
    explicit EstateError(std::vector<Fault> faults);
    const std::vector<Fault>& faults() const { return _faults; }

private:
    std::vector<Fault> _faults;
};

} // namespace muster::estate
