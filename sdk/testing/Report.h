#pragma once

#include "Isolated.h"

#include <string>
#include <vector>

namespace muster::testing {

/// What a check found, case by case.
struct Report
{
    enum class State
    {
        Kept,
        Broken,
        Skipped ///< `verdict.problem` says why
    };

    struct Line
    {
        std::string name;
        State state = State::Kept;
        Verdict verdict = {};
    };

    std::string library;
    std::string id;
    std::string version;
    std::vector<Line> lines = {};

    size_t count(State state) const;
    std::string text() const;
    std::string json() const; ///< one document
};

} // namespace muster::testing
