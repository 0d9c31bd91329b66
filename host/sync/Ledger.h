#pragma once

#include "plugins/TargetChannel.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// The ledger's form of a record's fields: blank ones left out, names in order.
std::string fieldsText(const plugins::Json& fields);

/// Used by one thread. What we last knew of the records and links of one scope of a target. Reading
/// the target again corrects it; what it did not expect is marked for the planner.
class Ledger
{
public:
    Ledger(store::Database& database, int64_t scope, const runtime::Clock& clock);

    /// When the records of all these kinds were last read; 0 when one of them never was.
    int64_t readAt(const std::vector<std::string>& kinds);

    /// Reads the records of the kinds whole. Nothing is corrected when it fails half way but what
    /// was seen; only a whole read makes a record missing. A record that was written shortly before
    /// and is not seen is read once more, since a target's search may lag behind its writes.
    void readRecords(plugins::TargetChannel& channel, const plugins::Json& scope,
                     const std::vector<std::string>& kinds, int64_t sync, runtime::Clock& clock,
                     const runtime::Cancellation& cancellation);

    /// Reads the links into the claimed records of these kinds whose links were not read since
    /// `before` (milliseconds).
    void readLinks(plugins::TargetChannel& channel, const plugins::Json& scope,
                   const std::vector<std::string>& destinationKinds, int64_t before, int64_t sync,
                   const runtime::Cancellation& cancellation);

private:
    void beginRead(int64_t sync);
    void absorbRecords(const std::vector<plugins::RemoteRecord>& records, int64_t sync);
    /// A record that is nobody's claim and has another key now gives up its row's place.
    void followForeignKeys();
    bool hasRecentlyWrittenUnseen(const std::vector<std::string>& kinds);
    void finishRecords(const std::vector<std::string>& kinds, int64_t sync);
    void absorbLinks(const std::vector<plugins::RemoteLink>& links);
    void finishLinks(const std::vector<plugins::ReadRequest::Destination>& destinations,
                     int64_t sync);

    store::Database& _database;
    int64_t _scope;
    const runtime::Clock& _clock;
};

} // namespace muster::sync
