#include "graph/PageParser.h"

#include "graph/GraphClient.h"
#include "runtime/Errors.h"
#include "store/EntraId.h"

#include <muster/Keys.h>
#include <simdjson.h>

#include <algorithm>

namespace muster::graph {

using directory::MembershipChange;
using directory::ObjectChange;
using directory::Role;
using simdjson::SUCCESS;
using simdjson::dom::element;
using simdjson::dom::object;

namespace {

constexpr size_t kLongestLink = 64u << 10;
constexpr size_t kMostSkippedInPage = 20;

bool isHex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// True when a \uXXXX whose second digit is in `digits` and whose first is d starts there.
bool isSurrogate(const std::string& text, size_t at, std::string_view digits)
{
    return at + 6 <= text.size() && text[at] == '\\' && text[at + 1] == 'u' &&
           (text[at + 2] == 'd' || text[at + 2] == 'D') &&
           digits.find(text[at + 3]) != digits.npos && isHex(text[at + 4]) && isHex(text[at + 5]);
}

/// Half a surrogate pair is no character; one odd name must not cost the whole page.
void replaceLoneSurrogates(std::string& json)
{
    constexpr std::string_view kHigh = "89abAB";
    constexpr std::string_view kLow = "cdefCDEF";
    for (size_t at = json.find('\\'); at != json.npos; at = json.find('\\', at))
    {
        if (isSurrogate(json, at, kHigh) && isSurrogate(json, at + 6, kLow))
            at += 12;
        else if (isSurrogate(json, at, kHigh) || isSurrogate(json, at, kLow))
        {
            json.replace(at, 6, "\\ufffd");
            at += 6;
        }
        else
            at += 2;
    }
}

void appendText(std::string& json, std::string_view text)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    json += '"';
    for (const char c : text)
    {
        if (c == '"' || c == '\\')
            (json += '\\') += c;
        else if (c == '\0')
            json += "\xEF\xBF\xBD"; // SQL ends a text there
        else if (static_cast<unsigned char>(c) < 0x20)
            ((json += "\\u00") += kDigits[size_t(c >> 4)]) += kDigits[size_t(c & 15)];
        else
            json += c;
    }
    json += '"';
}

/// Appends the value when it is of the type; else leaves `json` as it is.
bool appendValue(std::string& json, const element& value, PropertyType type)
{
    std::string_view text;
    bool flag = false;
    simdjson::dom::array list;
    if (value.is_null())
        json += "null";
    else if (type == PropertyType::Text && value.get(text) == SUCCESS)
        appendText(json, text);
    else if (type == PropertyType::Flag && value.get(flag) == SUCCESS)
        json += flag ? "true" : "false";
    else if (type == PropertyType::Texts && value.get(list) == SUCCESS)
    {
        json += '[';
        for (const auto item : list)
        {
            if (item.get(text) != SUCCESS)
                continue;
            if (json.back() != '[')
                json += ',';
            appendText(json, text);
        }
        json += ']';
    }
    else
        return false;
    return true;
}

/// The selected properties that the object has, as JSON.
std::string attributesOf(const object& source, const Resource& resource)
{
    std::string json = "{";
    bool isReadable = false;
    bool lacksName = false;
    for (const auto& property : resource.properties)
    {
        element value;
        if (source[property.name].get(value) != SUCCESS)
            continue;
        const auto size = json.size();
        json += json.size() > 1 ? "," : "";
        appendText(json, property.name);
        json += ':';
        if (!appendValue(json, value, property.type))
        {
            json.resize(size);
            continue;
        }
        isReadable = isReadable || !value.is_null();
        lacksName = lacksName || (value.is_null() && property.name == "displayName");
    }
    return lacksName && !isReadable ? "{}" : json + '}';
}

std::string textOf(const object& source, std::string_view name)
{
    std::string_view text;
    return source[name].get(text) == SUCCESS ? std::string(text) : std::string();
}

std::string linkOf(const object& page, std::string_view name)
{
    auto link = textOf(page, name);
    if (link.size() > kLongestLink)
        throw RejectedError("Graph gave a link of " + std::to_string(link.size()) +
                            " bytes: it was not followed");
    return link;
}

/// "user" of "#microsoft.graph.user"; empty when it is not told.
std::string kindOf(const object& source)
{
    const auto type = textOf(source, "@odata.type");
    const auto dot = type.rfind('.');
    return dot == type.npos ? std::string() : type.substr(dot + 1);
}

bool isRemoved(const object& source)
{
    element removed;
    return source["@removed"].get(removed) == SUCCESS && !removed.is_null();
}

ObjectChange::What changeOf(const object& source)
{
    if (!isRemoved(source))
        return ObjectChange::What::Present;
    object removed;
    // Only "deleted" is for good; what is not understood is taken as restorable.
    if (source["@removed"].get(removed) == SUCCESS && textOf(removed, "reason") == "deleted")
        return ObjectChange::What::Gone;
    return ObjectChange::What::Deleted;
}

void skip(DeltaPage& page, std::string what)
{
    if (page.skipped.size() < kMostSkippedInPage)
        page.skipped.push_back(std::move(what));
}

/// The kinds that Muster reads: one of those with a wrong id is not passed over.
bool isKnown(const std::string& kind)
{
    return kind == "user" || kind == "group" || kind == "device";
}

void requireId(const std::string& id, const std::string& kind)
{
    if (!store::isEntraId(id))
        throw RejectedError("Graph gave a " + kind + " with the id \"" + oneLine(id, 64) +
                            "\", which is no GUID: the page was not used");
}

void readLinks(DeltaPage& page, const std::string& group, const object& source,
               std::string_view name, Role role)
{
    simdjson::dom::array links;
    if (source[name].get(links) != SUCCESS)
        return;
    for (const auto item : links)
    {
        object link;
        if (item.get(link) != SUCCESS)
        {
            skip(page, "a member of the group " + group + " that is no object");
            continue;
        }
        auto id = lowered(textOf(link, "id"));
        auto kind = kindOf(link);
        if (!store::isEntraId(id))
        {
            if (isKnown(kind))
                requireId(id, kind);
            skip(page, "a member of the group " + group + " with the id \"" + oneLine(id, 64) +
                           "\", which is no GUID");
            continue;
        }
        page.page.memberships.push_back({.group = group,
                                         .member = std::move(id),
                                         .memberKind = std::move(kind),
                                         .role = role,
                                         .removed = isRemoved(link)});
    }
}

void readObject(DeltaPage& page, const object& source, const Resource& resource)
{
    const auto id = lowered(textOf(source, "id"));
    requireId(id, resource.kind);
    const auto what = changeOf(source);
    page.page.objects.push_back({.id = id,
                                 .what = what,
                                 .attributes = what == ObjectChange::What::Present
                                                   ? attributesOf(source, resource)
                                                   : std::string("{}")});
    if (!resource.hasMembers)
        return;
    readLinks(page, id, source, "members@delta", Role::Member);
    readLinks(page, id, source, "owners@delta", Role::Owner);
}

} // namespace

/// Holds the parser, whose memory is used again from page to page.
class PageParser::Implementation
{
public:
    object parse(std::string body)
    {
        _body = std::move(body);
        replaceLoneSurrogates(_body);
        _body.reserve(_body.size() + simdjson::SIMDJSON_PADDING);
        object page;
        const auto error = _parser.parse(_body.data(), _body.size(), false).get(page);
        if (error != SUCCESS)
            throw BadAnswer(std::string("the page is not whole JSON: ") +
                            simdjson::error_message(error));
        return page;
    }

private:
    simdjson::dom::parser _parser;
    std::string _body;
};

PageParser::PageParser() : _implementation(std::make_unique<Implementation>())
{}
PageParser::~PageParser() = default;

DeltaPage PageParser::readDelta(std::string body, const Resource& resource)
{
    const auto source = _implementation->parse(std::move(body));
    DeltaPage page;
    page.page.kind = resource.kind;
    page.nextLink = linkOf(source, "@odata.nextLink");
    page.deltaLink = linkOf(source, "@odata.deltaLink");
    if (page.nextLink.empty() && page.deltaLink.empty())
        throw BadAnswer("the page of " + resource.name + " has neither a nextLink nor a deltaLink");
    if (!page.nextLink.empty() && !page.deltaLink.empty())
        throw RejectedError("Graph gave a page of " + resource.name +
                            " with both a nextLink and a deltaLink: it was not used");
    simdjson::dom::array objects;
    if (source["value"].get(objects) != SUCCESS)
        throw BadAnswer("the page of " + resource.name + " has no list of objects");
    for (const auto item : objects)
    {
        object one;
        if (item.get(one) == SUCCESS)
            readObject(page, one, resource);
        else
            skip(page, "an entry of " + resource.name + " that is no object");
    }
    return page;
}

ObjectList PageParser::readList(std::string body)
{
    const auto source = _implementation->parse(std::move(body));
    ObjectList list;
    list.nextLink = linkOf(source, "@odata.nextLink");
    simdjson::dom::array objects;
    if (source["value"].get(objects) != SUCCESS)
        throw BadAnswer("the page has no list of objects");
    for (const auto item : objects)
    {
        object one;
        if (item.get(one) != SUCCESS)
            continue;
        auto id = lowered(textOf(one, "id"));
        auto kind = kindOf(one);
        if (!store::isEntraId(id) && !isKnown(kind))
            continue;
        requireId(id, kind);
        list.objects.emplace_back(std::move(id), std::move(kind));
    }
    return list;
}

} // namespace muster::graph
