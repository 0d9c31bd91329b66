#pragma once

#include "GraphCall.h"

#include <string>
#include <vector>

namespace muster::sandbox {

/// Answers what Graph lists and gets beside delta: objects, members, owners, the organization and
/// deleted items (contracts/graph.md section 2). Thread-safe.
class GraphLists
{
public:
    explicit GraphLists(Directory& directory) : _directory(directory) {}

    Response list(const GraphCall& call, World::Kind kind) const;
    Response count(const GraphCall& call, World::Kind kind) const;
    Response get(const GraphCall& call, World::Kind kind, const std::string& id) const;
    /// `rest` is what follows the relation in the path: nothing, a cast, "$count".
    Response links(const GraphCall& call, const std::string& group, World::Relation relation,
                   const std::string& rest) const;
    Response transitiveMembers(const GraphCall& call, const std::string& group,
                               const std::string& rest) const;
    Response organization(const GraphCall& call) const;
    /// `collection` is "applications" or "servicePrincipals"; of both there is the caller's own.
    Response applications(const GraphCall& call, const std::string& collection) const;
    Response getByIds(const GraphCall& call) const;
    Response deletedItems(const GraphCall& call, World::Kind kind) const;
    Response restore(const GraphCall& call, const std::string& id) const;

private:
    Directory& _directory;
};

} // namespace muster::sandbox
