#pragma once

#include <Poco/Exception.h>

#include <exception>
#include <optional>
#include <string>

namespace muster::runtime {

/// Calls the function; the text of what it throws, or nothing. For work that must go on with the
/// next piece.
template <typename Function>
std::optional<std::string> troubleOf(Function&& function)
{
    try
    {
        function();
        return std::nullopt;
    }
    catch (const Poco::Exception& error)
    {
        return error.displayText(); // what() drops the message
    }
    catch (const std::exception& error)
    {
        return error.what();
    }
}

} // namespace muster::runtime
