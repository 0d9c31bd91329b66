#include "Fields.h"

#include <algorithm>
#include <cctype>

namespace itglue {

namespace {

std::vector<Field> makeFields(Group group)
{
    const auto isSecurity = group == Group::Security;
    std::vector<Field> fields{
        {"name", "Group Name", Shape::Text, "Text"},
        {kNested, "Nested Groups", Shape::Ours, "Tag", {}, isSecurity},
        {kNestedOther,
         isSecurity ? "Nested Microsoft 365 Groups" : "Nested Security Groups",
         Shape::Ours,
         "Tag",
         {},
         false},
        {"members", "Members (Matched To A Contact)", Shape::Tags, "Tag", "Contacts"},
        {"membersText", "Members (Not Matched To A Contact)", Shape::Lines, "Textbox"},
        {"devices", "Devices (Matched To A Configuration)", Shape::Tags, "Tag", "Configurations",
         isSecurity},
        {"devicesText",
         "Devices (Not Matched To A Configuration)",
         Shape::Lines,
         "Textbox",
         {},
         isSecurity},
        {"owners", "Owners", Shape::Lines, "Textbox"},
        {"mail", "Group Email Address", Shape::Text, "Text", {}, !isSecurity},
        {"domain", "Domain", Shape::Text, "Text"},
        {"description", "Group Description", Shape::Paragraph, "Textbox"},
        {"membership", "Membership Type", Shape::Text, "Select", "Assigned\nDynamic"},
        {"status", "Sync Status", Shape::Text, "Select", "Enabled\nOrphaned\nDisabled"},
        {"updated", "Updated", Shape::Text, "Text"},
        {kRemarks, "Remarks", Shape::Ours, "Textbox", {}, false},
        {"heading", "Synchronization", Shape::Heading, "Header", {}, false},
        {kKey, "Entra Object ID", Shape::Text, "Text", {}, false},
        {"tenant", "Entra Tenant ID", Shape::Text, "Text", {}, false},
        {"integration", "Managed By Integration", Shape::Text, "Text", {}, false},
        {kSynchronized, "Last Synchronized", Shape::Ours, "Text", {}, false},
        {kDetails, "Synchronization Details", Shape::Ours, "Textbox", {}, false}};
    return fields;
}

} // namespace

std::string toText(Group group)
{
    return group == Group::Security ? "security" : "microsoft365";
}

const std::vector<Field>& fieldsOf(Group group)
{
    static const auto kMicrosoft365 = makeFields(Group::Microsoft365);
    static const auto kSecurity = makeFields(Group::Security);
    return group == Group::Security ? kSecurity : kMicrosoft365;
}

const Field* findField(Group group, const std::string& name)
{
    const auto& fields = fieldsOf(group);
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

std::string markOf(Group group, const Field& field)
{
    return "Kept by Muster (" + toText(group) + ", " + field.name + ")";
}

std::string usualKey(const std::string& title)
{
    std::string key;
    for (const char c : title)
        if (const auto byte = static_cast<unsigned char>(c); byte < 128 && std::isalnum(byte))
            key += static_cast<char>(std::tolower(byte));
        else if (!key.empty() && key.back() != '-')
            key += '-';
    while (!key.empty() && key.back() == '-')
        key.pop_back();
    return key;
}

} // namespace itglue
