#include "requests/RequestStore.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace muster::requests {

using runtime::Instant;

namespace {

constexpr std::array<std::pair<State, const char*>, 11> kStates{{{State::New, "new"},
                                                                 {State::Waiting, "waiting"},
                                                                 {State::Unclear, "unclear"},
                                                                 {State::Foreign, "foreign"},
                                                                 {State::Accepted, "accepted"},
                                                                 {State::Running, "running"},
                                                                 {State::Closing, "closing"},
                                                                 {State::Done, "done"},
                                                                 {State::Failed, "failed"},
                                                                 {State::Declined, "declined"},
                                                                 {State::Withdrawn, "withdrawn"}}};

store::Value valueOf(std::optional<Instant> instant)
{
    return instant ? store::Value(runtime::toMilliseconds(*instant)) : store::Value(std::nullopt);
}

Request requestFrom(const store::Row& row)
{
    Request request;
    request.id = row.integer(0);
    request.target = row.integer(1);
    request.ticket = row.text(2);
    request.state = stateFromText(row.text(3));
    request.summary = row.text(4);
    request.contact = row.text(5);
    request.answers = row.text(6);
    request.tenant = row.text(7);
    request.mode = row.text(8);
    request.sync = row.text(9);
    request.baseline = row.integer(10);
    request.run = row.integer(11);
    request.note = row.text(12);
    request.isNoteTried = row.integer(13) != 0;
    request.notes = row.integer(14);
    request.message = row.text(15);
    request.attempts = row.integer(16);
    request.seenAt = runtime::fromMilliseconds(row.integer(17));
    request.changedAt = runtime::fromMilliseconds(row.integer(18));
    if (!row.isNull(19))
        request.dueAt = runtime::fromMilliseconds(row.integer(19));
    return request;
}

} // namespace

std::string toText(State state)
{
    for (const auto& [known, text] : kStates)
        if (known == state)
            return text;
    throw std::logic_error("no such state of a request");
}

State stateFromText(const std::string& text)
{
    for (const auto& [state, known] : kStates)
        if (text == known)
            return state;
    throw std::invalid_argument("no such state of a request: " + text);
}

RequestStore::RequestStore(const store::Store& store)
    : _database(store.connect(store::Durability::Durable))
{}

std::vector<Request> RequestStore::select(const std::string& rest, const store::Values& values)
{
    std::vector<Request> result;
    using Text = std::string;
    _database
        .query<int64_t, int64_t, Text, Text, Text, Text, Text, Text, Text, Text, int64_t, int64_t,
               Text, int64_t, int64_t, Text, int64_t, int64_t, int64_t, std::optional<int64_t>>(
            "SELECT id, target, ticket, state, summary, contact, answers, tenant, mode, sync, "
            "baseline, "
            "run, note, note_tried, notes, message, attempts, seen_at, changed_at, due_at FROM "
            "request " +
                rest,
            values, [&](const store::Row& row) { result.push_back(requestFrom(row)); });
    return result;
}

std::vector<Request> RequestStore::list(size_t limit)
{
    return select("WHERE state <> 'foreign' ORDER BY id DESC LIMIT $1",
                  {limit == 0 ? int64_t(-1) : static_cast<int64_t>(limit)});
}

std::vector<Request> RequestStore::open(int64_t target)
{
    return select("WHERE target = $1 AND state IN ('waiting', 'unclear', 'foreign', 'withdrawn') "
                  "ORDER BY id",
                  {target});
}

std::set<std::string> RequestStore::tickets(int64_t target)
{
    std::set<std::string> tickets;
    _database.query<std::string>("SELECT ticket FROM request WHERE target = $1", {target},
                                 [&](const std::string& ticket) { tickets.insert(ticket); });
    return tickets;
}

std::vector<Request> RequestStore::due(Instant now)
{
    return select("WHERE due_at <= $1 ORDER BY due_at, id", {runtime::toMilliseconds(now)});
}

std::optional<Instant> RequestStore::nextDue(Instant now)
{
    const auto next = _database.value<int64_t>("SELECT min(due_at) FROM request WHERE due_at > $1",
                                               {runtime::toMilliseconds(now)});
    return next ? std::optional(runtime::fromMilliseconds(*next)) : std::nullopt;
}

std::optional<Request> RequestStore::find(int64_t id)
{
    auto found = select("WHERE id = $1", {id});
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

bool RequestStore::add(int64_t target, const std::string& ticket, Instant now)
{
    return _database.execute("INSERT INTO request(target, ticket, state, seen_at, changed_at, "
                             "due_at) VALUES($1, $2, 'new', $3, $4, $5) ON CONFLICT DO NOTHING",
                             {target, ticket, runtime::toMilliseconds(now),
                              runtime::toMilliseconds(now), runtime::toMilliseconds(now)}) > 0;
}

void RequestStore::save(const Request& request)
{
    _database.execute(
        "UPDATE request SET state = $1, summary = $2, contact = $3, answers = $4, tenant = $5, "
        "mode = $6, sync = $7, baseline = $8, run = $9, note = $10, note_tried = $11, notes = $12, "
        "message = $13, attempts = $14, changed_at = $15, due_at = $16 WHERE id = $17",
        {toText(request.state), request.summary, request.contact, request.answers, request.tenant,
         request.mode, request.sync, request.baseline, request.run, request.note,
         int64_t(request.isNoteTried ? 1 : 0), request.notes, request.message, request.attempts,
         runtime::toMilliseconds(request.changedAt), valueOf(request.dueAt), request.id});
}

void RequestStore::wake(int64_t id, Instant at)
{
    _database.execute("UPDATE request SET due_at = $1 WHERE id = $2 AND (due_at IS NULL OR due_at "
                      "> $3)",
                      {runtime::toMilliseconds(at), id, runtime::toMilliseconds(at)});
}

void RequestStore::postpone(int64_t id, Instant at)
{
    _database.execute("UPDATE request SET due_at = $1 WHERE id = $2",
                      {runtime::toMilliseconds(at), id});
}

int64_t RequestStore::lastRun(const std::string& sync)
{
    return _database
        .value<int64_t>(
            "SELECT max(r.id) FROM run r JOIN sync s ON s.id = r.sync WHERE s.name = $1", {sync})
        .value_or(0);
}

std::optional<int64_t> RequestStore::runAfter(const std::string& sync, int64_t baseline)
{
    return _database.value<int64_t>(
        "SELECT r.id FROM run r JOIN sync s ON s.id = r.sync JOIN plan p ON p.id = r.plan WHERE "
        "s.name = $1 AND r.id > $2 AND r.state IN ('succeeded', 'held') AND p.undoes IS NULL ORDER "
        "BY r.id LIMIT 1",
        {sync, baseline});
}

std::optional<DoorKey> RequestStore::door(int64_t target)
{
    std::optional<DoorKey> found;
    _database.query<std::string, std::string, std::string, std::string>(
        "SELECT event, url, digest, subscription FROM request_door WHERE target = $1", {target},
        [&](const std::string& event, const std::string& url, const std::string& digest,
            const std::string& subscription) {
            found = DoorKey{event, url, digest, subscription};
        });
    return found;
}

void RequestStore::keepDoor(int64_t target, const DoorKey& door)
{
    _database.execute(
        "INSERT INTO request_door(target, event, url, digest, subscription) VALUES($1, $2, $3, $4, "
        "$5) ON CONFLICT(target) DO UPDATE SET event = excluded.event, url = excluded.url, digest "
        "= "
        "excluded.digest, subscription = excluded.subscription",
        {target, door.event, door.url, door.digest, door.subscription});
}

} // namespace muster::requests
