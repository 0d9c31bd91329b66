#pragma once

#include "documents/Standing.h"
#include "store/Database.h"
#include "store/JsonRows.h"

#include <muster/Mode.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

/// What has become of a group.
struct Derived
{
    int64_t group = 0;
    Presence presence = Presence::Wanted;
    std::optional<RecordClaim> claim = {}; ///< none: what its document says stays
    std::vector<std::string> nested = {};  ///< Entra ids of the groups in it
};

/// Used by one thread, within one transaction. Writes what has become of groups into their
/// documents: all of it where the document is enabled then, else only why it is not.
class DocumentWriter
{
public:
    /// `scope`: where the ids of the claims' contacts and configurations are from; 0: there are
    /// none.
    DocumentWriter(store::Database& database, int64_t tenant, int64_t scope);

    void write(const std::vector<Derived>& batch);

private:
    struct Known
    {
        Standing standing;
        bool isDeleted = false;
    };

    std::map<int64_t, Known> knownOf(const std::vector<Derived>& batch);
    void writePresences(const store::JsonRows& presences);
    void writeContents(const store::JsonRows& contents);
    void writeNested(const store::JsonRows& documented, const store::JsonRows& nested);

    store::Database& _database;
    int64_t _tenant;
    int64_t _scope;
};

} // namespace muster::documents
