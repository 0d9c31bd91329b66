#include <muster/testing/CheckTarget.h>
#include <muster/testing/Instance.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using muster::testing::Case;
using muster::testing::FakeAnswer;
using muster::testing::FakeHost;
using muster::testing::FakeRequest;
using muster::testing::Instance;
using muster::testing::Json;
using muster::testing::RuleBroken;
using muster::testing::Subject;

/// Acme Desk as its documentation tells of it, in memory. Change it first: to what the
/// documentation of your system says, its errors above all.
class Sandbox
{
public:
    FakeAnswer answer(const FakeRequest& request)
    {
        const auto question = std::min(request.path.find('?'), request.path.size());
        const auto parts = split(request.path.substr(0, question));
        const auto query = request.path.substr(std::min(question + 1, request.path.size()));
        const auto& method = request.method;
        const auto body = Json::parse(request.body.empty() ? "{}" : request.body);
        if (parts.size() == 4 && parts[2] == "companies" && method == "GET")
            return ok({{"id", parts[3]}, {"name", "Contoso Ltd"}});
        if (parts.size() == 5 && parts[2] == "companies")
            return method == "POST" ? create(parts[4], body) : page(request.path, parts[4], query);
        if (parts.size() == 4 && method == "PATCH")
            return update(parts[2], parts[3], body);
        if (parts.size() >= 5 && parts[2] == "groups" && parts[4] == "members")
            return members(method, parts[3], parts.size() > 5 ? parts[5] : "", body);
        return {404, R"({"message":"there is no such page"})"};
    }

private:
    using Collection = std::map<std::string, Json>; ///< by id

    static std::vector<std::string> split(const std::string& path)
    {
        std::vector<std::string> parts;
        for (size_t at = 0; at < path.size();)
        {
            const auto end = std::min(path.find('/', at + 1), path.size());
            parts.push_back(path.substr(at + 1, end - at - 1));
            at = end;
        }
        return parts;
    }

    static FakeAnswer ok(const Json& body, int status = 200) { return {status, body.dump()}; }

    static std::string keyOf(const std::string& collection)
    {
        return collection == "people" ? "email" : "name";
    }

    static std::string unescaped(const std::string& text)
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

    FakeAnswer create(const std::string& collection, const Json& body)
    {
        const auto key = keyOf(collection);
        for (const auto& [id, item] : _collections[collection])
            if (item[key] == body.value(key, ""))
                return {409, R"({"message":"there is one already"})"};
        const auto id = collection.substr(0, 1) + std::to_string(++_lastId);
        auto& item = _collections[collection][id] = {{"id", id}, {"active", true}};
        item.update(body);
        return ok(item, 201);
    }

    /// Two items a page, so that paging is tried too.
    FakeAnswer page(const std::string& path, const std::string& collection,
                    const std::string& query)
    {
        const auto equals = std::min(query.find('='), query.size());
        const auto name = query.substr(0, equals);
        const auto value = unescaped(query.substr(std::min(equals + 1, query.size())));
        Json result{{"items", Json::array()}, {"next", nullptr}};
        for (const auto& [id, item] : _collections[collection])
        {
            if ((name == "after" && id <= value) ||
                (name == keyOf(collection) && item[name] != value))
                continue;
            if (result["items"].size() == 2)
            {
                const auto last = result["items"][1]["id"].get<std::string>();
                result["next"] = path.substr(0, path.find('?')) + "?after=" + last;
                break;
            }
            result["items"].push_back(item);
        }
        return ok(result);
    }

    FakeAnswer update(const std::string& collection, const std::string& id, const Json& body)
    {
        const auto found = _collections[collection].find(id);
        if (found == _collections[collection].end())
            return {404, R"({"message":"there is none with this id"})"};
        found->second.merge_patch(body);
        return ok(found->second);
    }

    FakeAnswer members(const std::string& method, const std::string& group,
                       const std::string& person, const Json& body)
    {
        Json items = Json::array();
        if (method == "PUT")
            _members[{group, person}] = body.value("role", "");
        if (method == "DELETE")
            return {_members.erase({group, person}) > 0 ? 204 : 404};
        for (const auto& [ends, role] : _members)
            if (ends.first == group)
                items.push_back({{"person", ends.second}, {"role", role}});
        return ok({{"items", items}, {"next", nullptr}});
    }

    std::map<std::string, Collection> _collections;
    std::map<std::pair<std::string, std::string>, std::string> _members; ///< (group, person): role
    int _lastId = 0;
};

FakeHost::Handler newSandbox()
{
    // Kept by the function that answers, and gone with it.
    return [sandbox = std::make_shared<Sandbox>()](const FakeRequest& request) {
        return sandbox->answer(request);
    };
}

/// What the contract does not know: what Acme Desk calls things.
void callsATitleJobTitle(const Subject& subject)
{
    FakeHost host(newSandbox());
    Instance instance(muster::testing::loadPlugin(subject.library), host.host(),
                      {{"site", "https://desk.example"}});
    instance.apply(subject.scope, {{{"id", 1},
                                    {"action", "create"},
                                    {"kind", "contact"},
                                    {"key", "ann@contoso.example"},
                                    {"fields", {{"title", "Clerk"}}}}});
    const auto body = Json::parse(host.requests().at(0).body);
    if (body.value("jobTitle", "") != "Clerk")
        throw RuleBroken("it sends " + body.dump(), "the documentation of Acme Desk, people");
}

std::vector<Case> ownCases(const Subject& subject)
{
    return {{"callsATitleJobTitle", [subject] { callsATitleJobTitle(subject); }}};
}

} // namespace

int main(int argc, char** argv)
{
    return muster::testing::checkTarget(argc, argv, {&newSandbox, &ownCases});
}
