#include "Profile.h"

#include <algorithm>
#include <stdexcept>

namespace deskdirector {

using muster::target::Repeat;
using muster::target::Request;
using muster::target::SettingError;

namespace {

/// The default profile: contracts/deskdirector.md, Part 1. The calls under /api/v4 are assumed
/// there. PATCH is a merge patch and $deactivate sets a state, so only the creates must not be
/// repeated.
const std::vector<Call>& defaults()
{
    static const std::string c = "/api/v2/automate/connector";
    static const std::vector<Call> kCalls{
        {"test", "GET", c + "/connections/test", true, "", {}},
        {"schema", "GET", c + "/schema/dynamic-types/{type}", true, "", {}},
        {"accounts.list", "GET", c + "/companies?skip={skip}&take={take}", true, "", {}},
        {"accounts.get", "GET", c + "/companies/{account}", true, "", {}},
        {"accounts.find",
         "POST",
         c + "/companies/find",
         true,
         "FindCompaniesRequest",
         {"tags", "skip", "take"}},
        {"contacts.find",
         "POST",
         c + "/contacts/find",
         true,
         "FindContactsRequest",
         {"companyId", "search", "state", "skip", "take"}},
        {"contacts.create",
         "POST",
         c + "/contacts",
         false,
         "CreateContactRequest",
         {"companyId", "email", "firstName", "lastName", "title", "phone"}},
        {"contacts.patch",
         "PATCH",
         "/api/v4/contacts/{contact}",
         true,
         "",
         {"email", "firstName", "lastName", "title", "phone", "serviceGroup"}},
        {"contacts.deactivate", "POST", "/api/v4/contacts/{contact}/$deactivate", true, "", {}},
        {"contacts.reactivate", "POST", "/api/v4/contacts/{contact}/$reactivate", true, "", {}},
        {"groups.list",
         "GET",
         c + "/companies/{account}/teams?skip={skip}&take={take}",
         true,
         "",
         {}},
        {"groups.create", "POST", "/api/v4/accounts/{account}/contact_groups", false, "", {"name"}},
        {"groups.patch", "PATCH", "/api/v4/contact_groups/{group}", true, "", {"name"}},
        {"members.list",
         "GET",
         "/api/v4/contact_groups/{group}/contacts?skip={skip}&take={take}",
         true,
         "",
         {}},
        {"members.put",
         "PUT",
         "/api/v4/contact_groups/{group}/contacts/{contact}",
         true,
         "",
         {"role"}},
        {"members.delete",
         "DELETE",
         "/api/v4/contact_groups/{group}/contacts/{contact}",
         true,
         "",
         {}},
        {"servicegroups.list",
         "GET",
         "/api/v4/service_groups?skip={skip}&take={take}",
         true,
         "",
         {}},
        {"tickets.find",
         "POST",
         c + "/tickets/find",
         true,
         "FindTicketsRequest",
         {"boardId", "requestTypeId", "state", "skip", "take"}},
        {"tickets.get", "GET", c + "/tickets/{ticket}", true, "", {}},
        {"tickets.patch",
         "PATCH",
         c + "/tickets/{ticket}",
         true,
         "UpdateTicketRequest",
         {"statusId"}},
        {"tickets.comment",
         "POST",
         "/api/v4/tickets/{ticket}/comments",
         false,
         "",
         {"note", "isInternal"}},
        {"tickets.form", "GET", "/api/v4/tickets/{ticket}/form_results", true, "", {}},
        {"boards", "GET", c + "/service/boards?skip={skip}&take={take}", true, "", {}},
        {"statuses",
         "GET",
         c + "/service/statuses?boardId={board}&skip={skip}&take={take}",
         true,
         "",
         {}},
        {"requestTypes", "GET", c + "/service/request-types?skip={skip}&take={take}", true, "", {}},
        {"event.subscribe",
         "POST",
         c + "/workflows/{event}/actions?type=webhook",
         false,
         "",
         {"url", "parameters"}},
        {"event.unsubscribe", "DELETE", c + "/workflows/{event}/actions/{action}", true, "", {}},
    };
    return kCalls;
}

/// As a part of a path: an id that came from the site cannot become another path.
std::string encoded(const std::string& text)
{
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string result;
    for (const char c : text)
    {
        const auto byte = static_cast<unsigned char>(c);
        const auto isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '~' ||
                             (c == '.' && text != "." && text != "..");
        if (isPlain)
            result += c;
        else
            result += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return result;
}

/// The {places} of a path, in order of the alphabet.
std::vector<std::string> placesOf(const std::string& path)
{
    std::vector<std::string> result;
    for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1))
    {
        const auto close = path.find('}', open);
        if (close == path.npos)
            break;
        result.push_back(path.substr(open + 1, close - open - 1));
    }
    std::sort(result.begin(), result.end());
    return result;
}

void override(Call& call, const Json& changed)
{
    const auto setting = "profile." + call.name;
    call.method = changed.value("method", call.method);
    const auto path = changed.value("path", call.path);
    if (placesOf(path) != placesOf(call.path))
        throw SettingError(setting + ".path",
                           "it must have the same places in {} as the default: " + call.path);
    call.path = path;
    const auto fields = changed.value("fields", Json::object());
    for (const auto& [name, theirs] : fields.items())
    {
        if (std::find(call.fields.begin(), call.fields.end(), name) == call.fields.end())
            throw SettingError(setting + ".fields." + name,
                               "the call " + call.name + " has no field of this name");
        call.renamed[name] = theirs;
    }
}

} // namespace

Profile::Profile(const Json& overrides) : _calls(defaults())
{
    for (const auto& [name, changed] : overrides.items())
    {
        const auto call = std::find_if(_calls.begin(), _calls.end(),
                                       [&](const auto& known) { return known.name == name; });
        if (call == _calls.end())
        {
            std::string names;
            for (const auto& known : _calls)
                names += (names.empty() ? "" : ", ") + known.name;
            throw SettingError("profile." + name,
                               "there is no call of this name; there are: " + names);
        }
        override(*call, changed);
    }
}

const Call& Profile::call(const std::string& name) const
{
    for (const auto& call : _calls)
        if (call.name == name)
            return call;
    throw std::logic_error("the profile has no call " + name);
}

Request Profile::request(const std::string& name, const Places& places, const Json& body) const
{
    const auto& wanted = call(name);
    Request request;
    request.method = wanted.method;
    request.path = wanted.path;
    for (const auto& [place, value] : places)
    {
        const auto at = request.path.find("{" + place + "}");
        if (at != request.path.npos)
            request.path.replace(at, place.size() + 2, encoded(value));
    }
    request.headers["Accept"] = "application/json";
    request.repeat = wanted.isRepeatable ? Repeat::Safe : Repeat::Never;
    if (body.is_object())
    {
        Json theirs = Json::object();
        for (const auto& [field, value] : body.items())
        {
            const auto renamed = wanted.renamed.find(field);
            theirs[renamed == wanted.renamed.end() ? field : renamed->second] = value;
        }
        request.headers["Content-Type"] = "application/json";
        request.body = muster::target::detail::dump(theirs);
    }
    return request;
}

Json field(const Json& object, const std::string& name)
{
    static const std::map<std::string, std::vector<std::string>> kAliases{
        {"email", {"emailAddress"}},  {"active", {"isActive"}}, {"company", {"account"}},
        {"companyId", {"accountId"}}, {"queue", {"board"}},     {"requestType", {"serviceType"}},
        {"totalResults", {"total"}}};
    if (!object.is_object())
        return {};
    if (const auto found = object.find(name); found != object.end())
        return *found;
    if (const auto aliases = kAliases.find(name); aliases != kAliases.end())
        for (const auto& alias : aliases->second)
            if (const auto found = object.find(alias); found != object.end())
                return *found;
    return {};
}

} // namespace deskdirector
