#pragma once

#include "Catalogue.h"

#include <muster/Target.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// A flexible asset in the words of claims, and back.
namespace itglue {

inline constexpr const char* kDocument = "group-document";

/// A flexible asset as IT Glue gives it.
struct Asset
{
    std::string id;
    std::string typeId = {};
    std::string typeName = {};
    bool isArchived = false;
    std::string changedAt = {}; ///< by IT Glue's clock
    Json traits = Json::object();

    /// Nothing when the resource is none.
    static std::optional<Asset> from(const Json& resource);
};

/// The ids that a tag field holds, read or written.
std::set<std::string> idsIn(const Json& trait);

/// A trait of ours, by our name of its field; null when there is none.
Json traitOf(const Type& type, const Asset& asset, const std::string& field);

/// A trait in the form of a claim, whatever stands behind it; null when it is empty.
Json shownAs(const Field& field, const Json& trait);

/// What stands behind shown values: {"members": {"is": value or digest, "shown": digest of what is
/// shown for it, "count": how many they are}}.
Json detailsIn(const Type& type, const Asset& asset);

/// What a document says, as claims say it; see target.h, read, for values that are held otherwise.
Json claimsOf(const Type& type, const Asset& asset);

/// The documents nested in it.
std::set<std::string> nestedIn(const Type& type, const Asset& asset);

/// The Entra object id of its group; empty: made by hand, or people emptied the field.
std::string keyOf(const Type& type, const Asset& asset);

/// Without a key where the document has none.
muster::target::Record recordOf(const Type& type, const Asset& asset);

/// Nobody wrote it since we did, and all that it holds is under the keys that a presumed type has:
/// it holds nothing that a look at the fields of its type would show.
bool isPlain(const Type& presumed, const Asset& asset);

/// The value that a claim wants is the one that a document has.
bool isSame(const Json& wanted, const Json& present);

/// How a document should be.
struct Wish
{
    Json fields = Json::object(); ///< null empties; left out: as it is
    std::set<std::string> nest = {};
    std::set<std::string> unnest = {};
};

/// What IT Glue takes.
struct Bounds
{
    size_t tags = 500;                                      ///< in a field
    size_t bytes = 60'000;                                  ///< in a text box
    std::map<std::string, std::set<std::string>> gone = {}; ///< by field: cannot be tagged
    Json altered = Json::object(); ///< what IT Glue makes of these fields, whatever it is told
};

/// A list that is too long for its field, in full: it belongs into a file.
struct LongList
{
    std::string field;
    std::string title;
    Json values; ///< ids, or texts
};

/// What is written to make a document as wished.
struct Draft
{
    Json traits = Json::object();
    bool isArchived = false;
    bool differs = false; ///< from the document there is
    std::vector<LongList> lists = {};
    std::map<std::string, std::set<std::string>> tagged = {}; ///< ids, by the name of the field
    std::vector<std::string> remarks = {}; ///< sentences, for people: what is not shown as it is
    std::string refusal = {};              ///< why it must not be written; empty: it may
};

/// `asset` is null for a document to be made. The catalogue knows the types of those to be nested.
Draft draft(const Type& type, const Asset* asset, const std::string& key, const Wish& wish,
            const Bounds& bounds, const Catalogue& catalogue);

/// The name of the file that a long list is in.
std::string fileNameOf(const std::string& title);

} // namespace itglue
