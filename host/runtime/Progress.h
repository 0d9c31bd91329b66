#pragma once

#include <cstdint>
#include <string_view>

namespace muster::runtime {

/// Where long work says how far it is. Called from the thread that works, often: implementations
/// decide how much of it they show.
class Progress
{
public:
    virtual ~Progress() = default;

    /// `what` is a short phrase for a person ("contoso: reading users"); total 0 means unknown.
    virtual void report(std::string_view what, uint64_t done, uint64_t total) = 0;
};

/// For work that nobody watches.
class SilentProgress : public Progress
{
public:
    void report(std::string_view, uint64_t, uint64_t) override {}
};

} // namespace muster::runtime
