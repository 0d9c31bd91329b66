#include "Site.h"

#include <algorithm>
#include <regex>
#include <stdexcept>
#include <string_view>
#include <unordered_set>

namespace deskdirector {

using muster::target::Answer;
using muster::target::Request;

namespace {

constexpr size_t kPage = 100;
constexpr int kPasses = 3; ///< over a list that changes while it is read

/// What the site says of an error; its API does not document where (contract, Part 2, section 2).
std::string messageOf(const Answer& answer)
{
    const auto body = answer.json();
    if (!body.is_object())
        return {};
    for (const auto* key : {"message", "error", "errorDescription", "detail", "title"})
        if (const auto value = body.value(key, Json()); value.is_string())
            return value.get<std::string>().substr(0, 300);
    if (const auto status = body.value("responseStatus", Json()); status.is_object())
        return status.value("message", "").substr(0, 300);
    return {};
}

std::string identity(const Json& item)
{
    if (auto id = idOf(item); !id.empty())
        return id;
    if (item.is_object())
        if (auto id = idOf(item.value("contact", Json())); !id.empty())
            return id;
    return item.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Answer cutShort(const char* why)
{
    Answer answer;
    answer.failure = "unknown";
    answer.message = why;
    return answer;
}

} // namespace

/// How far a list is read.
struct Site::Progress
{
    std::unordered_set<std::string> seen = {};
    std::optional<Answer> failure = {};
    std::optional<size_t> total = {};
    bool isStarted = false;
    size_t next = 0; ///< what to skip to get what is not asked for yet
    size_t step = 0; ///< results in a page: a site may give less than asked for
    size_t last = 0; ///< results in the page read last

    void startAgain()
    {
        total.reset();
        isStarted = false;
        next = step = last = 0;
    }

    bool isWhole() const { return seen.size() >= total.value_or(0); }

    /// The pages to ask for now: the first, then all others at once, or one by one where the site
    /// does not say how many there are.
    std::vector<size_t> nextPages()
    {
        std::vector<size_t> pages;
        if (failure)
            return pages;
        if (!isStarted)
            pages.push_back(0);
        else if (total && step > 0)
            for (; next < *total; next += step)
                pages.push_back(next);
        else if (!total && last >= kPage)
            pages.push_back(next);
        isStarted = true;
        return pages;
    }
};

std::vector<std::optional<Answer>> Site::readAll(const std::vector<List>& lists,
                                                 const OnItem& item) const
{
    std::vector<Progress> all(lists.size());
    const auto readRound = [&] {
        std::vector<size_t> owners;
        std::vector<Request> requests;
        for (size_t list = 0; list < lists.size(); ++list)
            for (const auto skip : all[list].nextPages())
            {
                owners.push_back(list);
                requests.push_back(page(lists[list], skip));
            }
        if (requests.empty())
            return false;
        _host.send(requests, [&](size_t index, const Answer& answer) {
            take(all[owners[index]], answer, owners[index], item);
        });
        return true;
    };
    const auto isOpen = [](const Progress& progress) {
        return !progress.failure && !progress.isWhole();
    };

    while (readRound())
        ;
    // A record that comes or goes while pages are read moves others from one page to another.
    for (int pass = 1; pass < kPasses && std::any_of(all.begin(), all.end(), isOpen); ++pass)
    {
        for (auto& progress : all)
            if (isOpen(progress))
                progress.startAgain();
        while (readRound())
            ;
    }

    std::vector<std::optional<Answer>> failures;
    for (auto& progress : all)
        failures.push_back(isOpen(progress) ? cutShort("the list changed while it was read")
                                            : std::move(progress.failure));
    return failures;
}

void Site::take(Progress& progress, const Answer& answer, size_t list, const OnItem& item)
{
    const auto body = answer.isSuccess() ? answer.json() : Json();
    const auto results = body.is_array() ? body : field(body, "results");
    if (!results.is_array())
    {
        if (!progress.failure)
            progress.failure =
                answer.isSuccess() ? cutShort("the answer is no list of results") : answer;
        return;
    }
    if (const auto total = field(body, "totalResults"); total.is_number_unsigned())
        progress.total = std::max(progress.total.value_or(0), total.get<size_t>());
    progress.step = std::max(progress.step, results.size());
    progress.last = results.size();
    progress.next += results.size();
    for (const auto& result : results)
        if (progress.seen.insert(identity(result)).second)
            item(list, result);
}

Request Site::page(const List& list, size_t skip) const
{
    auto places = list.places;
    places["skip"] = std::to_string(skip);
    places["take"] = std::to_string(kPage);
    auto body = list.body;
    if (body.is_object())
    {
        body["skip"] = skip;
        body["take"] = kPage;
    }
    return _profile.request(list.call, places, body);
}

const char* const kKeyRefused =
    "the site refuses the key (401): make a read-write key in Admin Portal > Advanced > Developer "
    "Corner and set it again";

bool isLimit(const Answer& answer)
{
    static const std::regex kLimit(R"(\b50\b|limit|maximum|at most|too many)", std::regex::icase);
    return answer.status == 409 && std::regex_search(messageOf(answer), kLimit);
}

bool isKeyRefused(const Answer& answer)
{
    return answer.status == 401;
}

std::string describe(const std::string& what, const Answer& answer)
{
    if (answer.status == 0)
        return what + ": no answer from the site: " + answer.message;
    auto text = what + ": the site answers " + std::to_string(answer.status);
    if (const auto message = messageOf(answer); !message.empty())
        text += ": " + message;
    return answer.status == 403 ? sentence(text) + " Give the API key the right to do this." : text;
}

std::string sentence(std::string text)
{
    if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos)
        text += '.';
    return text;
}

void fail(const std::string& what, const Answer& answer)
{
    if (isKeyRefused(answer))
        throw muster::target::SettingError("apiKey", kKeyRefused);
    if (answer.failure == "cancelled")
        throw muster::target::CancelledError();
    if (answer.mayWorkLater())
        throw muster::target::RetryError(describe(what, answer));
    throw std::runtime_error(describe(what, answer));
}

std::string idOf(const Json& object)
{
    const auto id = object.is_object() ? object.value("id", Json()) : Json();
    if (id.is_number_integer())
        return id.dump();
    return id.is_string() ? id.get<std::string>() : std::string();
}

} // namespace deskdirector
