#include "Process.h"
#include "support/FreshTest.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::integration {

namespace {

using Clock = std::chrono::steady_clock;

class Descriptor
{
public:
    explicit Descriptor(int value) : _value(value) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int value() const { return _value; }
    void close()
    {
        if (_value >= 0)
            ::close(_value);
        _value = -1;
    }

private:
    int _value;
};

struct Pipe
{
    Pipe() : Pipe(make()) {}

    Descriptor read;
    Descriptor write;

private:
    explicit Pipe(const std::array<int, 2>& ends) : read(ends[0]), write(ends[1]) {}

    static std::array<int, 2> make()
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("cannot make a pipe");
        return ends;
    }
};

std::vector<std::string> environmentFor(const Command& command)
{
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry)
    {
        const std::string text = *entry;
        if (command.environment.count(text.substr(0, text.find('='))) == 0)
            entries.push_back(text);
    }
    for (const auto& [name, value] : command.environment)
        entries.push_back(name + '=' + value);
    return entries;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

pid_t start(const Command& command, const Pipe& input, const Pipe& output, const Pipe& errors)
{
    std::vector<std::string> arguments{command.program};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    auto environment = environmentFor(command);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input.read.value(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output.write.value(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors.write.value(), STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    pid_t child = 0;
    const int error = ::posix_spawn(&child, command.program.c_str(), &actions, &attributes,
                                    pointersTo(arguments).data(), pointersTo(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::runtime_error("cannot start " + command.program + ": " + std::strerror(error));
    return child;
}

/// Takes what there is; closes the descriptor at its end.
void drain(Descriptor& from, std::string& text)
{
    std::array<char, 65536> buffer{};
    const auto count = ::read(from.value(), buffer.data(), buffer.size());
    if (count > 0)
        text.append(buffer.data(), static_cast<size_t>(count));
    else if (count == 0 || errno != EINTR)
        from.close();
}

/// Reads both streams to their ends; gives false when the deadline passes before.
bool listen(Descriptor& output, Descriptor& errors, Finished& finished, Clock::time_point deadline)
{
    while (output.value() >= 0 || errors.value() >= 0)
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0)
            return false;
        std::array<pollfd, 2> polled{{{output.value(), POLLIN, 0}, {errors.value(), POLLIN, 0}}};
        if (::poll(polled.data(), polled.size(), static_cast<int>(left)) < 0 && errno != EINTR)
            return false;
        if (polled[0].revents != 0)
            drain(output, finished.output);
        if (polled[1].revents != 0)
            drain(errors, finished.errors);
    }
    return true;
}

void feed(Pipe& input, const std::string& text)
{
    // A child that ends without reading must not end the test.
    ::signal(SIGPIPE, SIG_IGN);
    for (size_t sent = 0; sent < text.size();)
    {
        const auto count = ::write(input.write.value(), text.data() + sent, text.size() - sent);
        if (count <= 0)
            break;
        sent += static_cast<size_t>(count);
    }
    input.write.close();
}

} // namespace

Json Finished::json() const
{
    auto document = Json::parse(output, nullptr, false);
    CPPUNIT_ASSERT_MESSAGE("stdout is not one JSON document\n" + describe(),
                           !document.is_discarded());
    return document;
}

std::string Finished::describe() const
{
    constexpr size_t kMost = 4000;
    return "$ " + command + "\nexit " + std::to_string(exitCode) +
           (signal != 0 ? ", signal " + std::to_string(signal) : "") +
           "\nstdout: " + output.substr(0, kMost) + "\nstderr: " + errors.substr(0, kMost);
}

Finished run(const Command& command)
{
    Finished finished;
    finished.command = command.program.substr(command.program.rfind('/') + 1);
    for (const auto& argument : command.arguments)
        finished.command += ' ' + argument;

    Pipe input;
    Pipe output;
    Pipe errors;
    const auto deadline = Clock::now() + command.deadline;
    const pid_t child = start(command, input, output, errors);
    input.read.close();
    output.write.close();
    errors.write.close();
    feed(input, command.input);
    const bool ended = listen(output.read, errors.read, finished, deadline);
    if (!ended)
        ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    {}
    if (WIFEXITED(status))
        finished.exitCode = WEXITSTATUS(status);
    if (WIFSIGNALED(status))
        finished.signal = WTERMSIG(status);
    CPPUNIT_ASSERT_MESSAGE("not done within the deadline\n" + finished.describe(), ended);
    return finished;
}

} // namespace muster::integration
