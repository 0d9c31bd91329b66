#pragma once

#include "documents/Document.h"

#include <string>
#include <vector>

namespace muster::documents {

inline const runtime::Instant kExportedAt = runtime::fromMilliseconds(1'769'851'800'000);

/// A document with something in every place that a page has.
inline Document fullDocument()
{
    Document document;
    document.id = "11111111-0000-4000-8000-000000000001";
    document.type = Type::Security;
    document.name = "Finance Admins";
    document.description = "May open the books, and close them";
    document.mail = "finance@contoso.com";
    document.domain = "contoso.com";
    document.membership = "Assigned";
    document.updated = "2026-01-30T08:15:00Z";
    document.tenant = "contoso";
    document.tenantName = "Contoso Ltd";
    document.organization = "7";
    document.entraTenant = "3f0c0e0e-0000-4000-8000-000000000001";
    document.manageUrl = "https://entra.microsoft.com/#view/Groups/groupId/11111111";
    document.lists.members = {{"501", "Ann Bo"}, {"502", "Bob Cole"}};
    document.lists.membersText = {"Cy Dee <cy@contoso.com>", "Di Eve <di@contoso.com> (disabled)"};
    document.lists.devices = {{"901", "LAPTOP-7"}};
    document.lists.devicesText = {"LAPTOP-8", "LAPTOP-9"};
    document.lists.owners = {"Ann Bo <ann@contoso.com>"};
    document.lists.nested = {{"11111111-0000-4000-8000-000000000002", "Payroll"}};
    document.lists.nestedIn = {{"11111111-0000-4000-8000-000000000003", "All Staff"}};
    document.counts = {2, 2, 1, 2, 1, 1};
    document.ownFields = {{"Approver", "The finance director"}, {"Reviewed", "2025-11"}};
    return document;
}

/// One with little in it.
inline Document document(const std::string& id, const std::string& name, Type type = Type::Security)
{
    Document made;
    made.id = id;
    made.type = type;
    made.name = name;
    made.membership = "Dynamic";
    made.tenant = "contoso";
    made.tenantName = "Contoso Ltd";
    return made;
}

} // namespace muster::documents
