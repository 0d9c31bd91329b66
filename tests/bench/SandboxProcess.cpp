#include "SandboxProcess.h"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace muster::bench {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{20};

std::vector<std::string> commandOf(const std::string& program, const std::string& readyFile,
                                   const std::vector<std::string>& options)
{
    std::vector<std::string> command{program, "--ready-file", readyFile};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

using tests::readFile;

} // namespace

SandboxProcess::SandboxProcess(const std::string& program, const std::string& directory,
                               const std::vector<std::string>& options)
    : _readyFile(directory + "/sandbox.ready"),
      _child(commandOf(program, _readyFile, options), directory + "/sandbox.log")
{
    auto ready = readFile(_readyFile);
    for (; ready.empty(); ready = readFile(_readyFile))
    {
        if (!_child.isRunning())
            throw std::runtime_error(program +
                                     " did not start: " + readFile(directory + "/sandbox.log"));
        std::this_thread::sleep_for(kBetweenLooks);
    }
    _url = Json::parse(ready).at("url");
}

SandboxProcess::~SandboxProcess() = default;

size_t SandboxProcess::requests(const std::string& service)
{
    return control("GET", "requests").at("services").value(service, size_t{0});
}

void SandboxProcess::ops(const std::string& tenant, const Json& ops)
{
    control("POST", "ops", {{"tenant", tenant}, {"ops", ops}});
}

Json SandboxProcess::control(const std::string& method, const std::string& path, const Json& body)
{
    http::HttpRequest request{.method = method, .url = _url + "/sandbox/" + path};
    if (method == "POST")
    {
        request.headers["content-type"] = "application/json";
        request.body = body.dump();
    }
    const auto response = _client.send(request, runtime::Cancellation());
    if (!response.isSuccess())
        throw std::runtime_error("the sandbox refused " + path + ": " + response.message +
                                 response.body);
    return Json::parse(response.body);
}

} // namespace muster::bench
