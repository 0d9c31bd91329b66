#pragma once

#include "estate/Declaration.h"

#include <set>
#include <string>

/// The readers of an estate file's entries; what is wrong is noted as faults of the fields.
namespace muster::estate {

Tenant readTenant(const Field& field, const Declaration& known, const Surroundings& surroundings);
Target readTarget(const Field& field, const Surroundings& surroundings);
Sync readSync(const Field& field, const Declaration& known, const Surroundings& surroundings);

/// The entry's name: a-z, 0-9 and -, at most 63.
std::string readName(const Field& field);

/// The name of an entry that is declared in the files or stored; `what` is "tenant" or "target".
template <typename Entry>
const Entry* readNameOf(const Field& field, const std::string& what,
                        const std::vector<Entry>& declared, const std::vector<Entry>& stored)
{
    if (!field.require("name the " + what))
        return nullptr;
    const auto name = field.text();
    std::vector<std::string> names;
    for (const auto* entries : {&declared, &stored})
        for (const auto& entry : *entries)
        {
            if (entry.name == name)
                return &entry;
            names.push_back(entry.name);
        }
    if (field.isScalar())
        field.fault("there is no " + what + " '" + name + "': " + suggestion(name, names));
    return nullptr;
}

/// True for {secret: NAME}, {env: NAME} and {file: PATH}.
bool isSecretReference(const Field& field);

/// A reference to a secret that leads to a value; `value` receives it when asked for.
SecretReference readSecret(const Field& field, const Surroundings& surroundings,
                           std::string* value = nullptr);

/// Says that a secret's value does not stand in an estate file, and where else.
extern const char* const kSecretInPlainText;

/// The absolute path of a file that can be read and holds `marker`; empty when it is not given.
std::string readPath(const Field& field, const std::string& marker);

/// An https URL, or http to loopback, without a slash at its end; else the default.
std::string readUrl(const Field& field, const std::string& otherwise = {});

/// Faults where the value of `field`, as `value` has it, does not follow the JSON Schema; not at
/// the paths `told`, whose faults were noted already. `others` are the keys there that are known
/// beside those of the schema.
void checkSchema(const Field& field, const Json& schema, const Json& value,
                 const std::set<std::string>& told = {},
                 const std::vector<std::string>& others = {});

bool isGuid(const std::string& text);

/// The texts of enumerations, in the order of their values.
extern const std::vector<std::string> kContactRemovals;
extern const std::vector<std::string> kLinkRemovals;
extern const std::vector<std::string> kGroupRemovals;
extern const std::vector<std::string> kAdditions;

} // namespace muster::estate
