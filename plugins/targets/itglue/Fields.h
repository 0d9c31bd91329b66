#pragma once

#include <string>
#include <vector>

/// What a document is made of: the fields of our flexible asset types.
namespace itglue {

enum class Group
{
    Microsoft365,
    Security
};
inline constexpr Group kGroups[] = {Group::Microsoft365, Group::Security};

/// As a claim says it: "microsoft365" or "security".
std::string toText(Group group);

/// What a trait says, and in which form a claim says it.
enum class Shape
{
    Text,      ///< one line of at most 255 characters
    Paragraph, ///< a text box: one text of any length
    Lines,     ///< a text box: a text a line
    Tags,      ///< ids of things in IT Glue
    Ours,      ///< not of a claim: what the plugin needs
    Heading
};

struct Field
{
    std::string name;  ///< as claims and this plugin call it
    std::string title; ///< as IT Glue shows it
    Shape shape;
    std::string kind;         ///< IT Glue's word
    std::string details = {}; ///< of a tag what it may tag, of a choice what there is to choose
    bool isListed = true;     ///< a column of the type's list
};

/// In the order of the type's form: the vendor's columns first.
const std::vector<Field>& fieldsOf(Group group);

/// Null when a document has none of that name.
const Field* findField(Group group, const std::string& name);

/// By which a field is found again whatever people call it: its hint begins with this.
std::string markOf(Group group, const Field& field);

/// A field's key when nobody renamed it (contracts/itglue.md, section 2.3).
std::string usualKey(const std::string& title);

/// The group's Entra object id: by it a document is known.
inline constexpr const char* kKey = "key";

/// Fields that no claim names.
inline constexpr const char* kNested = "nested";            ///< documents of the same type
inline constexpr const char* kNestedOther = "nested-other"; ///< of the other one
inline constexpr const char* kSynchronized = "synchronized";
inline constexpr const char* kRemarks = "remarks";
inline constexpr const char* kDetails = "details";

} // namespace itglue
