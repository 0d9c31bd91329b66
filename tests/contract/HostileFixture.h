#pragma once

#include "plugins/Catalog.h"
#include "plugins/Health.h"
#include "runtime/Errors.h"
#include "support/Child.h"
#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace muster::tests {

using namespace plugins;
using namespace std::chrono_literals;

#define ASSERT_TELLS(expected, text)                                                               \
    do                                                                                             \
    {                                                                                              \
        const std::string told = text;                                                             \
        CPPUNIT_ASSERT_MESSAGE(told, told.find(expected) != std::string::npos);                    \
    } while (false)

/// A catalog with a plugin that does in its child what it is told by its settings.
class HostileFixture : public CppUnit::TestFixture
{
public:
    HostileFixture()
    {
        const std::filesystem::path folder = std::filesystem::path(_directory.path()) / "targets";
        std::filesystem::create_directories(folder);
        for (const char* const name : {"hostile", "loading"})
        {
            const auto built = std::string(MUSTER_BINARY_DIR "/tests/plugins/targets/") +
                               (std::string(name) == "hostile" ? "hostile.so" : "hostile_load.so");
            std::filesystem::create_symlink(built, folder / (std::string(name) + ".so"));
        }
        _manifest = folder / "hostile.json";
        std::filesystem::copy_file(MUSTER_SOURCE_DIR "/tests/contract/hostile/plugin.json",
                                   _manifest);
    }

protected:
    using Outcomes = std::map<int64_t, Outcome>;

    std::unique_ptr<TargetChannel> open(const std::string& function, const std::string& deed,
                                        const std::string& target = "acme")
    {
        if (!_catalog)
            _catalog.emplace(std::vector<std::string>{_directory.path()}, _clock,
                             CatalogOptions{.children = _children, .store = &_store});
        return _catalog->openTarget("hostile", {target, {{"in", function}, {"deed", deed}}});
    }

    Outcomes apply(TargetChannel& channel, const std::function<void(const Outcome&)>& seen = {})
    {
        std::vector<ChangeRequest> changes;
        for (int id = 1; id <= 3; ++id)
        {
            ChangeRequest change;
            change.id = id;
            change.kind = "contact";
            change.key = _keys.at(static_cast<size_t>(id) - 1);
            changes.push_back(change);
        }
        Outcomes outcomes;
        channel.apply(
            {{"account", 42}}, changes,
            [&](Outcome outcome) {
                CPPUNIT_ASSERT(outcomes.emplace(outcome.id, outcome).second);
                if (seen)
                    seen(outcome);
            },
            _cancellation);
        return outcomes;
    }

    std::vector<runtime::Finding> check(TargetChannel& channel)
    {
        return channel.check({}, _cancellation);
    }

    void read(TargetChannel& channel)
    {
        channel.read(
            {{{"account", 42}}, {"contact"}}, [](RemoteRecord) {}, [](RemoteLink) {},
            _cancellation);
    }

    /// The states of the runners beneath this process that have not ended, as in /proc: "ST". One
    /// that attends a runner is none.
    static std::string statesOfRunners()
    {
        struct Process
        {
            std::string name, parent;
            char state;
        };
        std::map<std::string, Process> all;
        for (const auto& entry : std::filesystem::directory_iterator("/proc"))
        {
            const auto status = readFile(entry.path() / "status");
            const auto valueOf = [&](const std::string& name) {
                const auto place = status.find(name + ":\t");
                const auto from = place + name.size() + 2;
                return place == status.npos ? std::string()
                                            : status.substr(from, status.find('\n', from) - from);
            };
            if (!valueOf("PPid").empty())
                all[entry.path().filename()] = {valueOf("Name"), valueOf("PPid"),
                                                valueOf("State").front()};
        }
        const auto own = std::to_string(::getpid());
        std::string states;
        for (const auto& [id, process] : all)
        {
            auto above = id;
            while (above != own && all.count(above) > 0)
                above = all.at(above).parent;
            const bool attends =
                std::any_of(all.begin(), all.end(),
                            [&, &id = id](const auto& other) { return other.second.parent == id; });
            if (above == own && process.name == "muster-target-r" && process.state != 'Z' &&
                !attends)
                states += process.state;
        }
        return states;
    }

    static bool isARunnerThere() { return !statesOfRunners().empty(); }

    void crash(TargetChannel& channel, size_t times)
    {
        for (size_t i = 0; i < times; ++i)
        {
            ASSERT_TELLS("crashed", retryError([&] { check(channel); }));
            _clock.advance(Health::kLongestRest);
        }
    }

    template <typename Error, typename Function>
    static std::string errorOf(const Function& function)
    {
        try
        {
            function();
        }
        catch (const Error& error)
        {
            return error.what();
        }
        return "no error";
    }
    template <typename Function>
    static std::string retryError(const Function& function)
    {
        return errorOf<RetryError>(function);
    }
    template <typename Function>
    static std::string configError(const Function& function)
    {
        return errorOf<ConfigError>(function);
    }
    template <typename Function>
    static std::string rejectedError(const Function& function)
    {
        return errorOf<RejectedError>(function);
    }

    std::vector<std::string> _keys = {"c1@contoso.example", "c2@contoso.example",
                                      "c3@contoso.example"};
    TemporaryDirectory _directory;
    TemporaryDirectory _data;
    std::filesystem::path _manifest;
    TestClock _clock;
    store::Store _store{_data.path()};
    ChildOptions _children{.runner = MUSTER_BINARY_DIR "/bin/muster-target-runner"};
    runtime::Cancellation _cancellation;
    std::optional<Catalog> _catalog;
};

} // namespace muster::tests
