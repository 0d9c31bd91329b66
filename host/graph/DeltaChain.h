#pragma once

#include "directory/Mirror.h"
#include "graph/GraphClient.h"
#include "graph/PageParser.h"
#include "graph/Resource.h"
#include "runtime/Progress.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace muster::graph {

/// What one refresh of a tenant works with.
struct RefreshContext
{
    const estate::Tenant& tenant;
    GraphClient& client;
    directory::Mirror& mirror;
    runtime::Clock& clock;
    runtime::Progress& progress;
    const runtime::Cancellation& cancellation;
};

/// Used by one thread. Brings one resource of the mirror up to date by its delta chain, from where
/// it stands (contracts/graph.md, section 3). The next page is fetched while one is stored.
class DeltaChain
{
public:
    DeltaChain(const RefreshContext& context, const Resource& resource);

    enum class Ending
    {
        Whole,
        Forbidden ///< the application lacks the permission
    };

    /// Throws RetryError or RejectedError when the chain cannot be followed to its end; pages
    /// applied until then stay. A chain that begins again fills the staged copy.
    Ending run();

    /// What could not be read, for people.
    const std::vector<std::string>& skipped() const { return _skipped; }

private:
    struct Position
    {
        directory::Mirror::Copy copy;
        std::string url;
        bool mirrored;     ///< the live copy was whole before
        int64_t startedAt; ///< milliseconds
    };
    struct Fetched
    {
        GraphAnswer answer = {};
        DeltaPage page = {};
    };
    class Prefetch;
    enum class Way
    {
        Whole,
        Forbidden,
        Again
    };

    Position begin();
    Position beginAgain(bool isMirrored, bool isEmpty);
    Way follow(Position& position);
    Way refused(const GraphAnswer& answer, Position& position);
    Fetched fetch(const std::string& url, const runtime::Cancellation& cancellation);
    void requireNewLink(const DeltaPage& page, const Position& position);
    void forget(const Position& position);
    void store(const Position& position, const DeltaPage& page);

    const RefreshContext& _context;
    const Resource& _resource;
    std::string _selected;
    PageParser _parser;
    std::unordered_set<size_t> _seen; ///< hashes of the links followed
    std::vector<std::string> _skipped;
    uint64_t _objects = 0;
};

} // namespace muster::graph
