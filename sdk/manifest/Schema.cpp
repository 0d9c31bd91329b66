#include "manifest/Manifest.h"

// Without this the parser ends the process over a schema that is wrong.
#define VALIJSON_USE_EXCEPTIONS 1

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <set>

namespace muster::plugins {

using Json = nlohmann::json;

namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// Longer texts exhaust the stack of std::regex, which "pattern" is tried with.
constexpr size_t kLongestText = 4096;

/// A schema that refers to others, or to itself, could send the validator round in circles.
bool hasReference(const Json& schema)
{
    if (schema.is_object() && schema.contains("$ref"))
        return true;
    return schema.is_structured() && std::any_of(schema.begin(), schema.end(), &hasReference);
}

void findLongTexts(const Json& value, const std::string& path, std::vector<std::string>& faults)
{
    if (value.is_string() && value.get_ref<const std::string&>().size() > kLongestText)
        faults.push_back((path.empty() ? "it" : path) + ": is longer than " +
                         std::to_string(kLongestText) + " characters");
    if (value.is_object())
        for (const auto& [name, inner] : value.items())
            findLongTexts(inner, path.empty() ? name : path + "." + name, faults);
    if (value.is_array())
        for (size_t i = 0; i < value.size(); ++i)
            findLongTexts(value[i], path + "[" + std::to_string(i) + "]", faults);
}

bool isIndex(const std::string& name)
{
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A place in the value, and what schema and value say there; null where that cannot be told.
struct Place
{
    std::string path;
    Json schema;
    Json value;

    std::string member(const std::string& name) const
    {
        return path.empty() ? name : path + "." + name;
    }
};

/// `context` is {"<root>", "[pace]", "[perSecond]"}, with numbers for the items of arrays.
Place findPlace(const Json& schema, const Json& value, const std::vector<std::string>& context)
{
    Place place{{}, schema, value};
    for (size_t i = 1; i < context.size(); ++i)
    {
        const auto name = context[i].substr(1, context[i].size() - 2);
        const auto isItem = place.value.is_array() && isIndex(name);
        place.path = isItem ? place.path + "[" + name + "]" : place.member(name);

        const auto* below = isItem ? "items" : "properties";
        auto inner = place.schema.is_object() ? place.schema.value(below, Json()) : Json();
        if (!isItem)
            inner = inner.is_object() ? inner.value(name, Json()) : Json();
        place.schema = std::move(inner);

        auto next = isItem                    ? place.value.at(std::stoul(name))
                    : place.value.is_object() ? place.value.value(name, Json())
                                              : Json();
        place.value = std::move(next);
    }
    return place;
}

std::string listed(const Json& values)
{
    std::string result;
    for (const auto& value : values)
        result += (result.empty() ? "" : ", ") +
                  (value.is_string() ? value.get<std::string>() : value.dump());
    return result;
}

std::string quoted(const std::string& description)
{
    const auto first = description.find('\'');
    const auto last = description.rfind('\'');
    return first < last ? description.substr(first + 1, last - first - 1) : std::string();
}

/// The keys of an object that its schema does not name; `first` is the one that the validator
/// found.
std::vector<std::string> unknownKeys(const Place& place, const std::string& first)
{
    const auto known = place.schema.is_object() ? place.schema.value("properties", Json()) : Json();
    if (!known.is_object() || !place.value.is_object() ||
        place.schema.contains("patternProperties"))
        return {first};
    std::vector<std::string> result;
    for (const auto& [key, value] : place.value.items())
        if (!known.contains(key))
            result.push_back(key);
    return result;
}

/// The keys of which an object must have one: {"oneOf": [{"required": ["a"]}, ...]}.
std::set<std::string> exclusiveKeys(const Json& schema)
{
    std::set<std::string> keys;
    const auto choices = schema.is_object() ? schema.value("oneOf", Json()) : Json();
    if (choices.is_array())
        for (const auto& choice : choices)
            if (choice.is_object() && choice.size() == 1 && choice.contains("required"))
                for (const auto& key : choice["required"])
                    keys.insert(key.get<std::string>());
    return keys;
}

std::string typeSentence(const Json& type)
{
    if (type.is_array())
        return "must be one of these types: " + listed(type);
    const auto name = type.is_string() ? type.get<std::string>() : std::string();
    if (name.empty())
        return "has the wrong type";
    const auto article = name == "integer" || name == "object" || name == "array" ? "an " : "a ";
    return "must be " + std::string(article) + name;
}

/// The validator's words in ours: they say what is asked for, and never the value, which may be a
/// secret.
std::vector<std::string> sentences(const Place& place, const std::string& description)
{
    const auto isAbout = [&](const char* part) {
        return description.find(part) != description.npos;
    };
    const auto asked = [&](const char* keyword) {
        return place.schema.is_object() ? place.schema.value(keyword, Json()) : Json();
    };
    const auto here = [&](const std::string& sentence) {
        return std::vector{(place.path.empty() ? "it" : place.path) + ": " + sentence};
    };

    if (const auto choice = exclusiveKeys(place.schema);
        !choice.empty() && (isAbout("oneOf") || isAbout("exactly one") ||
                            choice.find(quoted(description)) != choice.end()))
        return here("must have exactly one of: " + listed(Json(choice)));
    if (isAbout("Missing required property"))
        return {place.member(quoted(description)) + ": is missing"};
    if (isAbout("'additionalProperties' constraints"))
    {
        std::vector<std::string> result;
        for (const auto& key : unknownKeys(place, quoted(description)))
            result.push_back(place.member(key) + ": is not known");
        return result;
    }
    if (isAbout("'type' constraint"))
        return here(typeSentence(asked("type")));
    if (isAbout("enum values"))
        return here("must be one of: " + listed(asked("enum")));
    if (isAbout("'pattern' constraint"))
    {
        const auto examples = asked("examples");
        return here(examples.is_array() && !examples.empty()
                        ? "does not have the right form, like " + listed(Json{examples.front()})
                        : "must match " + listed(Json{asked("pattern")}));
    }
    struct Limit
    {
        const char* keyword;
        const char* theirs;
        const char* ours;
    };
    static constexpr Limit kLimits[] = {
        {"exclusiveMinimum", "number greater than ", "must be greater than "},
        {"minimum", "number greater than or", "must be at least "},
        {"exclusiveMaximum", "number less than ", "must be less than "},
        {"maximum", "number less than or", "must be at most "}};
    for (const auto& limit : kLimits)
        if (const auto bound = asked(limit.keyword); bound.is_number() && isAbout(limit.theirs))
            return here(limit.ours + bound.dump());
    return here(description);
}

} // namespace

std::vector<std::string> schemaFaults(const Json& schema, const Json& value)
{
    if (hasReference(schema))
        return {"the schema cannot be used: it has a $ref, and must stand on its own"};
    std::vector<std::string> faults;
    findLongTexts(value, {}, faults);
    if (!faults.empty())
        return faults;
    try
    {
        valijson::Schema parsed;
        valijson::SchemaParser(valijson::SchemaParser::kDraft7)
            .populateSchema(Adapter(schema), parsed);
        valijson::ValidationResults results;
        if (valijson::Validator().validate(parsed, Adapter(value), &results))
            return {};

        std::vector<std::string> wrappers;
        valijson::ValidationResults::Error error;
        while (results.popError(error))
        {
            // Each fault is followed by one for every object around it, which says nothing new.
            const auto isWrapper = error.description.rfind("Failed to validate", 0) == 0;
            auto& list = isWrapper ? wrappers : faults;
            for (auto& sentence :
                 sentences(findPlace(schema, value, error.context), error.description))
                if (std::find(list.begin(), list.end(), sentence) == list.end())
                    list.push_back(std::move(sentence));
        }
        return faults.empty() ? wrappers : faults;
    }
    catch (const std::exception& error)
    {
        return {std::string("the schema cannot be used: ") + error.what()};
    }
}

} // namespace muster::plugins
