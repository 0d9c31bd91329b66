#include "WorldFile.h"

#include "WorldOps.h"

#include <fstream>
#include <stdexcept>

namespace muster::sandbox {

WorldFile::WorldFile(const std::string& path) : _path(path)
{
    std::ifstream file(path);
    if (!file)
        throw std::invalid_argument("cannot read the world file " + path);
    std::string text;
    for (std::size_t number = 1; std::getline(file, text); ++number)
    {
        if (text.empty())
            continue;
        try
        {
            Json line = Json::parse(text);
            if (number == 1)
                _tenant = std::move(line);
            else
                _lines.push_back({number, line.at("at").get<std::string>(), line.at("ops")});
        }
        catch (const nlohmann::json::exception& error)
        {
            throw std::invalid_argument(path + " line " + std::to_string(number) + ": " +
                                        error.what());
        }
    }
    emptyWorld();
}

World WorldFile::emptyWorld() const
{
    const auto id = Guid::parse(_tenant.value("tenant", ""));
    if (!id)
        throw std::invalid_argument(_path + " line 1: \"tenant\" is not an id");
    return {*id, _tenant.value("name", ""), _tenant.value("domain", "")};
}

std::size_t WorldFile::applyNext(World& world)
{
    const Line line = std::move(_lines.front());
    _lines.pop_front();
    try
    {
        world.setTime(timeFromText(line.at));
        return applyOps(world, line.ops);
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument(_path + " line " + std::to_string(line.number) + ": " +
                                    error.what());
    }
}

} // namespace muster::sandbox
