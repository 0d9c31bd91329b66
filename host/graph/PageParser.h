#pragma once

#include "directory/Mirror.h"
#include "graph/Resource.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster::graph {

/// A page of a delta chain. Exactly one of the links is set.
struct DeltaPage
{
    directory::Page page;
    std::string nextLink;
    std::string deltaLink;
    std::vector<std::string> skipped; ///< what could not be read, for people; at most a few
};

/// A page of a plain list of directory objects: ids and kinds.
struct ObjectList
{
    std::vector<std::pair<std::string, std::string>> objects;
    std::string nextLink; ///< empty: the last page
};

/// Used by one thread at a time. Reads pages of Graph (contracts/graph.md, section 3.2). Unknown
/// properties and types are ignored; an object whose selected properties are all null is one that
/// the app may not read, and keeps what is known of it.
class PageParser
{
public:
    PageParser();
    ~PageParser();

    /// Throws BadAnswer when the body is no whole page, RejectedError when it breaks the contract
    /// in a way that another try does not change.
    DeltaPage readDelta(std::string body, const Resource& resource);
    ObjectList readList(std::string body);

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace muster::graph
