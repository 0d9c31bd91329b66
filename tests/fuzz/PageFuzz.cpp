/// Any text at all is either a page of Graph whose every part can be stored, or an error that says
/// so; and what it says of an error fits on a line.
#include "graph/GraphClient.h"
#include "graph/GraphError.h"
#include "graph/PageParser.h"
#include "runtime/Errors.h"
#include "store/EntraId.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>

using namespace muster;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void requireOneLine(const std::string& text)
{
    for (const char c : text)
        require(static_cast<unsigned char>(c) >= 32 && c != 127);
}

void requireStorable(const graph::DeltaPage& page, const graph::Resource& resource)
{
    require(page.nextLink.empty() != page.deltaLink.empty());
    require(page.page.kind == resource.kind);
    for (const auto& object : page.page.objects)
    {
        require(store::isEntraId(object.id));
        require(nlohmann::json::parse(object.attributes).is_object());
    }
    for (const auto& membership : page.page.memberships)
    {
        require(resource.hasMembers);
        require(store::isEntraId(membership.group) && store::isEntraId(membership.member));
    }
    for (const auto& skipped : page.skipped)
        requireOneLine(skipped);
}

template <typename Read>
void tryRead(const Read& read)
{
    try
    {
        read();
    }
    catch (const graph::BadAnswer& error)
    {
        requireOneLine(error.what());
    }
    catch (const RejectedError& error)
    {
        requireOneLine(error.what());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    // One parser for all inputs, as for the pages of a chain: none may leave anything behind.
    static graph::PageParser parser;
    const std::string body(reinterpret_cast<const char*>(data), size);
    for (const auto& resource : graph::resources())
        tryRead([&] { requireStorable(parser.readDelta(body, resource), resource); });
    tryRead([&] {
        for (const auto& [id, kind] : parser.readList(body).objects)
            require(store::isEntraId(id));
    });
    requireOneLine(graph::graphErrorFrom(body).text());
    return 0;
}
