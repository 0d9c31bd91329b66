#include "directory/Address.h"

#include "directory/Directory.h"

#include <muster/Keys.h>

#include <algorithm>

namespace muster::directory {

namespace {

constexpr std::string_view kExternal = "#ext#";
constexpr size_t kLongest = 254; ///< RFC 5321, 4.5.3.1.3

/// The address in its one form; empty when it has not the form of one.
std::string normalised(std::string_view text)
{
    auto address = addressKey(text);
    const auto at = address.find('@');
    if (at == 0 || at == address.npos || address.find('@', at + 1) != address.npos ||
        address.size() > kLongest)
        return {};
    const auto domain = std::string_view(address).substr(at + 1);
    if (domain.find('.') == domain.npos || domain.front() == '.' || domain.back() == '.' ||
        domain.find("..") != domain.npos)
        return {};
    constexpr std::string_view kForbidden = "<>()[],;:\\\"";
    const bool clean = std::all_of(address.begin(), address.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > ' ' && byte != 127 && kForbidden.find(c) == kForbidden.npos;
    });
    return clean ? address : std::string();
}

/// alice_contoso.com#EXT#@tenant.onmicrosoft.com stands for alice@contoso.com.
std::string decoded(const std::string& userPrincipalName)
{
    auto name = lowered(userPrincipalName);
    const auto external = name.find(kExternal);
    if (external == name.npos)
        return name;
    name.resize(external);
    const auto underscore = name.rfind('_');
    if (underscore != name.npos)
        name[underscore] = '@';
    return name;
}

/// Addresses in the order they are found, each once.
class AddressList
{
public:
    void add(std::string_view text)
    {
        auto address = normalised(text);
        if (!address.empty() && std::find(_list.begin(), _list.end(), address) == _list.end())
            _list.push_back(std::move(address));
    }

    std::string first() const { return _list.empty() ? std::string() : _list.front(); }
    std::vector<std::string> take() { return std::move(_list); }

private:
    std::vector<std::string> _list;
};

void addByRule(AddressList& list, const AddressProperties& properties)
{
    list.add(properties.mail);
    for (const bool primary : {true, false})
    {
        for (const auto& proxy : properties.proxyAddresses)
        {
            const auto text = trimmed(proxy);
            if (lowered(text.substr(0, 5)) == "smtp:" && (text.substr(0, 4) == "SMTP") == primary)
                list.add(text.substr(5));
        }
    }
    list.add(decoded(properties.userPrincipalName));
}

std::string textAt(const nlohmann::json& attributes, const char* name)
{
    const auto found = attributes.find(name);
    return found != attributes.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> textsAt(const nlohmann::json& attributes, const char* name)
{
    std::vector<std::string> texts;
    const auto found = attributes.find(name);
    if (found == attributes.end() || !found->is_array())
        return texts;
    for (const auto& text : *found)
    {
        if (text.is_string())
            texts.push_back(text.get<std::string>());
    }
    return texts;
}

AddressProperties propertiesOf(const nlohmann::json& attributes)
{
    return {.mail = textAt(attributes, "mail"),
            .proxyAddresses = textsAt(attributes, "proxyAddresses"),
            .otherMails = textsAt(attributes, "otherMails"),
            .userPrincipalName = textAt(attributes, "userPrincipalName")};
}

} // namespace

Addresses addressesOf(const AddressProperties& properties)
{
    AddressList list;
    addByRule(list, properties);
    Addresses addresses;
    addresses.address = list.first();
    for (const auto& address : properties.otherMails)
        list.add(address);
    addresses.all = list.take();
    return addresses;
}

bool isExternal(const std::string& userPrincipalName)
{
    return lowered(userPrincipalName).find(kExternal) != std::string::npos;
}

std::string addressOf(const nlohmann::json& attributes)
{
    return addressesOf(propertiesOf(attributes)).address;
}

std::vector<std::string> addressesOf(const nlohmann::json& attributes)
{
    return addressesOf(propertiesOf(attributes)).all;
}

} // namespace muster::directory
