#include "WorldOps.h"

#include <stdexcept>

namespace muster::sandbox {

namespace {

using Kind = World::Kind;
using Relation = World::Relation;

Guid guidOf(const Json& op, std::size_t place)
{
    if (op.size() <= place || !op[place].is_string())
        throw std::invalid_argument("an id is missing");
    const auto text = op[place].get<std::string>();
    const auto guid = Guid::parse(text);
    if (!guid)
        throw std::invalid_argument("\"" + text + "\" is no object id");
    return *guid;
}

void applyToObject(World& world, Kind kind, char what, const Json& op)
{
    const Guid id = guidOf(op, 1);
    const Json attributes = op.size() > 2 ? op[2] : Json::object();
    switch (what)
    {
    case '+':
        return world.put(kind, id, attributes);
    case '~':
        return world.change(kind, id, attributes);
    case '!':
        return world.purge(kind, id);
    case '^':
        return world.restore(kind, id);
    default:
        break;
    }
    if (kind == Kind::User || kind == Kind::Group)
        world.softDelete(kind, id);
    else
        world.purge(kind, id);
}

void applyNamed(World& world, const std::string& name, const Json& op)
{
    const std::string subject = name.substr(0, name.size() - 1);
    const char what = name.back();
    for (const Kind kind :
         {Kind::User, Kind::Group, Kind::Device, Kind::ServicePrincipal, Kind::OrgContact})
    {
        if (subject == kindName(kind) && std::string("+-~!^").find(what) != std::string::npos)
            return applyToObject(world, kind, what, op);
    }
    const bool isMember = subject == "member" || subject == "child" || subject == "holds";
    if ((what == '+' || what == '-') && (isMember || subject == "owner"))
        return world.setLink(guidOf(op, 1), isMember ? Relation::Members : Relation::Owners,
                             guidOf(op, 2), what == '+');
    throw std::invalid_argument("there is no op of that name");
}

} // namespace

void applyOp(World& world, const Json& op)
{
    if (!op.is_array() || op.empty() || !op[0].is_string() || op[0].get<std::string>().size() < 2)
        throw std::invalid_argument("an op is an array that begins with its name: " + op.dump());
    try
    {
        applyNamed(world, op[0].get<std::string>(), op);
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument(op.dump() + ": " + error.what());
    }
}

std::size_t applyOps(World& world, const Json& ops)
{
    if (!ops.is_array())
        throw std::invalid_argument("ops is not an array");
    for (const auto& op : ops)
        applyOp(world, op);
    return ops.size();
}

} // namespace muster::sandbox
