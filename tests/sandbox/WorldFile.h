#pragma once

#include "World.h"

#include <deque>
#include <string>

namespace muster::sandbox {

/// The history of an organisation: line 1 is the tenant, each further line {"at", "ops"}.
/// Used by one thread at a time.
class WorldFile
{
public:
    /// Reads the file. Throws std::invalid_argument that names file and line.
    explicit WorldFile(const std::string& path);

    /// The tenant as line 1 has it, without any object.
    World emptyWorld() const;

    std::size_t left() const { return _lines.size(); }
    const std::string& nextTime() const { return _lines.front().at; }
    /// Applies the next line and gives the number of its ops. There must be one left.
    std::size_t applyNext(World& world);

private:
    struct Line
    {
        std::size_t number = 0;
        std::string at;
        Json ops;
    };

    std::string _path;
    Json _tenant;
    std::deque<Line> _lines;
};

} // namespace muster::sandbox
