#pragma once

#include <string>
#include <utility>

namespace muster::tests {

/// Thrown by a test that cannot run on this machine; `why` says what is missing and how to get it.
/// The test counts as skipped, not as failed.
struct Skipped
{
    explicit Skipped(std::string reason) : why(std::move(reason)) {}
    std::string why;
};

} // namespace muster::tests
