#include "DeskSchemas.h"

namespace muster::sandbox {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kSchemas = R"({
"FindContactsRequest": {"type": "object", "properties": {
    "companyId": {"type": "integer", "format": "int32"},
    "search": {"type": "string"},
    "state": {"type": "string", "enum": ["any", "active", "inactive"]},
    "skip": {"type": "integer"},
    "take": {"type": "integer", "maximum": 100}}},
"CreateContactRequest": {"type": "object", "required": ["companyId", "email", "firstName"],
    "properties": {
    "companyId": {"type": "integer", "format": "int32"},
    "email": {"type": "string", "format": "email"},
    "firstName": {"type": "string"},
    "lastName": {"type": "string"},
    "title": {"type": "string"},
    "phone": {"type": "string"}}},
"ContactDetails": {"type": "object", "properties": {
    "id": {"type": "integer", "format": "int32"},
    "firstName": {"type": "string"},
    "lastName": {"type": "string"},
    "name": {"type": "string"},
    "email": {"type": "string"},
    "title": {"type": ["string", "null"]},
    "phone": {"type": ["string", "null"]},
    "active": {"type": "boolean"},
    "company": {"type": "object", "properties": {"id": {"type": "integer"},
        "name": {"type": "string"}}},
    "serviceGroup": {"type": ["object", "null"], "properties": {"id": {"type": "integer"},
        "name": {"type": "string"}}}}},
"CompanyDetails": {"type": "object", "properties": {
    "id": {"type": "integer", "format": "int32"},
    "name": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "active": {"type": "boolean"}}},
"FindCompaniesRequest": {"type": "object", "properties": {
    "search": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "skip": {"type": "integer"},
    "take": {"type": "integer", "maximum": 100}}},
"FindTicketsRequest": {"type": "object", "properties": {
    "boardId": {"type": "integer"},
    "statusId": {"type": "integer"},
    "requestTypeId": {"type": "integer"},
    "state": {"type": "string", "enum": ["any", "open", "closed"]},
    "skip": {"type": "integer"},
    "take": {"type": "integer", "maximum": 100}}},
"UpdateTicketRequest": {"type": "object", "properties": {"statusId": {"type": "integer"}}}
})";

/// A response of a find call: a page of details.
Json pageOf(const Json& details)
{
    return {{"type", "object"},
            {"properties",
             {{"results", {{"type", "array"}, {"items", details}}},
              {"totalResults", {{"type", "integer"}}}}}};
}

} // namespace

Json deskSchema(const std::string& typeId)
{
    static const Json schemas = Json::parse(kSchemas);
    if (typeId == "FindContactsResponse")
        return pageOf(schemas["ContactDetails"]);
    if (typeId == "FindCompaniesResponse")
        return pageOf(schemas["CompanyDetails"]);
    const auto found = schemas.find(typeId);
    return found == schemas.end() ? Json() : *found;
}

} // namespace muster::sandbox
