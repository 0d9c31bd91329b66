#pragma once

#include "Dispatcher.h"

#include <string>

namespace muster::sandbox {

class SandboxServer;

/// The paths under /sandbox/ by which tests and people steer the sandbox: each is a method of
/// SandboxServer. They are neither counted nor spoiled. Thread-safe.
class ControlApi
{
public:
    explicit ControlApi(SandboxServer& server) : _server(server) {}

    static bool owns(const std::string& path) { return path.rfind("/sandbox", 0) == 0; }
    Dispatcher::Answer answer(const Request& request);

private:
    Response get(const Request& request);
    Response post(const Request& request);
    Response erase(const Request& request);

    SandboxServer& _server;
};

} // namespace muster::sandbox
