#include "TenantPages.h"

#include <graph/Session.h>

#include <ctime>
#include <stdexcept>
#include <unordered_map>

namespace muster::bench {

using directory::Role;
using Json = nlohmann::json;

namespace {

double cpuOf(clockid_t clock)
{
    timespec used{};
    ::clock_gettime(clock, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// Fetches and parses as Muster does, and nothing more; gives the seconds of CPU for the parsing.
double eachPage(const std::string& url, const std::string& tenant,
                const std::function<void(const graph::DeltaPage&)>& take)
{
    const estate::DirectorySettings settings{.tenant = tenant,
                                             .clientId = "9a1b0000-0000-4000-8000-000000000002",
                                             .authority = url,
                                             .graph = url,
                                             .scope = "https://graph.microsoft.com/.default"};
    const graph::RequestPolicy policy{.units = 1e9};
    const runtime::Cancellation cancellation;
    runtime::SystemClock clock;
    graph::Session session(settings, clock, policy);
    session.token.setSecret("sandbox-secret");
    graph::PageParser parser;
    double parsing = 0;
    for (const auto& resource : graph::resources())
    {
        graph::DeltaPage page;
        const auto read = [&](std::string body) {
            const auto before = cpuOf(CLOCK_THREAD_CPUTIME_ID);
            page = parser.readDelta(std::move(body), resource);
            parsing += cpuOf(CLOCK_THREAD_CPUTIME_ID) - before;
        };
        for (auto link = resource.firstUrl(url); !link.empty(); link = page.nextLink)
        {
            if (!session.client.get(link, read, cancellation).isSuccess())
                throw std::runtime_error("Graph refused " + link);
            take(page);
        }
    }
    return parsing;
}

} // namespace

PageCount countPages(const std::string& url, const std::string& tenant)
{
    PageCount count;
    const auto before = cpuOf(CLOCK_PROCESS_CPUTIME_ID);
    count.parsingCpu = eachPage(url, tenant, [&](const graph::DeltaPage& page) {
        ++count.pages;
        for (const auto& membership : page.page.memberships)
            count.memberships += membership.role == Role::Member ? 1 : 0;
    });
    count.fetchingCpu = cpuOf(CLOCK_PROCESS_CPUTIME_ID) - before;
    return count;
}

void eachRecords(const std::string& url, const std::string& tenant, int account,
                 const std::function<void(const Json&)>& give)
{
    std::unordered_map<std::string, int> contacts; // of the users, by Entra id
    std::unordered_map<std::string, Json> groups;  // those of a page, by Entra id
    Json users = Json::array();
    Json members = Json::array();
    eachPage(url, tenant, [&](const graph::DeltaPage& page) {
        users.clear();
        groups.clear();
        for (const auto& object : page.page.objects)
        {
            const auto attributes = Json::parse(object.attributes);
            if (page.page.kind == "user" && attributes.value("accountEnabled", true))
            {
                const auto id = static_cast<int>(contacts.size()) + 1;
                contacts.emplace(object.id, id);
                const auto& mail = attributes.at("mail");
                users.push_back(
                    {{"id", id},
                     {"companyId", account},
                     {"email", mail.is_null() ? attributes.at("userPrincipalName") : mail},
                     {"firstName", attributes.at("givenName")},
                     {"lastName", attributes.at("surname")},
                     {"title", attributes.at("jobTitle")}});
            }
            if (page.page.kind == "group" && attributes.contains("displayName"))
                groups[object.id]["name"] = attributes.at("displayName");
        }
        for (const auto& link : page.page.memberships)
        {
            const auto contact = contacts.find(link.member);
            if (link.role == Role::Member && contact != contacts.end())
                groups[link.group]["members"].push_back({{"contact", contact->second}});
        }
        members.clear();
        for (auto& [id, group] : groups)
        {
            group.update({{"id", id}, {"accountId", account}});
            members.push_back(std::move(group));
        }
        give({{"contacts", users}, {"groups", members}});
    });
}

} // namespace muster::bench
