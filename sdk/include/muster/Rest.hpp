#pragma once

#include <muster/Target.hpp>

#include <string>
#include <string_view>
#include <utility>

/// What a target whose system speaks HTTP and JSON needs beside Target.hpp.
namespace muster::target {

/// Text as a part of a path or a query: what has a meaning there, and what is not ASCII, as %XX.
inline std::string escaped(std::string_view text)
{
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string result;
    for (const auto character : text)
    {
        const auto byte = static_cast<unsigned char>(character);
        if (kPlain.find(character) != kPlain.npos)
            result += character;
        else
            (((result += '%') += kDigits[byte >> 4u]) += kDigits[byte & 15u]);
    }
    return result;
}

/// Tells what went wrong when an answer is no success, in words for an administrator and in the
/// words of target.h. `system` is the system's name, `credential` the setting that it refuses with
/// 401.
class Failures
{
public:
    Failures(std::string system, std::string credential)
        : _system(std::move(system)), _credential(std::move(credential))
    {}
    virtual ~Failures() = default;

    bool isCredentialRefused(const Answer& answer) const { return answer.status == 401; }

    /// For a call that cannot go on without the answer: throws. `what` was tried ("reading
    /// people").
    [[noreturn]] void fail(const std::string& what, const Answer& answer) const
    {
        if (isCredentialRefused(answer))
            failForCredential();
        if (answer.failure == "cancelled")
            throw CancelledError();
        if (answer.mayWorkLater())
            throw RetryError(describe(what, answer));
        throw std::runtime_error(describe(what, answer));
    }

    /// Throws what makes the host stop until somebody changes the credential.
    [[noreturn]] void failForCredential() const
    {
        throw SettingError(_credential, _system + " refuses it (401): set " + _credential +
                                            " to one that is valid");
    }

    /// The outcome of a change whose request was answered so.
    Outcome outcome(const Change& change, const std::string& what, const Answer& answer) const
    {
        if (isCredentialRefused(answer))
            return {change.id, State::Retry, what + ": " + _credential + " is refused (401)"};
        Outcome result{change.id, State::Rejected, describe(what, answer)};
        if (answer.mayWorkLater())
        {
            result.state = State::Retry;
            result.unknown = answer.isUnknown();
            result.retryAfter = answer.retryAfter();
        }
        return result;
    }

    /// The outcome of a change whose answer is a success and does not say what it must.
    Outcome unclear(const Change& change, const std::string& what) const
    {
        Outcome result{change.id, State::Retry,
                       what + ": " + _system + " gave an answer that makes no sense"};
        result.unknown = true;
        return result;
    }

    std::string describe(const std::string& what, const Answer& answer) const
    {
        if (answer.status == 0)
            return what + ": no answer from " + _system + ": " + answer.failure + " " +
                   answer.message;
        auto text = what + ": " + _system + " answers " + std::to_string(answer.status);
        if (const auto reason = reasonIn(answer.json()); !reason.empty())
            text += ": " + reason.substr(0, 300);
        return text;
    }

protected:
    /// What the system itself says in the body of an answer that is no success; empty: nothing.
    virtual std::string reasonIn(const Json& body) const
    {
        const auto message = body.is_object() ? body.value("message", Json()) : Json();
        return message.is_string() ? message.get<std::string>() : std::string();
    }

private:
    std::string _system;
    std::string _credential;
};

} // namespace muster::target
