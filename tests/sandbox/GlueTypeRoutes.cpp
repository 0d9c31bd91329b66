/// Which call for types and fields a path is: contracts/itglue.md sections 2.2 and 2.3.
#include "GlueTypes.h"

namespace muster::sandbox {

GlueRoute GlueTypes::find(const std::string& method, const GluePath& path)
{
    if (path[0] == "flexible_asset_fields")
        return findField(method, path);
    const bool isNested =
        path.size() >= 4 && path[2] == "relationships" && path[3] == "flexible_asset_fields";
    return isNested ? findNested(method, path) : findType(method, path);
}

GlueRoute GlueTypes::findType(const std::string& method, const GluePath& path)
{
    if (method == "GET" && path.size() == 1)
        return {"flexibleAssetTypes.list", [this](const GlueCall& c) { return listTypes(c); }};
    if (method == "POST" && path.size() == 1)
        return {"flexibleAssetTypes.create", [this](const GlueCall& c) { return createType(c); }};
    if (method == "GET" && path.size() == 2)
        return {"flexibleAssetTypes.get",
                [this, path](const GlueCall& c) { return getType(c, glueIdOf(path[1])); }};
    if (method == "PATCH" && path.size() == 2)
        return {"flexibleAssetTypes.patch",
                [this, path](const GlueCall& c) { return patchType(c, glueIdOf(path[1])); }};
    return {};
}

GlueRoute GlueTypes::findField(const std::string& method, const GluePath& path)
{
    if (method == "POST" && path.size() == 1)
        return {"flexibleAssetFields.create", [this](const GlueCall& c) { return createField(c); }};
    if (method == "PATCH" && path.size() == 1)
        return {"flexibleAssetFields.bulkPatch",
                [this](const GlueCall& c) { return patchFields(c); }};
    if (method == "GET" && path.size() == 2)
        return {"flexibleAssetFields.get",
                [this, path](const GlueCall& c) { return getField(c, {}, glueIdOf(path[1])); }};
    if (method == "PATCH" && path.size() == 2)
        return {"flexibleAssetFields.patch",
                [this, path](const GlueCall& c) { return patchField(c, {}, glueIdOf(path[1])); }};
    if (method == "DELETE" && path.size() == 2)
        return {"flexibleAssetFields.delete",
                [this, path](const GlueCall&) { return eraseField({}, glueIdOf(path[1])); }};
    return {};
}

GlueRoute GlueTypes::findNested(const std::string& method, const GluePath& path)
{
    const auto type = [path] { return glueIdOf(path[1]); };
    const auto field = [path] { return glueIdOf(path[4]); };
    if (method == "GET" && path.size() == 4)
        return {"flexibleAssetFields.list",
                [this, type](const GlueCall& c) { return listFields(c, type()); }};
    if (method == "POST" && path.size() == 4)
        return {"flexibleAssetFields.create",
                [this, type](const GlueCall& c) { return createFields(c, type()); }};
    if (path.size() != 5)
        return {};
    if (method == "GET")
        return {"flexibleAssetFields.get",
                [=, this](const GlueCall& c) { return getField(c, type(), field()); }};
    if (method == "PATCH")
        return {"flexibleAssetFields.patch",
                [=, this](const GlueCall& c) { return patchField(c, type(), field()); }};
    if (method == "DELETE")
        return {"flexibleAssetFields.delete",
                [=, this](const GlueCall&) { return eraseField(type(), field()); }};
    return {};
}

} // namespace muster::sandbox
