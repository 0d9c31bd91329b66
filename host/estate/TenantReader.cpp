#include "estate/Entries.h"

#include <algorithm>

namespace muster::estate {

namespace {

/// Where a national cloud lives (contracts/graph.md, section 1.6).
struct Cloud
{
    const char* authority;
    const char* graph;
};
const std::vector<std::string> kCloudNames = {"global", "usgov", "dod", "china"};
constexpr Cloud kClouds[] = {
    {"https://login.microsoftonline.com", "https://graph.microsoft.com"},
    {"https://login.microsoftonline.us", "https://graph.microsoft.us"},
    {"https://login.microsoftonline.us", "https://dod-graph.microsoft.us"},
    {"https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"},
};

bool isDomain(const std::string& text)
{
    const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.'; };
    return text.find('.') != text.npos && text.front() != '.' && text.back() != '.' &&
           std::all_of(text.begin(), text.end(), fits);
}

void readCredential(const Field& field, const Surroundings& surroundings,
                    DirectorySettings& settings)
{
    const auto secret = field.member("clientSecret");
    const auto certificate = field.member("certificate");
    if (secret.isGiven() == certificate.isGiven())
    {
        (secret.isGiven() ? certificate : secret)
            .fault(secret.isGiven() ? "there is a clientSecret too: keep one of the two"
                                    : "is missing: give clientSecret: {secret: NAME}, or "
                                      "certificate: {file: PATH, key: PATH}");
        return;
    }
    if (secret.isGiven())
    {
        settings.clientSecret = readSecret(secret, surroundings);
        return;
    }
    certificate.refuseOthers({"file", "key"});
    const auto file = certificate.member("file");
    const auto key = certificate.member("key");
    if (certificate.isMap() && file.require("name the certificate, a PEM file"))
        settings.certificateFile = readPath(file, "CERTIFICATE");
    if (certificate.isMap() && key.require("name the certificate's private key, a PEM file"))
        settings.certificateKeyFile = readPath(key, "PRIVATE KEY");
}

DirectorySettings readDirectory(const Field& field, const Surroundings& surroundings)
{
    DirectorySettings settings;
    if (!field.require("say which Entra directory it is, and how to sign in there"))
        return settings;
    field.refuseOthers({"tenant", "clientId", "clientSecret", "certificate", "cloud", "authority",
                        "graph", "caFile"});
    if (!field.isMap())
        return settings;
    const auto tenant = field.member("tenant");
    if (tenant.require("give the directory's id, which the Entra admin center shows"))
        settings.tenant = tenant.text();
    if (tenant.isScalar() && !isGuid(settings.tenant) && !isDomain(settings.tenant))
        tenant.fault("'" + settings.tenant +
                     "' is no tenant id (a GUID) and no domain: copy the "
                     "directory's id from the Entra admin center");
    const auto clientId = field.member("clientId");
    if (clientId.require("give the application's client id, which its app registration shows"))
        settings.clientId = clientId.text();
    if (clientId.isScalar() && !isGuid(settings.clientId))
        clientId.fault("'" + settings.clientId +
                       "' is no GUID: copy the application (client) id "
                       "from the app registration");
    readCredential(field, surroundings, settings);
    const auto& cloud = kClouds[field.member("cloud").choice(kCloudNames, size_t(0))];
    settings.authority = readUrl(field.member("authority"), cloud.authority);
    settings.graph = readUrl(field.member("graph"), cloud.graph);
    settings.scope = std::string(cloud.graph) + "/.default";
    settings.caFile = readPath(field.member("caFile"), "CERTIFICATE");
    return settings;
}

std::vector<SelectionRule> readSelection(const Field& field, const Declaration& known,
                                         const Surroundings& surroundings)
{
    std::vector<SelectionRule> rules;
    for (const auto& [target, value] : field.members())
    {
        std::vector<std::string> names;
        for (const auto* entries : {&known.targets, &surroundings.targets})
            for (const auto& entry : *entries)
                names.push_back(entry.name);
        if (std::find(names.begin(), names.end(), target) == names.end())
            value.fault("there is no target '" + target + "': " + suggestion(target, names));
        SelectionRule rule{.target = target};
        if (value.isList())
        {
            for (const auto& item : value.items())
                if (item.require("write a group's id or name here"))
                    rule.patterns.push_back(item.text());
        }
        else if (value.require("write all, none, or a list of group ids or name patterns"))
        {
            const auto text = value.text();
            rule.all = text == "all";
            if (value.isScalar() && text != "all" && text != "none")
                value.fault(
                    "must be all, none, or a list of group ids or name patterns, as in [\"" + text +
                    "\"]");
        }
        rules.push_back(std::move(rule));
    }
    return rules;
}

/// A mirror belongs to one directory: fed from another one, every group would seem to be gone.
void refuseOtherDirectory(const Field& field, const Tenant& tenant,
                          const Surroundings& surroundings)
{
    const auto known = surroundings.directories.find(tenant.name);
    const auto& now = tenant.directory.tenant;
    if (known == surroundings.directories.end() || !isGuid(known->second) || !isGuid(now))
        return;
    const bool same = std::equal(now.begin(), now.end(), known->second.begin(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
    if (!same)
        field.fault("the tenant '" + tenant.name + "' is the directory " + known->second +
                    ": give another directory a name of its own");
}

} // namespace

Tenant readTenant(const Field& field, const Declaration& known, const Surroundings& surroundings)
{
    field.refuseOthers({"name", "displayName", "directory", "groups"});
    Tenant tenant;
    tenant.name = readName(field.member("name"));
    tenant.displayName = field.member("displayName").text(tenant.name);
    tenant.directory = readDirectory(field.member("directory"), surroundings);
    tenant.groups = readSelection(field.member("groups"), known, surroundings);
    refuseOtherDirectory(field.member("directory").member("tenant"), tenant, surroundings);
    return tenant;
}

} // namespace muster::estate
