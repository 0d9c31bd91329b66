#include "estate/Entries.h"

#include "http/HttpClient.h"
#include "runtime/Errors.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace muster::estate {

namespace {

constexpr size_t kLongestName = 63;
constexpr size_t kMostBytesOfFile = 4u << 20;

/// What a schema says of the members beside a path: "pace.perSecond" gives those of pace.
Json membersBeside(Json schema, std::string path)
{
    for (auto dot = path.find('.'); dot != path.npos; dot = path.find('.'))
    {
        schema =
            schema.value("properties", Json::object()).value(path.substr(0, dot), Json::object());
        path.erase(0, dot + 1);
    }
    return schema.value("properties", Json::object());
}

/// "add apiKey: {secret: NAME}", and what that is.
std::string remedyFor(const std::string& key, const Json& schema)
{
    const auto asked = [&](const char* keyword) {
        return schema.is_object() ? schema.value(keyword, Json()) : Json();
    };
    const auto shown = [](const Json& value) {
        return value.is_string() ? value.get<std::string>() : value.dump();
    };
    const auto examples = asked("examples");
    const auto type = asked("type");
    const auto isNumber = type == "integer" || type == "number";
    const auto value = asked("writeOnly") == true                 ? "{secret: NAME}"
                       : examples.is_array() && !examples.empty() ? shown(examples.front())
                       : isNumber                                 ? "NUMBER"
                       : type == "string"                         ? "TEXT"
                                                                  : "…";
    const auto description = asked("description");
    return "add " + key + ": " + value +
           (description.is_string() ? " - " + shown(description) : std::string());
}

} // namespace

const char* const kSecretInPlainText =
    "is a secret, which does not stand in this file: run `muster secret set NAME` and write "
    "{secret: NAME}, or write {env: NAME} or {file: PATH}";

const std::vector<std::string> kContactRemovals = {"keep", "deactivate"};
const std::vector<std::string> kLinkRemovals = {"managed", "all"};
const std::vector<std::string> kGroupRemovals = {"keep", "retire"};
const std::vector<std::string> kAdditions = {"run", "wait"};

bool isGuid(const std::string& text)
{
    if (text.size() != 36)
        return false;
    for (size_t index = 0; index < text.size(); ++index)
    {
        const bool dash = index == 8 || index == 13 || index == 18 || index == 23;
        if (dash ? text[index] != '-' : !std::isxdigit(static_cast<unsigned char>(text[index])))
            return false;
    }
    return true;
}

std::string readName(const Field& field)
{
    if (!field.require("give it a name of a-z, 0-9 and -"))
        return {};
    const auto name = field.text();
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (field.isScalar() && (name.empty() || name.size() > kLongestName ||
                             !std::all_of(name.begin(), name.end(), fits) || name.front() == '-'))
        field.fault("a name is made of a-z, 0-9 and -, begins with a letter or digit, and has at "
                    "most 63 of them");
    return name;
}

bool isSecretReference(const Field& field)
{
    const auto members =
        field.isMap() ? field.members() : std::vector<std::pair<std::string, Field>>();
    if (members.size() != 1 || !members.front().second.isScalar())
        return false;
    const auto& key = members.front().first;
    return key == "secret" || key == "env" || key == "file";
}

SecretReference readSecret(const Field& field, const Surroundings& surroundings, std::string* value)
{
    if (!isSecretReference(field))
    {
        field.fault(kSecretInPlainText);
        return {};
    }
    SecretReference result{.secret = field.member("secret").text(),
                           .environment = field.member("env").text(),
                           .file = field.member("file").text()};
    if (!result.file.empty())
        result.file = (std::filesystem::path(field.file().folder) / result.file).lexically_normal();
    try
    {
        const auto resolved = surroundings.secret(result);
        if (value)
            *value = resolved;
    }
    catch (const ConfigError& error)
    {
        field.fault(error.what());
    }
    return result;
}

std::string readPath(const Field& field, const std::string& marker)
{
    if (!field.isGiven() || field.text().empty())
        return {};
    const auto path =
        (std::filesystem::path(field.file().folder) / field.text()).lexically_normal().string();
    std::error_code error;
    std::ifstream stream;
    if (!std::filesystem::is_directory(path, error))
        stream.open(path, std::ios::binary);
    if (!stream.is_open())
    {
        field.fault("cannot read " + path +
                    ": see that the file is there and that the user who "
                    "runs Muster may read it");
        return path;
    }
    std::string content(kMostBytesOfFile, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<size_t>(stream.gcount()));
    if (content.find("-----BEGIN ") == content.npos || content.find(marker) == content.npos)
        field.fault(path + " holds no " + marker + " in PEM form (-----BEGIN " + marker +
                    "-----): name the right file, or convert it with openssl");
    return path;
}

std::string readUrl(const Field& field, const std::string& otherwise)
{
    if (!field.isGiven())
        return otherwise;
    auto url = field.text();
    std::string why;
    if (field.isScalar() && !http::isAllowedUrl(url, why))
        field.fault("'" + url + "' cannot be used: " + why);
    while (!url.empty() && url.back() == '/')
        url.pop_back();
    return url;
}

void checkSchema(const Field& field, const Json& schema, const Json& value,
                 const std::set<std::string>& told, const std::vector<std::string>& others)
{
    for (const auto& fault : plugins::schemaFaults(schema, value))
    {
        const auto colon = std::min(fault.find(": "), fault.size());
        const auto path = fault.substr(0, colon) == "it" ? "" : fault.substr(0, colon);
        if (told.count(path))
            continue;
        auto message = fault.substr(std::min(colon + 2, fault.size()));
        const auto key = path.substr(path.rfind('.') + 1);
        const auto beside = path.find('[') == path.npos ? membersBeside(schema, path) : Json();
        if (message == "is not known" && beside.is_object())
        {
            auto known = path == key ? others : std::vector<std::string>();
            for (const auto& [name, member] : beside.items())
                known.push_back(name);
            message = "is no key here: " + suggestion(key, known);
        }
        if (message == "is missing" && beside.is_object())
            message += ": " + remedyFor(key, beside.value(key, Json()));
        field.faultAt(path, message);
    }
}

} // namespace muster::estate
