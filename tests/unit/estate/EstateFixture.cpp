#include "EstateFixture.h"

#include "runtime/Errors.h"

#include <Poco/File.h>

#include <fstream>
#include <stdexcept>

namespace muster::estate {

namespace {

const char* const kContacts = R"({"id": "contacts", "name": "Contacts", "version": "1.0.0",
    "number": 1, "records": ["contact"],
    "settings": {"type": "object", "additionalProperties": false,
                 "properties": {"suffix": {"type": "string"}}}})";

const char* const kDocuments = R"({"id": "documents", "name": "Documents", "version": "1.0.0",
    "records": ["document"]})";

const char* const kDesk = R"({"id": "desk-plugin", "name": "Desk", "version": "1.0.0", "abi": "1.0",
    "records": {"contact": ["create", "update"]}, "origins": ["site"],
    "credentials": [{"setting": "apiKey", "header": "Authorization", "format": "Key {}"}],
    "scope": {"type": "object", "required": ["account"], "additionalProperties": false,
              "properties": {"account": {"type": "integer"}}},
    "settings": {"type": "object", "required": ["site", "apiKey"], "additionalProperties": false,
        "properties": {"site": {"type": "string"},
            "apiKey": {"type": "string", "writeOnly": true, "description": "The key."},
            "pace": {"type": "object", "additionalProperties": false, "properties": {
                "perSecond": {"type": "number", "exclusiveMinimum": 0},
                "parallel": {"type": "integer", "minimum": 1}}}}}})";

const std::string kRight = R"(tenants:
  - name: contoso
    displayName: Contoso Ltd
    directory:
      tenant: 3f0c0e0e-0000-4000-8000-000000000001
      clientId: 9a1b0000-0000-4000-8000-000000000002
      clientSecret: {secret: graph-secret}
      cloud: global
    groups:
      desk: all
targets:
  - name: desk
    plugin: desk-plugin
    settings:
      site: https://acme.example.com
      apiKey: {secret: desk-key}
      pace: {perSecond: 5, parallel: 4}
syncs:
  - name: contoso-contacts
    tenant: contoso
    target: desk
    mode: contacts
    scope: {account: 42}
    schedule: {every: 15m}
    removal: {contacts: keep, links: all, groups: keep}
    guard: {percent: 20, count: 5}
    settings: {nested: direct, guests: include}
)";

} // namespace

EstateFixture::EstateFixture()
{
    Poco::File(_folder.path()).createDirectories();
    _store = std::make_unique<store::Store>(_folder.path() + "/data");
    _database = std::make_unique<store::Database>(_store->connect());
    _secrets = std::make_unique<store::Secrets>(*_store, _clock);
    _resolver = std::make_unique<SecretResolver>(*_secrets);
    _secrets->set("graph-secret", "the graph secret");
    _secrets->set("desk-key", "the desk key");
    _modes = {plugins::parseModeManifest(kContacts, "contacts.json"),
              plugins::parseModeManifest(kDocuments, "documents.json")};
    _target = plugins::parseTargetManifest(kDesk, "desk-plugin.json");
}

std::vector<EntryChange> EstateFixture::apply(const std::map<std::string, std::string>& files,
                                              Unnamed unnamed)
{
    const ManifestSource manifests{
        .mode = [this](const std::string& id) -> const plugins::ModeManifest& {
            for (const auto& mode : _modes)
                if (mode.id == id || (mode.number > 0 && std::to_string(mode.number) == id))
                    return mode;
            throw ConfigError("there is no mode '" + id + "'");
        },
        .target = [this](const std::string& id) -> const plugins::TargetManifest& {
            if (id == _target.id)
                return _target;
            throw ConfigError("there is no target plugin '" + id + "'");
        }};
    std::vector<EstateFile> list;
    for (const auto& [name, text] : files)
        list.push_back({.name = name, .folder = folder(), .text = text});
    return EstateApplier(*_database, _clock, *_resolver, manifests).apply(list, unnamed);
}

std::string EstateFixture::faultsOf(const std::string& text)
{
    try
    {
        apply(text);
    }
    catch (const EstateError& error)
    {
        return error.what();
    }
    return {};
}

const std::string& EstateFixture::rightEstate()
{
    return kRight;
}

std::string EstateFixture::estateWith(const std::string& part, const std::string& line)
{
    const auto found = kRight.find(part);
    if (found == kRight.npos)
        throw std::logic_error("the right estate has no line with " + part);
    const auto begin = kRight.rfind('\n', found) + 1;
    const auto end = kRight.find('\n', found);
    return kRight.substr(0, begin) + line + kRight.substr(end);
}

std::string EstateFixture::writeFile(const std::string& name, const std::string& content) const
{
    std::ofstream(folder() + "/" + name, std::ios::binary) << content;
    return folder() + "/" + name;
}

} // namespace muster::estate
