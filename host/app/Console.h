#pragma once

#include "app/Table.h"
#include "runtime/Cancellation.h"
#include "runtime/Progress.h"

#include <chrono>
#include <ostream>
#include <string>

namespace muster::app {

/// What a command writes on, and how: colours and wrapping on a terminal only, colours not with
/// NO_COLOR in the environment (https://no-color.org).
struct Console
{
    std::ostream& out;
    std::ostream& err;
    bool colours = false; ///< on out
    bool colourErrors = false;
    size_t width = 0; ///< of out in columns; 0: unknown, nothing is wrapped
    bool showsProgress = false;

    /// Standard output and error of this process.
    static Console standard();

    void print(const Table& table) const { table.print(out, width, colours); }
};

/// Used by one thread. One line on a terminal that says what goes on, written over again and again;
/// gone when the work is done.
class TerminalProgress : public runtime::Progress
{
public:
    explicit TerminalProgress(std::ostream& err) : _err(err) {}
    ~TerminalProgress() override { clear(); }

    void report(std::string_view what, uint64_t done, uint64_t total) override;
    void clear();

private:
    std::ostream& _err;
    bool _shown = false;
    std::string _what;
    std::chrono::steady_clock::time_point _shownAt;
};

/// A secret from standard input: a line without echo when it is a terminal, else all of it; the
/// last line break is not part of it. Throws CancelledError.
std::string readSecret(const Console& console, const std::string& name,
                       const runtime::Cancellation& cancellation);

} // namespace muster::app
