#include "app/Command.h"

#include <Poco/Logger.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <chrono>
#include <pwd.h>
#include <unistd.h>

namespace muster::app {

ApiResponse Session::ask(const ApiRequest& request)
{
    const auto begin = std::chrono::steady_clock::now();
    auto response = api.handle(request, progress, cancellation);
    clearProgress();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    poco_information_f(Poco::Logger::get("api"), "%s %s: %d in %.2f s", request.method,
                       request.path, response.status, seconds.count());
    if (response.isProblem())
        throw Problem{std::move(response)};
    return response;
}

int Session::printJson(const ApiResponse& response)
{
    response.write(console.out);
    return response.exitCode;
}

std::string pathOf(const std::string& prefix, const std::string& typed)
{
    std::string encoded;
    Poco::URI::encode(typed, "/?#%", encoded);
    // What a path ends in may say which form is wanted, which what a user typed must not.
    Poco::replaceInPlace(encoded, ".", "%2E");
    return prefix + encoded;
}

std::string userName()
{
    const auto* user = ::getpwuid(::getuid());
    return user ? user->pw_name : std::to_string(::getuid());
}

std::string counted(int64_t number, const std::string& noun)
{
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

} // namespace muster::app
