#pragma once

#include "TestClient.h"

#include <cppunit/TestFixture.h>

#include <memory>

namespace muster::sandbox {

/// A sandbox for each test case, with a client of one tenant.
class SandboxFixture : public CppUnit::TestFixture
{
public:
protected:
    void start(const std::string& tenant, const SandboxOptions& options = {})
    {
        _server = std::make_unique<SandboxServer>(options);
        _client = std::make_unique<TestClient>(*_server, tenant);
    }

    SandboxServer& server() { return *_server; }
    const TestClient& client() { return *_client; }

private:
    std::unique_ptr<SandboxServer> _server;
    std::unique_ptr<TestClient> _client;
};

} // namespace muster::sandbox
