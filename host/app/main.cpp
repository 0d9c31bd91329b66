#include "app/Application.h"

#include <Poco/Exception.h>

#include <exception>
#include <iostream>

int main(int argc, char** argv)
{
    try
    {
        Poco::AutoPtr<muster::app::Application> application(new muster::app::Application);
        application->init(argc, argv);
        return application->run();
    }
    catch (const Poco::Exception& error)
    {
        std::cerr << "muster: " << error.displayText() << "\n";
    }
    catch (const std::exception& error)
    {
        std::cerr << "muster: " << error.what() << "\n";
    }
    return 1;
}
