#include "FakeScim.h"

#include <muster/Keys.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

namespace muster::tests {

using testing::FakeAnswer;
using testing::FakeRequest;

namespace {

std::string unescaped(const std::string& text)
{
    std::string result;
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] == '%')
        {
            result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        }
        else
            result += text[i];
    return result;
}

/// A parameter of a query; empty: it is not there.
std::string parameter(const std::string& query, const std::string& name)
{
    const auto at = ("&" + query).find("&" + name + "=");
    if (at == std::string::npos)
        return {};
    const auto begin = at + name.size() + 1;
    return unescaped(query.substr(begin, query.find('&', begin) - begin));
}

size_t parameter(const std::string& query, const std::string& name, size_t otherwise)
{
    const auto text = parameter(query, name);
    return text.empty() ? otherwise : std::stoul(text);
}

FakeAnswer error(int status, const std::string& type)
{
    return {status, FakeScim::Json{{"scimType", type}, {"detail", "the fake says " + type}}.dump()};
}

} // namespace

FakeAnswer FakeScim::answer(const FakeRequest& request)
{
    others(request);
    const auto question = std::min(request.path.find('?'), request.path.size());
    const auto path = request.path.substr(0, question);
    const auto query = request.path.substr(std::min(question + 1, request.path.size()));
    auto& all = folder(path);
    const auto slash = path.find('/', 1);
    if (slash == path.npos && request.method == "GET")
        return list(all, query);
    if (slash == path.npos)
    {
        all.push_back(Json::parse(request.body));
        all.back()["id"] = "new" + std::to_string(all.size());
        return {201, all.back().dump()};
    }
    for (auto& resource : all)
        if (resource["id"] == unescaped(path.substr(slash + 1)))
            return request.method == "PATCH" ? patch(resource, request)
                                             : FakeAnswer{200, shown(resource, false).dump()};
    return error(404, "");
}

FakeAnswer FakeScim::list(const std::vector<Json>& all, const std::string& query)
{
    const auto filter = parameter(query, "filter");
    if (!answersPresence && filter.find(" pr") != filter.npos)
        return error(400, "invalidFilter");
    std::vector<Json> found;
    for (const auto& one : all)
        if (filter.empty() || matches(one, filter))
            found.push_back(shown(one, parameter(query, "attributes") == "members"));
    auto start = places == Places::Ignored ? 1 : parameter(query, "startIndex", 1);
    const auto count = std::min(parameter(query, "count", 100), mostPerPage);
    if (start > found.size() && places == Places::RefusedBehindTheEnd)
        return error(400, "invalidValue");
    if (start > found.size() && places == Places::WholeListBehindTheEnd)
        start = 1;
    Json page = Json::array();
    for (auto i = start - 1; i < found.size() && page.size() < count; ++i)
        page.push_back(found[i]);
    const auto total = totals == Totals::OfPage ? page.size() : found.size();
    return {200, Json{{"totalResults", total}, {"Resources", page}}.dump()};
}

/// A text is the same in upper and lower case, as with most services.
bool FakeScim::matches(const Json& resource, const std::string& filter) const
{
    const auto space = filter.find(" eq ");
    const auto name = filter.substr(0, space);
    const auto quoted = filter.substr(space + 4);
    const auto presence = quoted.find(" and members pr");
    const auto value = Json::parse(quoted.substr(0, presence)).get<std::string>();
    const auto isPresent = !resource.value("members", Json::array()).empty();
    return nameKeyNoCase(resource.value(name, "")) == nameKeyNoCase(value) &&
           (presence == quoted.npos || isPresent);
}

FakeScim::Json FakeScim::shown(Json resource, bool isAskedForMembers) const
{
    const auto isEmpty = resource.value("members", Json::array()).empty();
    if (members == Shown::Never || (members == Shown::WhenAskedFor && !isAskedForMembers) ||
        (members == Shown::WhenThereAreAny && isEmpty))
        resource.erase("members");
    return resource;
}

FakeAnswer FakeScim::patch(Json& resource, const FakeRequest& request)
{
    auto& version = resource["meta"]["version"];
    const auto condition = request.headers.find("If-Match");
    if (condition != request.headers.end() && condition->second != version)
        return error(412, "");
    const auto body = Json::parse(request.body);
    for (const auto& operation : body["Operations"])
    {
        const std::string path = operation["path"];
        const auto filter = path.find("[value eq ");
        auto& there = resource[path.substr(0, filter)];
        if (filter == path.npos && operation["op"] == "add")
            there.insert(there.end(), operation["value"].begin(), operation["value"].end());
        else if (filter == path.npos)
            there = operation.value("value", Json());
        else
        {
            const auto value = path.substr(filter + 10, path.size() - filter - 11);
            Json left = Json::array();
            for (const auto& member : there)
                if (member["value"] != Json::parse(value))
                    left.push_back(member);
            if (refusesWhatIsGone && left.size() == there.size())
                return error(400, "noTarget");
            there = left;
        }
    }
    if (version.is_string())
        version = "W/\"" + std::to_string(std::hash<std::string>()(resource.dump())) + "\"";
    return {200, resource.dump()};
}

std::vector<FakeScim::Json>& FakeScim::folder(const std::string& path)
{
    return path.rfind("/Users", 0) == 0 ? users : groups;
}

FakeScim::Json FakeScim::group(const std::string& id) const
{
    const auto isIt = [&](const Json& one) { return one["id"] == id; };
    CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, std::count_if(groups.begin(), groups.end(), isIt));
    return *std::find_if(groups.begin(), groups.end(), isIt);
}

void FakeScim::addGroups(size_t count)
{
    for (size_t i = 1; i <= count; ++i)
        groups.push_back(
            {{"id", "g" + std::to_string(i)}, {"displayName", "Group " + std::to_string(i)}});
}

void FakeScim::addUser(const std::string& id, const Json& more)
{
    users.push_back({{"id", id}, {"userName", id + "@contoso.example"}});
    users.back().update(more);
}

FakeScim::Json& FakeScim::user(const std::string& id)
{
    for (auto& one : users)
        if (one["id"] == id)
            return one;
    CPPUNIT_FAIL("there is no user " + id);
    return users.front();
}

} // namespace muster::tests
