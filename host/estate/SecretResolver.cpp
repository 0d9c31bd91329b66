#include "estate/SecretResolver.h"

#include "runtime/Errors.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace muster::estate {

namespace {

constexpr size_t kMostBytesOfSecret = 65536;

std::string secretInFile(const std::string& file)
{
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        throw ConfigError("the secret file " + file + " is a directory: name the file in it");
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw ConfigError("cannot read the secret file " + file + ": " + std::strerror(errno) +
                          ": make it, or let the user that runs Muster read it");
    std::string value(kMostBytesOfSecret + 1, '\0');
    stream.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<size_t>(stream.gcount()));
    if (value.size() > kMostBytesOfSecret)
        throw ConfigError("the secret file " + file + " is larger than 64 KiB: name another");
    if (!value.empty() && value.back() == '\n')
        value.pop_back();
    if (!value.empty() && value.back() == '\r')
        value.pop_back();
    if (value.empty())
        throw ConfigError("the secret file " + file + " is empty: write the secret into it");
    return value;
}

} // namespace

std::string SecretResolver::resolve(const SecretReference& reference) const
{
    if (!reference.secret.empty())
    {
        if (auto value = _secrets.find(reference.secret))
            return *value;
        throw ConfigError("there is no secret '" + reference.secret + "': run `muster secret set " +
                          reference.secret + "`");
    }
    if (!reference.environment.empty())
    {
        const char* value = std::getenv(reference.environment.c_str());
        if (!value || !*value)
            throw ConfigError("the environment variable " + reference.environment +
                              " is not set: set it where Muster is started");
        return value;
    }
    if (!reference.file.empty())
        return secretInFile(reference.file);
    throw ConfigError("no secret is named: write {secret: NAME}, {env: NAME} or {file: PATH}");
}

Json SecretResolver::resolve(const Json& settings) const
{
    if (const auto reference = secretReferenceFrom(settings))
        return resolve(*reference);
    auto resolved = settings;
    if (resolved.is_structured())
        for (auto& value : resolved)
            value = resolve(value);
    return resolved;
}

std::optional<SecretReference> secretReferenceFrom(const Json& value)
{
    if (!value.is_object() || value.size() != 1 || !value.begin()->is_string())
        return std::nullopt;
    const auto& key = value.begin().key();
    const auto& text = value.begin()->get_ref<const std::string&>();
    if (text.empty())
        return std::nullopt;
    if (key == "secret")
        return SecretReference{.secret = text};
    if (key == "env")
        return SecretReference{.environment = text};
    if (key == "file")
        return SecretReference{.file = text};
    return std::nullopt;
}

Json toJson(const SecretReference& reference)
{
    if (!reference.secret.empty())
        return {{"secret", reference.secret}};
    if (!reference.environment.empty())
        return {{"env", reference.environment}};
    if (!reference.file.empty())
        return {{"file", reference.file}};
    return nullptr;
}

} // namespace muster::estate
