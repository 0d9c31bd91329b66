#include "requests/Doors.h"

#include "store/GivenSecret.h"

#include <muster/Keys.h>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <optional>

namespace muster::requests {

namespace {

using Json = nlohmann::json;

constexpr size_t kSecretBytes = 24;

/// The claims of a JWT; discarded when it is none.
Json claimsIn(const std::string& token)
{
    const auto first = token.find('.');
    const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos)
        return Json(Json::value_t::discarded);
    const auto part = token.substr(first + 1, second - first - 1);
    std::string bytes(part.size(), '\0');
    size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), part.data(),
                          part.size(), "=", &size, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return Json(Json::value_t::discarded);
    bytes.resize(size);
    return Json::parse(bytes, nullptr, false);
}

std::string scalarText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number_integer() ? value.dump() : std::string();
}

/// accountId, account_id and "Account ID" alike.
std::string plainName(const std::string& claim)
{
    auto name = lowered(claim);
    std::erase_if(name, [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); });
    return name;
}

} // namespace

std::string newDoorSecret()
{
    return store::newSecret(kSecretBytes);
}

std::string eventPath(const std::string& plugin, const std::string& target)
{
    return "/hooks/" + plugin + "/" + target + "/events/";
}

Requestor requestorOf(const std::string& accessToken)
{
    Requestor requestor;
    const auto claims = claimsIn(accessToken);
    if (!claims.is_object())
        return requestor;
    for (const auto& [claim, value] : claims.items())
    {
        const auto name = plainName(claim);
        if (name == "accountid" || name == "companyid")
            requestor.accountId = scalarText(value);
        else if (name == "accountname" || name == "companyname")
            requestor.accountName = scalarText(value);
        else if ((name == "account" || name == "company") && value.is_object())
        {
            requestor.accountId = scalarText(value.value("id", value.value("entityId", Json())));
            requestor.accountName = scalarText(value.value("name", Json()));
        }
        else if ((name == "account" || name == "company") && requestor.accountId.empty())
            requestor.accountId = scalarText(value);
    }
    return requestor;
}

} // namespace muster::requests
