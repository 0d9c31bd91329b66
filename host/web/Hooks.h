#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace muster::web {

using Json = nlohmann::json;

/// A list that a form on a target's site asks for.
struct ChoiceCall
{
    std::string plugin;
    std::string target;
    std::string list;
    std::string term;        ///< only choices with it; empty: all
    std::string accessToken; ///< of who fills in the form; may be anything
};

struct ChoiceAnswer
{
    Json items = Json::array(); ///< [{"name", "identifier"}]
    std::string origin = {};    ///< of the site; empty: not known
};

/// Something that a target's site tells.
struct EventCall
{
    std::string plugin;
    std::string target;
    std::string secret;               ///< of the address
    std::vector<std::string> tickets; ///< ids
};

/// What is behind the doors; called from several threads, answers at once. Each may be empty.
struct HookParts
{
    std::function<std::optional<ChoiceAnswer>(const ChoiceCall&)> choices = {};
    std::function<bool(const EventCall&)> announce = {};
};

/// A request below /hooks/.
struct HookRequest
{
    std::string method = "GET";
    std::vector<std::string> path = {}; ///< below /hooks/, decoded
    std::map<std::string, std::string> query = {};
    std::string body = {};
};

struct HookAnswer
{
    int status = 200;
    Json body = {}; ///< null: none
    std::map<std::string, std::string> headers = {};
};

/// Thread-safe. The doors for the sites of targets (contract deskdirector.md, Part 1, end): no
/// token, so they take little, tell little, and only so many may come in a second.
///     GET, POST PLUGIN/TARGET/choices/LIST   choices for a form's dynamic field
///     POST PLUGIN/TARGET/events/SECRET       there may be a new ticket
class Hooks
{
public:
    static constexpr size_t kLargestBody = 64u << 10;

    explicit Hooks(HookParts parts) : _parts(std::move(parts)) {}

    HookAnswer answer(const HookRequest& request);

private:
    bool isFlooded();
    HookAnswer choices(const HookRequest& request) const;
    HookAnswer announce(const HookRequest& request) const;

    HookParts _parts;
    std::mutex _mutex; ///< guards what follows
    std::chrono::steady_clock::time_point _second = {};
    int _count = 0; ///< of requests in that second
};

} // namespace muster::web
