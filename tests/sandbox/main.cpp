/// muster-sandbox: Microsoft Graph, the Entra token endpoint, DeskDirector and IT Glue on one
/// loopback port.
#include "CommandLine.h"
#include "SandboxServer.h"

#include <Poco/Exception.h>

#include <exception>
#include <iostream>

int main(int argc, char** argv)
{
    using namespace muster::sandbox;
    try
    {
        const CommandLine line(argc, argv);
        if (line.exitCode())
            return *line.exitCode();
        SandboxServer server(line.options());
        line.fill(server);
        line.announce(server);
        server.waitForQuit();
        return 0;
    }
    catch (const Poco::Exception& error)
    {
        std::cerr << "muster-sandbox: " << error.displayText() << "\n";
    }
    catch (const std::exception& error)
    {
        std::cerr << "muster-sandbox: " << error.what() << "\n";
    }
    return 1;
}
