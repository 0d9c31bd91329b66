// A target that does in one of its functions what no plugin may; the settings say which and what.
// Built a second time, it does so while it is loaded.
#include <muster/target.h>

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Json = nlohmann::json;

struct Instance
{
    const muster_host& host;
    std::string function;
    std::string deed;
};

void say(const muster_sink& out, const std::string& line)
{
    out.line(out.context, {line.data(), line.size()});
}

void sayFinding(const muster_sink& out, const std::string& message)
{
    say(out,
        Json{{"finding", {{"code", "deed"}, {"severity", "info"}, {"message", message}}}}.dump());
}

std::string resultOf(const char* what, long result)
{
    return std::string(what) + ": " + (result < 0 ? std::strerror(errno) : "done");
}

std::string readsPasswords()
{
    return resultOf("open", ::open("/etc/passwd", O_RDONLY));
}

std::string writesAFile()
{
    return resultOf("open", ::open("/tmp/muster-hostile", O_WRONLY | O_CREAT, 0600));
}

std::string opensASocket()
{
    return resultOf("socket", ::socket(AF_INET, SOCK_STREAM, 0));
}

std::string tracesItsParent()
{
    return resultOf("ptrace", ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr));
}

std::string readsItsParent()
{
    char byte = 0;
    const iovec own{&byte, 1};
    const iovec other{reinterpret_cast<void*>(0x400000), 1};
    return resultOf("process_vm_readv", ::process_vm_readv(::getppid(), &own, 1, &other, 1, 0));
}

std::string killsItsParent()
{
    return resultOf("kill", ::kill(::getppid(), SIGKILL));
}

std::string killsEveryone()
{
    return resultOf("kill", ::kill(-1, SIGKILL));
}

std::string boundsItsParent()
{
    const rlimit none{0, 0};
    return resultOf("prlimit", ::prlimit(::getppid(), RLIMIT_NOFILE, &none, nullptr));
}

std::string signalsItsParentByAFile()
{
    return resultOf("fcntl", ::fcntl(STDERR_FILENO, F_SETOWN, ::getppid()));
}

std::string forks()
{
    const auto child = ::fork();
    if (child == 0)
        ::pause();
    return resultOf("fork", child);
}

std::string runsAProgram()
{
    return resultOf("execve", ::execl("/bin/true", "true", nullptr));
}

std::string listsFiles()
{
    return resultOf("opendir", ::opendir("/") ? 0 : -1);
}

const std::map<std::string, std::string (*)()> kRefused{{"passwd", &readsPasswords},
                                                        {"write", &writesAFile},
                                                        {"socket", &opensASocket},
                                                        {"ptrace", &tracesItsParent},
                                                        {"readv", &readsItsParent},
                                                        {"kill", &killsItsParent},
                                                        {"kill-all", &killsEveryone},
                                                        {"prlimit", &boundsItsParent},
                                                        {"setown", &signalsItsParentByAFile},
                                                        {"fork", &forks},
                                                        {"exec", &runsAProgram},
                                                        {"list", &listsFiles}};

volatile bool theLoopGoesOn = true;

void leaks()
{
    constexpr size_t kPiece = 16u << 20;
    std::vector<char*> pieces;
    while (true)
    {
        pieces.push_back(new char[kPiece]);
        std::memset(pieces.back(), 1, kPiece);
    }
}

void prints()
{
    for (int i = 0; i < 200; ++i)
        std::printf("line %d of what nobody asked for\n", i);
    std::printf("{\"outcome\":{\"id\":1,\"state\":\"applied\"}}\n");
    std::fflush(stdout);
}

/// Shows that it does, until it is told to end.
void livesOn(const Instance& instance)
{
    const std::string text = "still here";
    while (!instance.host.is_cancelled(instance.host.context))
    {
        instance.host.log(instance.host.context, MUSTER_LOG_DEBUG, {text.data(), text.size()});
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void spins(int threads)
{
    for (int i = 0; i < threads; ++i)
        std::thread([] {
            while (theLoopGoesOn)
            {}
        }).detach();
}

void stopsListening()
{
    for (int i = 3; i < 64; ++i)
        ::close(i);
}

/// Much, and says so now and then.
void computes(const Instance& instance, const muster_sink& out)
{
    constexpr clock_t kTime = 4 * CLOCKS_PER_SEC;
    const std::string text = "still at it";
    for (auto told = std::clock(), end = told + kTime; std::clock() < end;)
        if (std::clock() - told > CLOCKS_PER_SEC / 10)
        {
            instance.host.log(instance.host.context, MUSTER_LOG_DEBUG, {text.data(), text.size()});
            told = std::clock();
        }
    sayFinding(out, "done");
}

void dies(const std::string& deed)
{
    std::fprintf(stderr, "about to %s\n", deed.c_str());
    if (deed == "abort")
        std::abort();
    if (deed == "exit")
        std::exit(3);
    if (deed == "segfault")
        *static_cast<volatile int*>(nullptr) = 1;
    if (deed == "stop")
        ::raise(SIGSTOP);
    if (deed == "close")
        stopsListening();
    if (deed == "leak")
        leaks();
    if (deed == "throw")
        throw std::runtime_error("over the border");
    if (deed == "throw-number")
        throw 7;
}

void talks(const std::string& deed, const Instance& instance, const muster_sink& out)
{
    if (deed == "wrong-id")
        say(out, R"({"outcome":{"id":777,"state":"unchanged"}})");
    if (deed == "half")
        say(out, R"({"outcome":{"id":1,)");
    if (deed == "bad-text")
        say(out, "{\"outcome\":{\"id\":1,\"state\":\"rejected\",\"message\":\"\xff\xfe\"}}");
    if (deed == "flood-line")
        say(out, std::string(100u << 20, 'x'));
    if (deed == "nested")
        say(out, R"({"outcome":{"id":1,"state":"retry","retryAfter":)" + std::string(500'000, '[') +
                     std::string(500'000, ']') + "}}");
    if (deed == "findings")
        for (int i = 0; i < 2000; ++i)
            sayFinding(out, "one of many");
    if (deed == "flood-lines")
        while (theLoopGoesOn && !instance.host.is_cancelled(instance.host.context))
            say(out, std::string(1000, 'x'));
    if (deed == "flood-log")
        for (int i = 0; i < 1000; ++i)
        {
            const std::string text(100'000, 'y');
            instance.host.log(instance.host.context, MUSTER_LOG_DEBUG, {text.data(), text.size()});
        }
    if (deed == "http-garbage")
        instance.host.http(instance.host.context, {"garbage", 7}, &out);
    if (deed == "http-nested")
    {
        const auto text = R"({"request":{"method":"GET","path":"/","id":)" +
                          std::string(500'000, '[') + std::string(500'000, ']') + "}}";
        instance.host.http(instance.host.context, {text.data(), text.size()}, &out);
    }
}

void misbehave(const Instance& instance, const muster_sink& out)
{
    const auto& deed = instance.deed;
    if (const auto refused = kRefused.find(deed); refused != kRefused.end())
        sayFinding(out, refused->second());
    if (deed == "user")
        sayFinding(out, "user " + std::to_string(::getuid()));
    if (deed == "hang")
        while (theLoopGoesOn)
        {}
    if (deed == "hang-politely")
        while (!instance.host.is_cancelled(instance.host.context))
        {}
    if (deed == "spin-behind")
        spins(1);
    if (deed == "spin-deaf")
    {
        ::signal(SIGXCPU, SIG_IGN);
        spins(4);
        livesOn(instance);
    }
    if (deed == "threads")
    {
        for (int i = 0; i < 100; ++i)
            std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
        livesOn(instance);
    }
    if (deed == "compute")
        computes(instance, out);
    if (deed == "print")
        prints();
    dies(deed);
    talks(deed, instance, out);
}

int32_t create(const muster_host* host, muster_text settings, const muster_sink* out,
               void** instance)
{
    const auto json = Json::parse(std::string(settings.data, settings.size));
    auto* const made = new Instance{*host, json.value("in", ""), json.value("deed", "")};
    if (made->function == "create")
        misbehave(*made, *out);
    *instance = made;
    return MUSTER_OK;
}

void destroy(void* instance)
{
    auto* const own = static_cast<Instance*>(instance);
    if (own->function == "destroy")
        dies(own->deed);
    delete own;
}

#ifdef HOSTILE_WHEN_LOADED
const std::string theResults = [] {
    std::string results;
    for (const auto& [name, deed] : kRefused)
        results += deed() + "; ";
    return results;
}();
#endif

int32_t check(void* instance, muster_text, const muster_sink* out)
{
    const auto& own = *static_cast<Instance*>(instance);
    if (own.function == "check")
        misbehave(own, *out);
#ifdef HOSTILE_WHEN_LOADED
    sayFinding(*out, theResults);
#endif
    return own.host.is_cancelled(own.host.context) ? MUSTER_CANCELLED : MUSTER_OK;
}

int32_t read(void* instance, muster_text, const muster_sink* out)
{
    const auto& own = *static_cast<Instance*>(instance);
    if (own.function == "read")
        misbehave(own, *out);
    return MUSTER_OK;
}

/// Misbehaves before the second change, or at the one whose key says so.
int32_t apply(void* instance, muster_text changes, const muster_sink* out)
{
    const auto& own = *static_cast<Instance*>(instance);
    const std::string text(changes.data, changes.size);
    bool isFirst = true;
    for (size_t begin = 0; begin < text.size();)
    {
        const auto end = text.find('\n', begin);
        const auto line = Json::parse(text.substr(begin, end - begin));
        begin = end + 1;
        if (!line.contains("change"))
            continue;
        const auto& change = line["change"];
        const std::string key = change["key"];
        const bool isTheOne = own.deed == "crash-at" ? key.find("crash") != key.npos : !isFirst;
        if (own.function == "apply" && isTheOne)
            own.deed == "crash-at" ? std::abort() : misbehave(own, *out);
        isFirst = false;
        say(*out, Json{{"outcome",
                        {{"id", change["id"]},
                         {"state", "applied"},
                         {"record",
                          {{"kind", "contact"},
                           {"key", key},
                           {"remoteId", key},
                           {"name", change["name"]},
                           {"fields", change["fields"]}}}}}}
                      .dump());
    }
    return MUSTER_OK;
}

} // namespace

const struct muster_plugin muster_plugin = {MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, "hostile", "1.0.0",
                                            &create,          &destroy,         &check,    &read,
                                            &apply,           nullptr};
