#include "plugins/Trust.h"

#include "runtime/Errors.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace muster::plugins {

namespace {

namespace fs = std::filesystem;

/// Why other users could change a file or folder; empty when they cannot.
std::string exposure(const fs::path& path)
{
    struct stat state
    {};
    if (::stat(path.c_str(), &state) != 0)
        return path.string() + " cannot be read";
    if (state.st_uid != 0 && state.st_uid != ::geteuid())
        return path.string() + " belongs to another user: it must belong to root or to the user "
                               "that Muster runs as (chown)";
    if ((state.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "others may write to " + path.string() + ": take that away (chmod go-w)";
    return {};
}

/// As /tmp: others may put files there, and may not touch those of somebody else.
bool isSticky(const fs::path& folder)
{
    struct stat state
    {};
    return ::stat(folder.c_str(), &state) == 0 && state.st_uid == 0 &&
           (state.st_mode & S_ISVTX) != 0;
}

std::string exposureOf(const std::string& file)
{
    std::error_code error;
    const auto real = fs::canonical(file, error);
    if (error)
        return file + " cannot be read";
    const auto named = fs::absolute(file).lexically_normal();
    for (const auto& path : {real, real.parent_path(), named.parent_path()})
        if (auto why = exposure(path); !why.empty())
            return why;
    // Who may rename a folder above may put another in its place.
    for (const auto& first : {real.parent_path(), named.parent_path()})
        for (auto path = first; path != path.root_path(); path = path.parent_path())
            if (const auto above = path.parent_path(); !isSticky(above))
                if (auto why = exposure(above); !why.empty())
                    return why;
    return {};
}

void addFile(crypto_hash_sha256_state& state, const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::array<char, 65536> buffer;
    while (stream.read(buffer.data(), buffer.size()), stream.gcount() > 0)
        crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(buffer.data()),
                                  static_cast<unsigned long long>(stream.gcount()));
    if (stream.bad() || !stream.is_open())
        throw ConfigError(file + ": it cannot be read");
}

std::string digestOf(const std::string& file)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    addFile(state, file);
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
    ::sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
    return text.data();
}

std::string digestOf(const PluginFiles& files)
{
    return digestOf(files.library) + " " + digestOf(files.manifest);
}

} // namespace

std::string Trust::problem(const PluginFiles& files, bool& isNew) const
{
    for (const auto& file : {files.library, files.manifest})
        if (auto why = exposureOf(file); !why.empty())
            return why;
    if (!_store)
        return {};
    const auto known = _store->connect().value<std::string>(
        "SELECT digest FROM plugin_trust WHERE family = $1 AND id = $2", {files.family, files.id});
    isNew = !known;
    if (!known || *known == digestOf(files))
        return {};
    return "its files are not those that were used before: when you put them there, run `muster "
           "plugins --trust " +
           files.id + "`";
}

std::string Trust::problem(const PluginFiles& files) const
{
    try
    {
        bool isNew = false;
        return problem(files, isNew);
    }
    catch (const ConfigError& error)
    {
        return error.what();
    }
}

void Trust::use(const PluginFiles& files) const
{
    bool isNew = false;
    const auto why = problem(files, isNew);
    if (!why.empty())
        throw ConfigError("the " + files.family + " plugin " + files.id +
                          " cannot be used: " + why);
    if (isNew)
        remember(files, digestOf(files));
}

void Trust::trust(const PluginFiles& files) const
{
    if (_store)
        remember(files, digestOf(files));
}

void Trust::remember(const PluginFiles& files, const std::string& digest) const
{
    auto database = _store->connect(store::Durability::Durable);
    store::Transaction transaction(database);
    database.execute("DELETE FROM plugin_trust WHERE family = $1 AND id = $2",
                     {files.family, files.id});
    database.execute("INSERT INTO plugin_trust(family, id, digest, at) VALUES ($1, $2, $3, $4)",
                     {files.family, files.id, digest, runtime::toMilliseconds(_clock.now())});
    transaction.commit();
}

} // namespace muster::plugins
