#include "Settings.h"

#include <stdexcept>

namespace muster::sandbox {

NLOHMANN_JSON_SERIALIZE_ENUM(SettingsValues::ExpiredCursor,
                             {{SettingsValues::ExpiredCursor::Gone, "gone"},
                              {SettingsValues::ExpiredCursor::NotFound, "notFound"}})

NLOHMANN_JSON_SERIALIZE_ENUM(SettingsValues::GlueBulk,
                             {{SettingsValues::GlueBulk::UntilError, "untilError"},
                              {SettingsValues::GlueBulk::Atomic, "atomic"},
                              {SettingsValues::GlueBulk::Half, "half"}})

namespace {

/// Calls visit(name, member) for each setting, so that reading and writing cannot differ.
template <typename Values, typename Visit>
void forEach(Values& values, Visit visit)
{
    visit("roles", values.roles);
    visit("tokenLifetime", values.tokenLifetime);
    visit("passwordCredentials", values.passwordCredentials);
    visit("pageObjects", values.pageObjects);
    visit("pageLinks", values.pageLinks);
    visit("scatterLinks", values.scatterLinks);
    visit("initialRemoved", values.initialRemoved);
    visit("softDeletedMembersListed", values.softDeletedMembersListed);
    visit("restoredGroupListsMembers", values.restoredGroupListsMembers);
    visit("purgedMembersReported", values.purgedMembersReported);
    visit("usersBehind", values.usersBehind);
    visit("cursorPadding", values.cursorPadding);
    visit("expiredCursor", values.expiredCursor);
    visit("cursorLifetime", values.cursorLifetime);
    visit("throttleUnits", values.throttleUnits);
    visit("throttleSeconds", values.throttleSeconds);
    visit("staleMilliseconds", values.staleMilliseconds);
    visit("staleSearches", values.staleSearches);
    visit("ticketsShowNotes", values.ticketsShowNotes);
    visit("glueBulk", values.glueBulk);
    visit("glueBulkItems", values.glueBulkItems);
    visit("glueRequests", values.glueRequests);
    visit("glueSeconds", values.glueSeconds);
    visit("glueRetryAfter", values.glueRetryAfter);
    visit("glueNameKeyEnd", values.glueNameKeyEnd);
    visit("glueTextCharacters", values.glueTextCharacters);
    visit("glueTextboxBytes", values.glueTextboxBytes);
    visit("glueTags", values.glueTags);
    visit("glueDoublesTags", values.glueDoublesTags);
    visit("glueSanitizesHtml", values.glueSanitizesHtml);
    visit("glueListsArchived", values.glueListsArchived);
    visit("gluePatchKeepsTraits", values.gluePatchKeepsTraits);
    visit("glueStaleLists", values.glueStaleLists);
}

} // namespace

SettingsValues Settings::values() const
{
    const std::lock_guard lock(_mutex);
    return _values;
}

Json Settings::json() const
{
    Json json = Json::object();
    const SettingsValues current = values();
    forEach(current, [&](const char* name, const auto& value) { json[name] = value; });
    return json;
}

void Settings::merge(const Json& changes)
{
    const std::lock_guard lock(_mutex);
    SettingsValues merged = _values;
    std::size_t known = 0;
    try
    {
        forEach(merged, [&](const char* name, auto& value) {
            if (!changes.contains(name))
                return;
            changes.at(name).get_to(value);
            ++known;
        });
    }
    catch (const nlohmann::json::exception& error)
    {
        throw std::invalid_argument(std::string("settings: ") + error.what());
    }
    if (known != changes.size())
        throw std::invalid_argument("settings: a key of " + changes.dump() + " is not known");
    if (merged.pageObjects == 0 || merged.pageLinks == 0)
        throw std::invalid_argument("settings: a page holds at least one object and one link");
    _values = merged;
}

} // namespace muster::sandbox
