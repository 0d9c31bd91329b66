#pragma once

#include "documents/Document.h"

#include <string>
#include <vector>

namespace muster::documents {

/// A column of the list of documents, as the vendor's two tables have them, and Owners.
struct Column
{
    std::string key;   ///< "members": what --columns and the API take
    std::string title; ///< "Members (Matched To A Contact)"
    bool isOfMicrosoft365 = true;
    bool isOfSecurity = true;

    bool isOf(Type type) const;
};

/// All of them, in the vendor's order.
const std::vector<Column>& columns();

/// Those of the keys, in that order; all when there are none. Throws UsageError for another key,
/// or one that is there twice.
std::vector<Column> columnsOf(const std::vector<std::string>& keys);

/// What a document shows in a column. `items` is the list behind a number, or the one name that
/// stands in its place; it is empty unless the document's lists were asked for.
struct Cell
{
    std::string text; ///< a text, or a number of items; of a single item its name
    std::vector<std::string> items = {};
};
Cell cellOf(const Document& document, const Column& column);

} // namespace muster::documents
