#pragma once

#include "DeskRecords.h"
#include "Http.h"

#include <algorithm>
#include <charconv>

namespace muster::sandbox {

/// The id in a path; 404 when it is none.
inline int idOf(const std::string& text)
{
    int id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size())
        throw DeskError{404, "There is nothing with the id '" + text + "'."};
    return id;
}

/// The body of a call, an object; 400 when it is none.
inline Json bodyOf(const Request& request)
{
    Json body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
    if (!body.is_object())
        throw DeskError{400, "The body must be a JSON object."};
    return body;
}

/// A list's `skip` and `take`; take is at most 100 (contracts/deskdirector.md Part 1).
struct DeskPage
{
    static constexpr std::size_t kMaxTake = 100;

    std::size_t skip = 0;
    std::size_t take = kMaxTake;

    static DeskPage ofQuery(const Request& request)
    {
        DeskPage page;
        page.skip = numberOf(request.parameter("skip"), 0);
        page.take = std::min(numberOf(request.parameter("take"), kMaxTake), kMaxTake);
        return page;
    }

    static DeskPage ofBody(const Json& body)
    {
        DeskPage page;
        page.skip = body.value("skip", std::size_t{0});
        page.take = std::min(body.value("take", kMaxTake), kMaxTake);
        return page;
    }

    /// The page of those that are shown, as {"results","totalResults"}.
    template <typename Records, typename Shown, typename ToJson>
    Response answer(const Records& records, Shown shown, ToJson toJson) const
    {
        Json results = Json::array();
        std::size_t total = 0;
        for (const auto& record : records)
        {
            if (!shown(record))
                continue;
            if (total >= skip && results.size() < take)
                results.push_back(toJson(record));
            ++total;
        }
        return Response::json(200, {{"results", std::move(results)}, {"totalResults", total}});
    }

private:
    static std::size_t numberOf(const std::optional<std::string>& text, std::size_t otherwise)
    {
        if (!text)
            return otherwise;
        std::size_t number = 0;
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), number);
        if (error != std::errc{} || end != text->data() + text->size())
            throw DeskError{400, "'" + *text + "' is not a number."};
        return number;
    }
};

} // namespace muster::sandbox
