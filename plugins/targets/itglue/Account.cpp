#include "Account.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_set>

namespace itglue {

using muster::target::Answer;
using muster::target::Repeat;
using muster::target::Request;

namespace {

constexpr int kPasses = 3; ///< over a list that changes while it is read
constexpr const char* kPayload = "application/vnd.api+json";

std::optional<size_t> numberIn(const Json& object, const char* name)
{
    const auto value = object.is_object() ? object.value(name, Json()) : Json();
    return value.is_number_unsigned() ? std::optional(value.get<size_t>()) : std::nullopt;
}

} // namespace

/// How far a list is read.
struct Account::Progress
{
    std::unordered_set<std::string> seen = {};
    std::optional<size_t> total = {};
    size_t pages = 1;
    size_t next = 1;

    bool isWhole() const { return total && seen.size() >= *total; }
    void startAgain()
    {
        total.reset();
        pages = next = 1;
    }
};

Account::Account(const muster::target::Host& host, const Json& settings)
    : _host(host),
      _place(settings.contains("region") ? "region " + settings["region"].get<std::string>()
                                         : settings.value("url", ""))
{}

void Account::readAll(const std::vector<List>& lists, const OnItem& item,
                      const OnItem& included) const
{
    std::vector<Progress> all(lists.size());
    // What comes or goes while pages are read moves others from one page to another.
    for (int pass = 0; pass < kPasses; ++pass)
    {
        while (readPages(lists, all, item, included))
            ;
        bool isWhole = true;
        for (auto& progress : all)
            if (!progress.isWhole())
            {
                progress.startAgain();
                isWhole = false;
            }
        if (isWhole)
            return;
    }
    for (size_t list = 0; list < lists.size(); ++list)
        if (!all[list].isWhole())
            throw muster::target::RetryError(lists[list].what +
                                             ": IT Glue gave fewer than it says there are, "
                                             "several times: the list changes, or is cut");
}

/// The first page of each list, then all others at once. False when there is none left to ask for.
bool Account::readPages(const std::vector<List>& lists, std::vector<Progress>& all,
                        const OnItem& item, const OnItem& included) const
{
    std::vector<size_t> owners;
    std::vector<Request> requests;
    for (size_t list = 0; list < lists.size(); ++list)
        for (; !all[list].isWhole() && all[list].next <= all[list].pages; ++all[list].next)
        {
            owners.push_back(list);
            requests.push_back(page(lists[list], all[list].next));
        }
    if (requests.empty())
        return false;
    std::optional<std::pair<size_t, Answer>> failure;
    _host.send(requests, [&](size_t index, const Answer& answer) {
        const auto list = owners[index];
        const auto body = answer.isSuccess() ? answer.json() : Json();
        const auto data = body.is_object() ? body.value("data", Json()) : Json();
        const auto meta = body.is_object() ? body.value("meta", Json()) : Json();
        const auto total = numberIn(meta, "total-count");
        if (failure || !data.is_array() || !total)
        {
            if (!failure)
                failure.emplace(list, answer);
            return;
        }
        auto& progress = all[list];
        progress.total = std::max(progress.total.value_or(0), *total);
        progress.pages = std::max(progress.pages, numberIn(meta, "total-pages").value_or(1));
        for (const auto& resource : data)
            if (const auto id = resource.is_object() ? idOf(resource.value("id", Json())) : "";
                !id.empty() && progress.seen.insert(id).second)
                item(list, resource);
        if (included)
            for (const auto& resource : body.value("included", Json::array()))
                included(list, resource);
    });
    if (failure)
        fail(lists[failure->first].what, failure->second);
    return true;
}

Request Account::page(const List& list, size_t number)
{
    Request request;
    request.path = list.path + (list.path.find('?') == list.path.npos ? "?" : "&") +
                   "page%5Bnumber%5D=" + std::to_string(number) +
                   "&page%5Bsize%5D=" + std::to_string(list.page);
    return request;
}

size_t Account::count(const List& list) const
{
    const auto answer = _host.send(page({list.path, list.what, 1}, 1));
    const auto body = answer.isSuccess() ? answer.json() : Json();
    const auto total =
        body.is_object() ? numberIn(body.value("meta", Json()), "total-count") : std::nullopt;
    if (!total)
        fail(list.what, answer);
    return *total;
}

std::string Account::describe(const std::string& what, const Answer& answer) const
{
    if (answer.status == 0)
        return what + ": no answer from IT Glue (" + _place + "): " + answer.message;
    auto text = what + ": IT Glue answers " + std::to_string(answer.status);
    if (const auto message = messageOf(answer); !message.empty())
        text += ": " + message;
    else if (answer.isSuccess())
        text += " with something that is not what was asked for";
    return text;
}

void Account::fail(const std::string& what, const Answer& answer) const
{
    if (answer.failure == "cancelled")
        throw muster::target::CancelledError();
    if (isKeyRefused(answer))
        failKey();
    // A success that cannot be read was cut, or is a page of something in between.
    if (answer.mayWorkLater() || answer.isSuccess())
        throw muster::target::RetryError(describe(what, answer));
    throw std::runtime_error(describe(what, answer));
}

bool Account::isKeyRefused(const Answer& answer) const
{
    const auto isRefusal = [](const Answer& one) {
        return (one.status == 401 && !isAboutReference(one)) || one.status == 403;
    };
    if (!isRefusal(answer) || answer.status == 401)
        return isRefusal(answer);
    // A firewall in front of IT Glue answers 403 to texts that it takes for an attack.
    Request probe;
    probe.path = "/organizations?page%5Bnumber%5D=1&page%5Bsize%5D=1";
    return isRefusal(_host.send(probe));
}

void Account::failKey() const
{
    throw muster::target::SettingError("apiKey", keyAdvice());
}

std::string Account::keyAdvice() const
{
    return "IT Glue (" + _place +
           ") refuses the key: it is wrong, revoked (also after 90 days without use), of an "
           "account in another region, or this machine's address is not allowed there. Make a key "
           "in Account > Settings > API Keys and set it again, or mend region";
}

Request writeOf(const std::string& method, const std::string& path, const Json& document,
                Repeat repeat)
{
    Request request;
    request.method = method;
    request.path = path;
    request.body = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    request.headers["content-type"] = kPayload;
    request.repeat = repeat;
    return request;
}

bool isAboutReference(const Answer& answer)
{
    return answer.status == 401 &&
           messageOf(answer).find("Unauthorized resource access") != std::string::npos;
}

std::string messageOf(const Answer& answer)
{
    const auto body = answer.json();
    const auto errors = body.is_object() ? body.value("errors", Json()) : Json();
    std::string text;
    if (errors.is_array())
        for (const auto& error : errors)
        {
            auto part = textOf(error, "detail");
            if (part.empty())
                part = textOf(error, "title");
            if (text.size() < 300 && text.find(part) == text.npos)
                text += (text.empty() ? "" : "; ") + part.substr(0, 300);
        }
    return text;
}

std::string idOf(const Json& value)
{
    if (value.is_number_integer())
        return value.dump();
    return value.is_string() ? value.get<std::string>() : std::string();
}

Json idValue(const std::string& id)
{
    const auto number = Json::parse(id, nullptr, false);
    return number.is_number_integer() ? number : Json(id);
}

Json attributesOf(const Json& resource)
{
    const auto attributes = resource.is_object() ? resource.value("attributes", Json()) : Json();
    return attributes.is_object() ? attributes : Json::object();
}

std::string textOf(const Json& object, const std::string& name)
{
    const auto value = object.is_object() ? object.value(name, Json()) : Json();
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::string sentence(std::string text)
{
    if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos)
        text += '.';
    return text;
}

std::string organizationIn(const Json& scope)
{
    auto id = scope.is_object() ? idOf(scope.value("organization", Json())) : std::string();
    if (id.empty())
        throw muster::target::SettingError("scope.organization",
                                           "the sync must name the organization that it documents");
    return id;
}

} // namespace itglue
