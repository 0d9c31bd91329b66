#include "GraphLists.h"

#include "Base64.h"
#include "GraphTypes.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace muster::sandbox {

namespace {

using Index = World::Index;
using Kind = World::Kind;
using Life = World::Life;
using Relation = World::Relation;

constexpr std::size_t kExpandLimit = 20;

enum class Typed
{
    No,
    Yes
};

/// Writes one object as a listing shows it. A kind that the app may not read comes with its id and
/// every property null: contract 2.3.
void appendObject(std::string& text, const World& world, const World::Object& object,
                  const GraphCall& call, Typed typed)
{
    const auto& type = graphType(object.kind);
    const bool isLimited = !call.app.hasAny(readRoles(object.kind));
    const auto select = call.select();
    text += text.empty() ? "{" : ",{";
    if (typed == Typed::Yes)
    {
        text += "\"@odata.type\":";
        appendType(text, object.kind);
        text += ',';
    }
    text += "\"id\":\"";
    object.id.appendTo(text);
    text += '"';
    for (const auto& name : select.empty() ? type.defaultSelect() : select)
    {
        const auto* property = object.property(world.propertyId(name));
        const auto empty = type.emptyValue(name);
        if (isLimited && (property != nullptr || !empty.empty()))
            appendProperty(text, name, "null");
        else if (property != nullptr)
            appendProperty(text, name, property->json);
        else if (!empty.empty())
            appendProperty(text, name, empty);
    }
    if (object.life == Life::SoftDeleted)
        appendProperty(text, "deletedDateTime", '"' + timeText(object.deletedAt) + '"');
    text += '}';
}

std::size_t pageSize(const GraphCall& call)
{
    const std::string text = call.request.parameter("$top").value_or("100");
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{} || end != text.data() + text.size() || size == 0 || size > 999)
        throw GraphError(400, "Request_BadRequest",
                         "Invalid page size specified: '" + text +
                             "'. Must be between 1 and 999 inclusive.");
    return size;
}

std::size_t startOf(const GraphCall& call)
{
    const auto token = call.request.parameter("$skiptoken");
    if (!token)
        return 0;
    const std::string text = fromBase64(*token).value_or("");
    std::size_t start = 0;
    if (text.rfind("at:", 0) != 0 ||
        std::from_chars(text.data() + 3, text.data() + text.size(), start).ec != std::errc{})
        throw GraphError(400, "Directory_ExpiredPageToken",
                         "The specified page token value has expired and can no longer be included "
                         "in your request.");
    return start;
}

/// One page of a listing, taken from `size` places of which `shown` says which belong to it.
class ListPage
{
public:
    ListPage(const GraphCall& call, const std::string& collection)
        : _call(call),
          _head({{"@odata.context", contextOf(call.request, collection, call.select())}})
    {}

    template <typename Shown, typename Append>
    Response build(std::size_t size, Shown shown, Append append)
    {
        const std::size_t top = pageSize(_call);
        const std::size_t start = startOf(_call);
        if (start == 0 && _call.isEventual() && _call.request.parameter("$count") == "true")
            _head["@odata.count"] = countOf(size, shown);
        std::string values;
        std::size_t taken = 0;
        for (std::size_t place = start; place < size; ++place)
        {
            if (!shown(place))
                continue;
            if (taken == top)
            {
                _head["@odata.nextLink"] = linkTo(place);
                break;
            }
            append(values, place);
            ++taken;
        }
        std::string body = _head.dump();
        body.back() = ',';
        return {.body = body + "\"value\":[" + values + "]}"};
    }

    template <typename Shown>
    static std::size_t countOf(std::size_t size, Shown shown)
    {
        std::size_t count = 0;
        for (std::size_t place = 0; place < size; ++place)
            count += shown(place) ? 1 : 0;
        return count;
    }

private:
    std::string linkTo(std::size_t place) const
    {
        std::string link = _call.request.baseUrl + _call.request.path + '?';
        for (const auto& [name, value] : _call.request.query)
        {
            if (name == "$select" || name == "$top" || name == "$count")
                link += name + '=' + value + '&';
        }
        return link + "$skiptoken=" + base64Url("at:" + std::to_string(place));
    }

    const GraphCall& _call;
    Json _head;
};

Index requireLive(const GraphCall& call, const World& world, Kind kind, const std::string& id)
{
    const auto found = world.find(call.id(id));
    if (!found || world.object(*found).kind != kind || world.object(*found).life != Life::Live)
        throw GraphError(404, "Request_ResourceNotFound",
                         "Resource '" + id +
                             "' does not exist or one of its queried reference-property objects "
                             "are not present.");
    return *found;
}

bool mayListMembers(const GraphCall& call, const World& world, const World::Object& group)
{
    const auto* visibility = group.property(world.propertyId("visibility"));
    return visibility == nullptr || !equalsWithoutCase(visibility->json, "\"HiddenMembership\"") ||
           call.app.hasAny({"Member.Read.Hidden"});
}

/// v1.0 leaves out service principals and what is soft-deleted: contract 2.3 and 3.4.
bool isListed(const World& world, const World::Link& link)
{
    const auto& target = world.object(link.target);
    return link.present != 0 && target.life == Life::Live && target.kind != Kind::ServicePrincipal;
}

/// The objects of a relation as a page, all of them or those of a cast, or their number.
Response answerObjects(const GraphCall& call, const World& world, const std::vector<Index>& found,
                       const std::string& rest)
{
    call.refuse({"$expand", "$filter", "$search", "$orderby", "$skip"});
    constexpr std::string_view kCast = "microsoft.graph.";
    const std::string cast = rest.rfind(kCast, 0) == 0 ? rest.substr(kCast.size()) : std::string();
    const auto shown = [&](std::size_t place) {
        return cast.empty() || cast == kindName(world.object(found[place]).kind);
    };
    if (rest == "$count")
    {
        if (!call.isEventual())
            throw GraphError(400, "Request_BadRequest", "$count is not currently supported.");
        return {.contentType = "text/plain", .body = std::to_string(found.size())};
    }
    if (!rest.empty() && cast.empty())
        throw GraphError(400, "BadRequest", "Resource not found for the segment '" + rest + "'.");
    return ListPage(call, "directoryObjects")
        .build(found.size(), shown, [&](std::string& text, std::size_t place) {
            appendObject(text, world, world.object(found[place]), call, Typed::Yes);
        });
}

void appendExpanded(std::string& text, const World& world, const World::Object& group,
                    const GraphCall& call)
{
    std::string members;
    std::size_t count = 0;
    for (const auto& link : group.members)
    {
        if (link.present == 0 || world.object(link.target).life != Life::Live)
            continue;
        if (++count > kExpandLimit)
            break;
        appendObject(members, world, world.object(link.target), call, Typed::Yes);
    }
    text.pop_back();
    appendProperty(text, "members", '[' + members + ']');
    text += '}';
}

} // namespace

Response GraphLists::list(const GraphCall& call, World::Kind kind) const
{
    call.refuse({"$expand", "$filter", "$search", "$orderby", "$skip"});
    return _directory.read(call.app.tenant, [&](const World& world) {
        const auto& objects = world.objects();
        return ListPage(call, graphType(kind).collection)
            .build(
                objects.size(),
                [&](std::size_t place) {
                    return objects[place].kind == kind && objects[place].life == Life::Live;
                },
                [&](std::string& text, std::size_t place) {
                    appendObject(text, world, objects[place], call, Typed::No);
                });
    });
}

Response GraphLists::count(const GraphCall& call, World::Kind kind) const
{
    if (!call.isEventual())
        throw GraphError(400, "Request_BadRequest", "$count is not currently supported.");
    return {.contentType = "text/plain",
            .body = std::to_string(_directory.read(
                call.app.tenant, [&](const World& world) { return world.liveCount(kind); }))};
}

Response GraphLists::get(const GraphCall& call, World::Kind kind, const std::string& id) const
{
    const auto expand = call.request.parameter("$expand");
    if (expand && (kind != Kind::Group || *expand != "members"))
        call.refuse({"$expand"});
    return _directory.read(call.app.tenant, [&](const World& world) {
        const auto& object = world.object(requireLive(call, world, kind, id));
        std::string text;
        appendObject(text, world, object, call, Typed::No);
        if (expand)
            appendExpanded(text, world, object, call);
        const Json context =
            contextOf(call.request, graphType(kind).collection, call.select()) + "/$entity";
        return Response{.body = "{\"@odata.context\":" + context.dump() + ',' + text.substr(1)};
    });
}

Response GraphLists::links(const GraphCall& call, const std::string& group,
                           World::Relation relation, const std::string& rest) const
{
    return _directory.read(call.app.tenant, [&](const World& world) {
        const auto& object = world.object(requireLive(call, world, Kind::Group, group));
        std::vector<Index> found;
        if (relation == Relation::Owners || mayListMembers(call, world, object))
        {
            for (const auto& link : object.links(relation))
            {
                if (isListed(world, link))
                    found.push_back(link.target);
            }
        }
        return answerObjects(call, world, found, rest);
    });
}

Response GraphLists::transitiveMembers(const GraphCall& call, const std::string& group,
                                       const std::string& rest) const
{
    return _directory.read(call.app.tenant, [&](const World& world) {
        std::vector<Index> found;
        std::vector<Index> groups{requireLive(call, world, Kind::Group, group)};
        std::set<Index> seen{groups.front()};
        for (std::size_t next = 0; next < groups.size(); ++next)
        {
            const auto& object = world.object(groups[next]);
            if (!mayListMembers(call, world, object))
                continue;
            for (const auto& link : object.members)
            {
                if (!isListed(world, link) || !seen.insert(link.target).second)
                    continue;
                found.push_back(link.target);
                if (world.object(link.target).kind == Kind::Group)
                    groups.push_back(link.target);
            }
        }
        return answerObjects(call, world, found, rest);
    });
}

Response GraphLists::organization(const GraphCall& call) const
{
    return _directory.read(call.app.tenant, [&](const World& world) {
        const Json full{{"displayName", world.name()},
                        {"onPremisesSyncEnabled", nullptr},
                        {"tenantType", "AAD"},
                        {"verifiedDomains",
                         {{{"name", world.domain()},
                           {"type", "Managed"},
                           {"capabilities", "Email, OfficeCommunicationsOnline"},
                           {"isDefault", true},
                           {"isInitial", true}}}}};
        const auto select = call.select();
        Json shown{{"id", call.app.tenant}};
        for (const auto& [name, value] : full.items())
        {
            if (select.empty() || std::find(select.begin(), select.end(), name) != select.end())
                shown[name] = value;
        }
        return Response::json(200,
                              {{"@odata.context", contextOf(call.request, "organization", select)},
                               {"value", {shown}}});
    });
}

Response GraphLists::applications(const GraphCall& call, const std::string& collection) const
{
    const auto select = call.select();
    Json values = Json::array();
    const auto wanted = "appId eq '" + call.app.clientId + "'";
    if (equalsWithoutCase(call.request.parameter("$filter").value_or(wanted), wanted))
    {
        // A secret belongs to the registration; a service principal has others, if any.
        const Json full{{"appId", call.app.clientId},
                        {"displayName", "Muster"},
                        {"passwordCredentials", collection == "applications"
                                                    ? call.settings.passwordCredentials
                                                    : Json::array()}};
        Json shown{{"id", call.app.clientId}};
        for (const auto& [name, value] : full.items())
        {
            if (select.empty() || std::find(select.begin(), select.end(), name) != select.end())
                shown[name] = value;
        }
        values.push_back(std::move(shown));
    }
    return Response::json(
        200, {{"@odata.context", contextOf(call.request, collection, select)}, {"value", values}});
}

Response GraphLists::getByIds(const GraphCall& call) const
{
    const Json body = Json::parse(call.request.body, nullptr, false);
    if (!body.is_object() || !body.value("ids", Json()).is_array())
        throw GraphError(400, "Request_BadRequest", "The body needs a collection of ids.");
    if (body["ids"].size() > 1000)
        throw GraphError(400, "Request_BadRequest", "Too many ids are given; 1000 are allowed.");
    std::set<std::string> types;
    for (const auto& type : body.value("types", Json::array()))
        types.insert(lowerCase(type.get<std::string>()));
    return _directory.read(call.app.tenant, [&](const World& world) {
        std::string values;
        for (const auto& id : body["ids"])
        {
            const auto found = world.find(call.id(id.get<std::string>()));
            if (!found || world.object(*found).life != Life::Live ||
                (!types.empty() && types.count("directoryobject") == 0 &&
                 types.count(lowerCase(kindName(world.object(*found).kind))) == 0))
                continue;
            appendObject(values, world, world.object(*found), call, Typed::Yes);
        }
        const Json context = contextOf(call.request, "directoryObjects", call.select());
        return Response{.body = "{\"@odata.context\":" + context.dump() + ",\"value\":[" + values +
                                "]}"};
    });
}

Response GraphLists::deletedItems(const GraphCall& call, World::Kind kind) const
{
    call.refuse({"$expand", "$filter", "$search", "$orderby", "$skip"});
    return _directory.read(call.app.tenant, [&](const World& world) {
        const auto& objects = world.objects();
        return ListPage(call, graphType(kind).collection)
            .build(
                objects.size(),
                [&](std::size_t place) {
                    return objects[place].kind == kind && objects[place].life == Life::SoftDeleted;
                },
                [&](std::string& text, std::size_t place) {
                    appendObject(text, world, objects[place], call, Typed::No);
                });
    });
}

Response GraphLists::restore(const GraphCall& call, const std::string& id) const
{
    const auto kind = _directory.read(call.app.tenant, [&](const World& world) {
        const auto found = world.find(call.id(id));
        if (!found || world.object(*found).life != Life::SoftDeleted)
            throw GraphError(404, "Request_ResourceNotFound",
                             "Resource '" + id + "' does not exist among the deleted items.");
        return world.object(*found).kind;
    });
    if (!call.app.hasAny({kind == Kind::User ? "User.ReadWrite.All" : "Group.ReadWrite.All"}))
        throw GraphError(403, "Authorization_RequestDenied",
                         "Insufficient privileges to complete the operation.");
    _directory.restoreDeleted(call.app.tenant, kind, call.id(id));
    return _directory.read(call.app.tenant, [&](const World& world) {
        std::string text;
        appendObject(text, world, world.object(*world.find(call.id(id))), call, Typed::Yes);
        return Response{.body = text};
    });
}

} // namespace muster::sandbox
