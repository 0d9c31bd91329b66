#include "Files.h"

#include "Texts.h"

#include <utility>

namespace itglue {

using muster::target::Answer;
using muster::target::Repeat;

namespace {

constexpr size_t kThingPage = 500;
constexpr const char* kMark = "\xEF\xBB\xBF"; ///< by which spreadsheets know UTF-8

} // namespace

Files::Files(const Account& account, std::string organization)
    : _account(account), _organization(std::move(organization))
{}

Answer Files::attach(const std::string& document, const LongList& list)
{
    const Json body{
        {"data",
         {{"type", "attachments"},
          {"attributes",
           {{"attachment",
             {{"content", base64(csvOf(list))}, {"file_name", fileNameOf(list.title)}}}}}}}};
    return _account.host().send(
        writeOf("POST", "/flexible_assets/" + document + "/relationships/attachments", body,
                Repeat::Never));
}

std::string Files::csvOf(const LongList& list)
{
    const auto isTags = list.field == "members" || list.field == "devices";
    auto text = std::string(kMark);
    if (!isTags)
    {
        text += csvLine({list.title});
        for (const auto& value : list.values)
            text += csvLine({value.get<std::string>()});
        return text;
    }
    text += csvLine({"Name", list.field == "members" ? "Email" : "Host name", "IT Glue ID"});
    const auto& known = things(list.field);
    for (const auto& id : idsIn(list.values))
    {
        const auto found = known.find(id);
        const auto thing = found == known.end() ? Thing{} : found->second;
        text += csvLine({thing.name, thing.more, id});
    }
    return text;
}

const std::map<std::string, Files::Thing>& Files::things(const std::string& field)
{
    const auto isContact = field == "members";
    auto [place, isNew] = _things.try_emplace(field);
    if (isNew)
        _account.readAll({isContact ? contactsOf(_organization) : configurationsOf(_organization)},
                         [&](size_t, const Json& resource) {
                             const auto attributes = attributesOf(resource);
                             place->second[idOf(resource["id"])] = {
                                 textOf(attributes, "name"),
                                 isContact ? joined(addressesOf(resource), "; ")
                                           : textOf(attributes, "hostname")};
                         });
    return place->second;
}

List contactsOf(const std::string& organization)
{
    return {"/contacts?filter%5Borganization_id%5D=" + organization + "&sort=id",
            "read the contacts", kThingPage};
}

List configurationsOf(const std::string& organization)
{
    return {"/configurations?filter%5Borganization_id%5D=" + organization +
                "&filter%5Barchived%5D=false&sort=id",
            "read the configurations", kThingPage};
}

std::vector<std::string> addressesOf(const Json& contact)
{
    std::vector<std::string> addresses;
    if (const auto emails = attributesOf(contact).value("contact-emails", Json());
        emails.is_array())
        for (const auto& email : emails)
            if (auto address = textOf(email, "value"); !address.empty())
                addresses.push_back(std::move(address));
    return addresses;
}

} // namespace itglue
