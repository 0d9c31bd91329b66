#include "Isolated.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace muster::testing {

namespace {

using Clock = std::chrono::steady_clock;

int orThrow(int result, const char* what)
{
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

class File
{
public:
    explicit File(int descriptor) : _descriptor(descriptor) {}
    ~File() { close(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int get() const { return _descriptor; }
    void close()
    {
        if (_descriptor >= 0)
            ::close(_descriptor);
        _descriptor = -1;
    }

    /// From its beginning, up to 2000 characters.
    std::string text() const
    {
        std::string text(2000, '\0');
        const auto size = ::pread(_descriptor, text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<size_t>(size) : 0);
        return text;
    }

private:
    int _descriptor;
};

std::string dump(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

[[noreturn]] void runAndEnd(const Case& one, int answer)
{
    // A crash is told in the report; a core file of it would only litter.
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    const auto verdict = runHere(one);
    std::fflush(nullptr);
    const auto text = dump({{"problem", verdict.problem}, {"rule", verdict.rule}});
    size_t written = 0;
    while (written < text.size())
    {
        const auto size = ::write(answer, text.data() + written, text.size() - written);
        if (size <= 0)
            break;
        written += static_cast<size_t>(size);
    }
    ::_exit(0);
}

/// What is said until the other end is closed; `isLate` when that takes too long.
std::string readAll(int descriptor, Clock::time_point deadline, bool& isLate)
{
    std::string text;
    for (;;)
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd waiting{descriptor, POLLIN, 0};
        const auto ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        isLate = ready <= 0;
        char part[4096];
        const auto size = isLate ? 0 : ::read(descriptor, part, sizeof part);
        if (size <= 0)
            return text;
        text.append(part, static_cast<size_t>(size));
    }
}

/// What became of a child that said no verdict.
Verdict endOf(int status, const std::string& errors)
{
    const auto told = errors.empty() ? "" : "; on stderr: " + errors;
    if (WIFSIGNALED(status))
        return {std::string("the plugin crashed: ") + ::strsignal(WTERMSIG(status)) + told,
                "target.h, Errors"};
    return {"the plugin ended the process with exit code " + std::to_string(WEXITSTATUS(status)) +
                told,
            "target.h, Errors"};
}

} // namespace

Verdict runHere(const Case& one)
{
    try
    {
        one.run();
        return {};
    }
    catch (const RuleBroken& broken)
    {
        return {broken.problem(), broken.rule()};
    }
    catch (const std::exception& error)
    {
        // Without what the parser calls its own errors: "[json.exception.out_of_range.403] ".
        std::string what = error.what();
        if (const auto end = what.find("] "); what.rfind("[json.", 0) == 0 && end != what.npos)
            what.erase(0, end + 2);
        return {"what it says has not the form that is asked for (a member is missing, or is of "
                "another type): " +
                    what,
                "target.h, Lines"};
    }
}

Verdict runIsolated(const Case& one, std::chrono::milliseconds patience)
{
    int ends[2];
    orThrow(::pipe2(ends, O_CLOEXEC), "pipe");
    File out(orThrow(::memfd_create("stdout", MFD_CLOEXEC), "memfd_create"));
    File errors(orThrow(::memfd_create("stderr", MFD_CLOEXEC), "memfd_create"));
    File answer(ends[0]);
    File question(ends[1]);
    // What this process has not written yet would be written by both.
    std::fflush(nullptr);
    const auto child = orThrow(::fork(), "fork");
    if (child == 0)
    {
        ::dup2(out.get(), STDOUT_FILENO);
        ::dup2(errors.get(), STDERR_FILENO);
        runAndEnd(one, question.get());
    }
    question.close();
    bool isLate = false;
    const auto text = readAll(answer.get(), Clock::now() + patience, isLate);
    if (isLate)
        ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (isLate)
        return {"the plugin did not come back within " + std::to_string(patience.count()) + " ms",
                "target.h, is_cancelled; wait"};
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_object())
        return endOf(status, errors.text());
    Verdict verdict{json.value("problem", ""), json.value("rule", "")};
    if (const auto printed = out.text(); verdict.isKept() && !printed.empty())
        return {"the plugin writes to stdout: " + printed, "target.h, Sandbox"};
    return verdict;
}

} // namespace muster::testing
