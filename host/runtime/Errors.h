#pragma once

#include <stdexcept>
#include <string>

namespace muster {

/// Someone must change a setting, a file, a permission or a secret. The text names the place and
/// the remedy, for an administrator; it holds no secret. Exit code 78.
class ConfigError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The outside could not be reached or asked for time: the same thing may work later. Exit code 75.
class RetryError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The outside or the store refused for good: repeating will not help. Exit code 1.
class RejectedError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Someone asked for something that does not exist or makes no sense. Exit code 2.
class UsageError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Someone named what does not exist. Exit code 2.
class MissingError : public UsageError
{
public:
    using UsageError::UsageError;
};

/// The work was cancelled by the one who asked for it. Exit code 130.
class CancelledError : public std::runtime_error
{
public:
    CancelledError() : std::runtime_error("cancelled") {}
};

} // namespace muster
