#pragma once

#include "TestClient.h"

#include <cppunit/TestFixture.h>

#include <memory>
#include <string>

namespace muster::sandbox {

inline const std::string kTenant = "11111111-0000-4000-8000-000000000000";

inline std::string groupId(int number)
{
    return testId(1, number);
}

inline std::string userId(int number)
{
    return testId(2, number);
}

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
