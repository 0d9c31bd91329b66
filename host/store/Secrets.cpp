#include "store/Secrets.h"

#include "runtime/Errors.h"
#include "runtime/FileDescriptor.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace muster::store {

namespace {

constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kSealBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kNameLimit = 100;
constexpr size_t kValueLimit = 65536;
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

const unsigned char* bytesOf(const std::string& text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// A key in memory that is overwritten when it is no longer needed.
class KeyBytes
{
public:
    explicit KeyBytes(std::string text) : _text(std::move(text)) {}
    ~KeyBytes() { sodium_memzero(_text.data(), _text.size()); }
    KeyBytes(const KeyBytes&) = delete;
    KeyBytes& operator=(const KeyBytes&) = delete;
    const unsigned char* data() const { return bytesOf(_text); }

private:
    std::string _text;
};

std::string encode(const std::string& bytes)
{
    std::string text(sodium_base64_encoded_len(bytes.size(), kBase64), '\0');
    sodium_bin2base64(text.data(), text.size(), bytesOf(bytes), bytes.size(), kBase64);
    text.pop_back(); // its terminating zero
    return text;
}

std::optional<std::string> decode(const std::string& text)
{
    std::string bytes(text.size(), '\0');
    size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), " \r\n", &size, nullptr, kBase64) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

/// The key in an existing file: its 32 bytes, or their base64.
std::string readKey(const std::string& file, const runtime::FileDescriptor& descriptor)
{
    std::string content(256, '\0');
    const auto size = ::read(descriptor.number(), content.data(), content.size());
    content.resize(size > 0 ? static_cast<size_t>(size) : 0);
    if (content.size() == kKeyBytes)
        return content;
    auto decoded = decode(content);
    sodium_memzero(content.data(), content.size());
    if (decoded && decoded->size() == kKeyBytes)
        return *decoded;
    throw ConfigError(file + " is not a key of Muster: put back the file that was there, or remove "
                             "it together with the secrets (`muster secret remove NAME`) and set "
                             "them again");
}

/// Makes a key file that is either whole or not there, and never replaces one.
void makeKey(const std::string& file)
{
    std::string key(kKeyBytes, '\0');
    randombytes_buf(key.data(), key.size());
    const auto text = encode(key) + "\n";
    auto temporary = file + ".XXXXXX";
    const runtime::FileDescriptor descriptor(::mkostemp(temporary.data(), O_CLOEXEC)); // mode 0600
    bool made = descriptor.isOpen() &&
                ::write(descriptor.number(), text.data(), text.size()) ==
                    static_cast<ssize_t>(text.size()) &&
                ::fsync(descriptor.number()) == 0;
    // Another process may have been faster: then its key is the one.
    made = made && (::link(temporary.c_str(), file.c_str()) == 0 || errno == EEXIST);
    const auto reason = std::string(std::strerror(errno));
    ::unlink(temporary.c_str());
    if (!made)
        throw ConfigError("cannot make the key file " + file + ": " + reason +
                          ": see that the directory is writable and has space");
    const runtime::FileDescriptor folder(
        ::open(file.substr(0, file.rfind('/')).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::fsync(folder.number());
}

void checkName(const std::string& name)
{
    const auto fits = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    if (name.empty() || name.size() > kNameLimit || !std::all_of(name.begin(), name.end(), fits))
        throw UsageError("'" + name +
                         "' is no name for a secret: use letters, digits, '.', '_' and '-', at "
                         "most 100 of them");
}

} // namespace

Secrets::Secrets(Store& store, const runtime::Clock& clock) : _store(store), _clock(clock)
{
    if (sodium_init() < 0)
        throw ConfigError("the machine gives no random numbers: see that getrandom() works here");
}

std::string Secrets::key()
{
    const std::lock_guard lock(_keyMutex);
    if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    {
        const auto file = std::string(folder) + "/muster.key";
        const runtime::FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (descriptor.isOpen())
            return readKey(file, descriptor);
    }
    const auto file = _store.dataDirectory() + "/secret.key";
    if (::access(file.c_str(), F_OK) != 0)
    {
        if (!list().empty())
            throw ConfigError("the key of the stored secrets, " + file +
                              ", is missing: put it back from a backup, or remove every secret "
                              "(`muster secret list`, `muster secret remove NAME`) and set them "
                              "again");
        makeKey(file);
    }
    const runtime::FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status = {};
    if (!descriptor.isOpen() || ::fstat(descriptor.number(), &status) != 0)
        throw ConfigError("cannot read the key file " + file + ": " + std::strerror(errno) +
                          ": run as the user who owns it");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw ConfigError("others may read the key file " + file + ": run `chmod 600 " + file +
                          "`, and set the secrets anew if someone may have copied it");
    return readKey(file, descriptor);
}

void Secrets::set(const std::string& name, const std::string& value)
{
    checkName(name);
    if (value.empty())
        throw UsageError("the secret " + name + " is empty: give its value on standard input");
    if (value.size() > kValueLimit)
        throw UsageError("the secret " + name + " is longer than 64 KiB");
    const KeyBytes sealingKey(key());
    std::string sealed(kNonceBytes + value.size() + kSealBytes, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(sealed.data());
    randombytes_buf(bytes, kNonceBytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + kNonceBytes, nullptr, bytesOf(value),
                                               value.size(), bytesOf(name), name.size(), nullptr,
                                               bytes, sealingKey.data());
    auto database = _store.connect();
    database.execute("INSERT INTO secret(name, sealed, changed_at) VALUES($1, $2, $3) ON "
                     "CONFLICT(name) DO UPDATE SET sealed = excluded.sealed, changed_at = "
                     "excluded.changed_at",
                     {name, encode(sealed), runtime::toMilliseconds(_clock.now())});
}

bool Secrets::remove(const std::string& name)
{
    return _store.connect().execute("DELETE FROM secret WHERE name = $1", {name}) > 0;
}

std::vector<Secrets::Entry> Secrets::list()
{
    std::vector<Entry> entries;
    auto database = _store.connect();
    database.query<std::string, int64_t>(
        "SELECT name, changed_at FROM secret ORDER BY name", {},
        [&](const std::string& name, int64_t changedAt) {
            entries.push_back({name, runtime::fromMilliseconds(changedAt)});
        });
    return entries;
}

std::optional<std::string> Secrets::find(const std::string& name)
{
    const auto text =
        _store.connect().value<std::string>("SELECT sealed FROM secret WHERE name = $1", {name});
    if (!text)
        return std::nullopt;
    const KeyBytes sealingKey(key());
    const auto sealed = decode(*text);
    if (sealed && sealed->size() > kNonceBytes + kSealBytes)
    {
        std::string value(sealed->size() - kNonceBytes - kSealBytes, '\0');
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(
                reinterpret_cast<unsigned char*>(value.data()), nullptr, nullptr,
                bytesOf(*sealed) + kNonceBytes, sealed->size() - kNonceBytes, bytesOf(name),
                name.size(), bytesOf(*sealed), sealingKey.data()) == 0)
            return value;
    }
    throw ConfigError("the secret " + name +
                      " cannot be opened with the key of this machine: put back the key file that "
                      "it was sealed with, or run `muster secret set " +
                      name + "`");
}

} // namespace muster::store
