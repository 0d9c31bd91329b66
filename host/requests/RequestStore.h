#pragma once

#include "requests/Request.h"
#include "store/Store.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster::requests {

/// Where a target announces its tickets.
struct DoorKey
{
    std::string event;
    std::string url; ///< the host's, as the target reaches it
    std::string digest;
    std::string subscription;
};

/// Used by one thread. The requests, as the store keeps them.
class RequestStore
{
public:
    explicit RequestStore(const store::Store& store);

    /// The latest first, at most `limit`; 0: all. Those of Foreign tickets are left out.
    std::vector<Request> list(size_t limit);

    /// Those of a target that wait for something there, or might be taken up again.
    std::vector<Request> open(int64_t target);

    /// The tickets of a target that there is a request for.
    std::set<std::string> tickets(int64_t target);

    /// That are due by then, the longest due first.
    std::vector<Request> due(runtime::Instant now);
    std::optional<runtime::Instant> nextDue(runtime::Instant now);

    std::optional<Request> find(int64_t id);

    /// A request for a ticket that was not known, due now; false when it is known.
    bool add(int64_t target, const std::string& ticket, runtime::Instant now);

    /// Writes all but target, ticket and seenAt.
    void save(const Request& request);

    /// Makes it due, unless it is already.
    void wake(int64_t id, runtime::Instant at);

    /// Makes it due then, whatever it was.
    void postpone(int64_t id, runtime::Instant at);

    /// The number of the sync's latest run; 0 when there is none.
    int64_t lastRun(const std::string& sync);

    /// The first run of the sync after that one which did all it was let. A partial one may have
    /// been stopped in the middle.
    std::optional<int64_t> runAfter(const std::string& sync, int64_t baseline);

    std::optional<DoorKey> door(int64_t target);
    void keepDoor(int64_t target, const DoorKey& door);

private:
    std::vector<Request> select(const std::string& rest, const store::Values& values);

    store::Database _database;
};

} // namespace muster::requests
