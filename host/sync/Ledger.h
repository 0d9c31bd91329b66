#pragma once

#include "plugins/TargetChannel.h"
#include "runtime/Clock.h"
#include "store/Database.h"
#include "sync/Reading.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// The ledger's form of a record's fields: blank ones left out, names in order.
std::string fieldsText(const plugins::Json& fields);

/// A kind as people read it: "service group".
std::string wordsOf(const std::string& kind);

/// Used by one thread. What we last knew of the records and links of one scope of a target. Reading
/// the target again corrects it; what it did not expect is marked for the planner.
class Ledger
{
public:
    Ledger(store::Database& database, int64_t scope, runtime::Clock& clock);

    /// When the records of all these kinds were last read; 0 when one of them never was.
    int64_t readAt(const std::vector<std::string>& kinds);

    /// Records of these kinds were looked at, all that there are.
    void cover(const std::vector<std::string>& kinds);

    /// The claimed records of these kinds, links into which (or parts of which) were not read since
    /// `before` (milliseconds).
    std::vector<Present> unread(const std::vector<std::string>& kinds, int64_t before);

    /// Reads the records of an area whole. Nothing is corrected when it fails half way but what
    /// was seen; only a whole read makes a record missing. A record that was written shortly before
    /// and is not seen is read once more, since a target's search may lag behind its writes.
    void readRecords(const Reading& reading, const Area& area);

    /// Reads the links into these records.
    void readLinks(const Reading& reading, const std::vector<Present>& destinations);

private:
    void beginRead(const Reading& reading, const Area& area);
    void readOnce(const Reading& reading, const Area& area);
    void absorbRecords(const std::vector<plugins::RemoteRecord>& records, const Area& area,
                       const estate::Sync& sync);
    void noteDrift(const Area& area, const estate::Sync& sync);
    void noteTwins(const estate::Sync& sync);
    void absorbAliases(const std::vector<plugins::RemoteRecord>& records);
    void noteSeen();
    void stageRecords(const std::vector<plugins::RemoteRecord>& records, const Area& area);
    /// A record that is nobody's claim and has another key now gives up its row's place.
    void followForeignKeys();
    bool hasRecentlyWrittenUnseen(const Area& area);
    void finishRecords(const Area& area, const estate::Sync& sync);
    void addForeignDestinations(const std::vector<plugins::RemoteLink>& links);
    void absorbLinks(const std::vector<plugins::RemoteLink>& links);
    void finishLinks(const std::vector<int64_t>& destinations, const estate::Sync& sync);
    std::vector<int64_t> destinationsOf(const std::vector<plugins::LinkKind>& links);

    store::Database& _database;
    int64_t _scope;
    runtime::Clock& _clock;
};

} // namespace muster::sync
