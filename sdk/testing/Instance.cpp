#include <muster/testing/Instance.h>

#include <muster/testing/ContractSuite.h>

#include <dlfcn.h>

#include <stdexcept>

namespace muster::testing {

namespace {

muster_text text(const std::string& string)
{
    return {string.data(), string.size()};
}

std::string lineOf(const char* what, const Json& value)
{
    return Json{{what, value}}.dump() + "\n";
}

void take(void* context, muster_text line)
{
    auto& result = *static_cast<Result*>(context);
    result.texts.emplace_back(line.data, line.size);
    try
    {
        auto json = Json::parse(result.texts.back());
        if (result.texts.back().find('\n') != std::string::npos)
            throw std::invalid_argument("it has a line break");
        if (!json.is_object() || json.size() != 1 || !json.begin()->is_object())
            throw std::invalid_argument("it is no object of one object");
        if (json.contains("error"))
        {
            result.message = json["error"].value("message", "");
            result.setting = json["error"].value("setting", "");
        }
        else
            result.lines.push_back(std::move(json));
    }
    catch (const std::exception& error)
    {
        result.trouble = "the line " + result.texts.back() + " makes no sense: " + error.what();
    }
}

template <typename Function>
Result call(const Function& function)
{
    Result result;
    const muster_sink sink{&result, &take};
    try
    {
        result.status = function(&sink);
    }
    catch (const std::exception& error)
    {
        throw RuleBroken(std::string("an exception leaves the plugin: ") + error.what(),
                         "target.h, Errors");
    }
    catch (...)
    {
        throw RuleBroken("an exception leaves the plugin", "target.h, Errors");
    }
    return result;
}

} // namespace

std::vector<Json> Result::all(const std::string& what) const
{
    std::vector<Json> result;
    for (const auto& line : lines)
        if (line.contains(what))
            result.push_back(line.at(what));
    return result;
}

const struct muster_plugin& loadPlugin(const std::string& library)
{
    void* const handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    const void* const symbol = handle ? ::dlsym(handle, "muster_plugin") : nullptr;
    if (!symbol)
    {
        const char* const why = ::dlerror();
        throw std::runtime_error(library + ": " + (why ? why : "it has no muster_plugin"));
    }
    return *static_cast<const struct muster_plugin*>(symbol);
}

Instance::Instance(const struct muster_plugin& plugin, const muster_host& host,
                   const Json& settings)
    : _plugin(plugin)
{
    const auto json = settings.dump();
    _created = call(
        [&](const muster_sink* out) { return _plugin.create(&host, text(json), out, &_instance); });
}

Instance::~Instance()
{
    if (_instance)
        _plugin.destroy(_instance);
}

void* Instance::made() const
{
    if (!_instance)
        throw RuleBroken("good settings are refused: " + _created.setting + " " + _created.message,
                         "target.h, create");
    return _instance;
}

Result Instance::check(const std::vector<Json>& scopes)
{
    std::string request;
    for (const auto& scope : scopes)
        request += lineOf("scope", scope);
    return call([&](const muster_sink* out) { return _plugin.check(made(), text(request), out); });
}

Result Instance::read(const Json& request)
{
    const auto line = lineOf("read", request);
    return call([&](const muster_sink* out) { return _plugin.read(made(), text(line), out); });
}

Result Instance::apply(const Json& scope, const std::vector<Json>& changes)
{
    auto request = lineOf("scope", scope);
    for (const auto& change : changes)
        request += lineOf("change", change);
    return call([&](const muster_sink* out) { return _plugin.apply(made(), text(request), out); });
}

const struct muster_requests& Instance::extension() const
{
    const void* const found =
        _plugin.get_extension ? _plugin.get_extension(MUSTER_REQUESTS) : nullptr;
    if (!found)
        throw std::runtime_error(std::string("the plugin has no extension ") + MUSTER_REQUESTS);
    return *static_cast<const struct muster_requests*>(found);
}

Result Instance::tickets()
{
    return call([&](const muster_sink* out) { return extension().tickets(made(), out); });
}

Result Instance::ticket(const std::string& id)
{
    const auto line = lineOf("ticket", {{"id", id}});
    return call(
        [&](const muster_sink* out) { return extension().ticket(made(), text(line), out); });
}

Result Instance::places()
{
    return call([&](const muster_sink* out) { return extension().places(made(), out); });
}

Result Instance::setStatus(const std::string& ticket, const std::string& status)
{
    const auto line = lineOf("status", {{"ticket", ticket}, {"name", status}});
    return call(
        [&](const muster_sink* out) { return extension().set_status(made(), text(line), out); });
}

Result Instance::writeNote(const std::string& ticket, const std::string& note)
{
    const auto line = lineOf("note", {{"ticket", ticket}, {"text", note}});
    return call(
        [&](const muster_sink* out) { return extension().write_note(made(), text(line), out); });
}

} // namespace muster::testing
