#include "ChildPlugin.h"

#include "plugins/ChildPort.h"
#include "plugins/Spawner.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

namespace muster::tests {

namespace {

using runner::Function;

/// Hands on what the plugin in the child asks for, to the host and the sink of the call.
class Hands : public runner::Caller
{
public:
    Hands(const muster_host& host, const muster_sink* out) : _host(host), _out(out) {}

    void line(std::string_view line) override
    {
        if (_out)
            _out->line(_out->context, {line.data(), line.size()});
    }
    void log(int32_t level, std::string_view message) override
    {
        _host.log(_host.context, level, {message.data(), message.size()});
    }
    bool isCancelled() override { return _host.is_cancelled(_host.context) != 0; }
    int32_t wait(uint64_t milliseconds) override { return _host.wait(_host.context, milliseconds); }
    int32_t http(std::string_view requests, const Answer& answer) override
    {
        const muster_sink sink{
            const_cast<Answer*>(&answer), [](void* context, muster_text line) {
                (*static_cast<const Answer*>(context))({line.data, static_cast<size_t>(line.size)});
            }};
        return _host.http(_host.context, {requests.data(), requests.size()}, &sink);
    }

private:
    const muster_host& _host;
    const muster_sink* _out;
};

struct Instance
{
    const muster_host& host;
    plugins::ChildPort port;
};

/// What loadChildPlugin gave last; the cases of one process follow one another.
runner::Described theDescribed;
bool theTicketsAreThere = false;

plugins::Spawner& spawner()
{
    static plugins::Spawner one;
    return one;
}

int32_t create(const muster_host* host, muster_text settings, const muster_sink* out,
               void** instance)
{
    auto made = std::make_unique<Instance>(
        Instance{*host, plugins::ChildPort(spawner(), *childrenAsked(), theDescribed)});
    Hands hands(*host, out);
    const auto status = made->port.call(Function::Create,
                                        {settings.data, static_cast<size_t>(settings.size)}, hands);
    theTicketsAreThere = made->port.hasTickets();
    if (status == MUSTER_OK)
        *instance = made.release();
    return status;
}

void destroy(void* instance)
{
    const std::unique_ptr<Instance> owned(static_cast<Instance*>(instance));
    Hands hands(owned->host, nullptr);
    owned->port.close(hands);
}

template <Function function>
int32_t call(void* instance, muster_text request, const muster_sink* out)
{
    auto& [host, port] = *static_cast<Instance*>(instance);
    Hands hands(host, out);
    return port.call(function, {request.data, static_cast<size_t>(request.size)}, hands);
}

template <Function function>
int32_t callWithoutText(void* instance, const muster_sink* out)
{
    return call<function>(instance, {"", 0}, out);
}

constexpr muster_requests kRequests{&callWithoutText<Function::Tickets>, &call<Function::Ticket>,
                                    &callWithoutText<Function::Places>,  &call<Function::SetStatus>,
                                    &call<Function::WriteNote>,          &call<Function::Subscribe>,
                                    &call<Function::Unsubscribe>};

const void* extension(const char*)
{
    return theTicketsAreThere ? &kRequests : nullptr;
}

} // namespace

std::optional<plugins::ChildOptions> childrenAsked()
{
    if (!std::getenv("MUSTER_TEST_CHILDREN"))
        return std::nullopt;
    return plugins::ChildOptions{.runner = MUSTER_BINARY_DIR "/bin/muster-target-runner"};
}

const struct muster_plugin& loadChildPlugin(const std::string& library)
{
    const auto file = std::filesystem::path(library).replace_extension(".json");
    const auto manifest = nlohmann::json::parse(std::ifstream(file));
    theDescribed = {library, manifest.at("id"), manifest.at("version")};
    static struct muster_plugin plugin;
    plugin = {MUSTER_ABI_MAJOR,
              MUSTER_ABI_MINOR,
              theDescribed.id.c_str(),
              theDescribed.version.c_str(),
              &create,
              &destroy,
              &call<Function::Check>,
              &call<Function::Read>,
              &call<Function::Apply>,
              &extension};
    return plugin;
}

} // namespace muster::tests
