#pragma once

#include "SandboxFixture.h"

#include <string>

namespace muster::sandbox {

/// A sandbox with IT Glue's organizations 7 and 8, a type 33 "Groups" that has a field of most
/// kinds, contacts 71, 72 and (of 8) 81, and configuration 91.
class GlueFixture : public SandboxFixture
{
public:
    void setUp() override
    {
        start("");
        server().seedGlue({
            {"organizations",
             {{{"id", 7}, {"name", "Contoso"}}, {{"id", 8}, {"name", "Fabrikam, Inc."}}}},
            {"contacts",
             {contactSeed(71, 7, "Ann"), contactSeed(72, 7, "Bob"), contactSeed(81, 8, "Cid")}},
            {"configurations",
             {{{"id", 91}, {"organization-id", 7}, {"name", "PC-1"}, {"hostname", "pc-1.local"}}}},
        });
        server().seedGlue(
            {{"types",
              {{{"id", 33},
                {"name", "Groups"},
                {"fields",
                 {fieldSeed(1, "Group Name", "Text", {{"required", true}, {"use-for-title", true}}),
                  fieldSeed(2, "Members", "Tag", {{"tag-type", "Contacts"}}),
                  fieldSeed(3, "Devices", "Tag", {{"tag-type", "Configurations"}}),
                  fieldSeed(4, "Others (Not Matched)", "Textbox"),
                  fieldSeed(5, "Status", "Select", {{"default-value", "Enabled\nOrphaned"}}),
                  fieldSeed(6, "File", "Upload"), fieldSeed(7, "Code", "Password")}}}}}});
        server().seedGlue({{"fields",
                            {{{"id", 408},
                              {"flexible-asset-type-id", 33},
                              {"name", "Nested"},
                              {"kind", "Tag"},
                              {"tag-type", "FlexibleAssetType: 33"}}}}});
    }

protected:
    static Json contactSeed(int id, int organization, const std::string& name)
    {
        return {{"id", id},
                {"organization-id", organization},
                {"first-name", name},
                {"last-name", "Lee"},
                {"contact-emails", {name + "@b.example", name + "@home.example"}}};
    }

    static Json fieldSeed(int order, const std::string& name, const std::string& kind,
                          const Json& more = Json::object())
    {
        Json field{{"id", 400 + order}, {"order", order}, {"name", name}, {"kind", kind}};
        field["show-in-list"] = true;
        field.update(more);
        return field;
    }

    static Json assetBody(const Json& traits, int organization = 7)
    {
        return {{"data",
                 {{"type", "flexible-assets"},
                  {"attributes",
                   {{"organization-id", organization},
                    {"flexible-asset-type-id", 33},
                    {"traits", traits}}}}}};
    }

    static Json patchBody(const Json& attributes)
    {
        return {{"data", {{"type", "flexible-assets"}, {"attributes", attributes}}}};
    }

    Answer tryCreate(const Json& traits)
    {
        return client().glue("POST", "/flexible_assets", assetBody(traits));
    }

    /// Gives the id of the asset that it makes, as a number.
    std::int64_t create(const Json& traits)
    {
        return std::stoll(tryCreate(traits).json().at("data").at("id").get<std::string>());
    }

    Answer tryPatch(std::int64_t id, const Json& attributes)
    {
        return client().glue("PATCH", "/flexible_assets/" + std::to_string(id),
                             patchBody(attributes));
    }

    Json show(std::int64_t id, const std::string& query = "")
    {
        return client().glue("GET", "/flexible_assets/" + std::to_string(id) + query).json();
    }

    Json traits(std::int64_t id) { return show(id)["data"]["attributes"]["traits"]; }

    Json list(const std::string& query = "")
    {
        return client()
            .glue("GET", "/flexible_assets?filter[flexible-asset-type-id]=33" + query)
            .json();
    }

    static std::string detailOf(const Answer& answer)
    {
        return answer.json().at("errors").at(0).at("detail").get<std::string>();
    }
};

} // namespace muster::sandbox
