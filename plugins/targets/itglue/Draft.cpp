#include "Document.h"
#include "Texts.h"

#include <muster/Digest.h>
#include <muster/Keys.h>

#include <algorithm>

namespace itglue {

namespace {

constexpr size_t kTextCharacters = 255;
constexpr size_t kKeptBytes = 2000; ///< of a value that is kept beside what is shown

bool isTagList(const Json& trait)
{
    return trait.is_object() && trait.contains("values") && trait["values"].is_array();
}

bool isPlainValue(const Json& trait)
{
    return trait.is_string() || trait.is_number() || trait.is_boolean() ||
           (trait.is_array() && std::none_of(trait.begin(), trait.end(), [](const Json& each) {
                return each.is_structured();
            }));
}

/// A trait as it is written again; null when it cannot be.
Json rewritten(const Json& trait)
{
    if (!isTagList(trait))
        return isPlainValue(trait) ? trait : Json();
    Json ids = Json::array();
    for (const auto& id : idsIn(trait))
        ids.push_back(idValue(id));
    return ids;
}

/// All that is written but what people added comes from here.
class Drafter
{
public:
    Drafter(const Type& type, const Asset* asset, const Bounds& bounds)
        : _type(type), _asset(asset), _bounds(bounds)
    {
        if (asset)
        {
            keepTraits();
            _details = detailsIn(type, *asset);
        }
    }

    Draft& draft() { return _draft; }

    /// What is left of the ids that a tag field is to have.
    Json withoutGone(const Field& field, const Json& value) const
    {
        const auto missing = _bounds.gone.find(field.name);
        if (missing == _bounds.gone.end() || !value.is_array())
            return value;
        auto ids = idsIn(value);
        for (const auto& id : missing->second)
            ids.erase(id);
        return ids;
    }

    /// Tags are refused all together while one of them leads to nothing.
    void dropGone()
    {
        for (const auto& [name, missing] : _bounds.gone)
        {
            const auto* field = findField(_type.group, name);
            const auto& key = _type.key(name);
            auto ids = idsIn(_draft.traits.value(key, Json()));
            for (const auto& id : missing)
            {
                ids.erase(id);
                _draft.remarks.push_back((field ? field->title : name) + ": " + id +
                                         " is no longer there, or not in this organization");
            }
            if (_draft.traits.contains(key))
                write(key, tags(ids));
        }
    }

    void set(const Field& field, const Json& value)
    {
        const auto& key = _type.key(field.name);
        auto trait = value.is_null() ? Json() : render(field, value);
        auto seen = _bounds.altered.contains(field.name) ? _bounds.altered[field.name]
                                                         : shownAs(field, trait);
        if (isSame(value, seen))
            _details.erase(field.name);
        else
        {
            auto& detail = _details[field.name];
            const auto isKept = value.dump().size() <= kKeptBytes;
            detail["is"] = isKept ? value : Json{{"digest", muster::digest(value.dump())}};
            detail["shown"] = muster::digest(seen.dump());
            if (_count > 0)
                detail["count"] = _count;
            else
                detail.erase("count");
        }
        write(key, std::move(trait));
        _draft.differs = true;
    }

    void setText(const std::string& field, const std::string& text)
    {
        write(_type.key(field), text.empty() ? Json() : Json(text));
    }

    void nest(const std::string& field, const std::set<std::string>& add,
              const std::set<std::string>& remove)
    {
        const auto& key = _type.key(field);
        auto ids = idsIn(_draft.traits.value(key, Json()));
        const auto before = ids;
        ids.insert(add.begin(), add.end());
        for (const auto& id : remove)
            ids.erase(id);
        if (ids == before)
            return;
        write(key, tags(ids));
        _draft.differs = true;
    }

    void finish()
    {
        std::vector<std::string> remarks;
        for (const auto& [name, detail] : _details.items())
            if (const auto* field = findField(_type.group, name);
                field && field->shape == Shape::Tags && detail.contains("count"))
                remarks.push_back(
                    escaped(field->title + ": " + sentenceFor(*field, detail["count"])));
        for (const auto& field : fieldsOf(_type.group))
            if (const auto& key = _type.key(field.name); field.kind == "Tag" && !key.empty())
                _draft.tagged[field.name] = idsIn(_draft.traits.value(key, Json()));
        setText(kRemarks, joined(remarks, "<br>"));
        setText(kDetails, _details.empty() ? std::string() : escaped(_details.dump()));
        setText(kSynchronized, timeNow());
    }

private:
    void keepTraits()
    {
        for (const auto& [key, trait] : _asset->traits.items())
        {
            if (trait.empty() || (isTagList(trait) && trait["values"].empty()))
                continue;
            auto kept = rewritten(trait);
            if (kept.is_null())
                _draft.refusal = "its field " + key +
                                 " holds a file or something else that is lost when the document "
                                 "is written: take it out, or attach the file to the document";
            _draft.traits[key] = std::move(kept);
        }
        if (!_type.secrets.empty())
            _draft.refusal =
                "its type has the password field " + _type.secrets.front() +
                ", whose value is lost when the document is written: delete the field, "
                "and keep the password as an embedded password of the document";
    }

    void write(const std::string& key, Json trait)
    {
        if (key.empty())
            return;
        if (trait.is_null() || (trait.is_array() && trait.empty()))
            _draft.traits.erase(key);
        else
            _draft.traits[key] = std::move(trait);
    }

    static Json tags(const std::set<std::string>& ids)
    {
        Json values = Json::array();
        for (const auto& id : ids)
            values.push_back(idValue(id));
        return values;
    }

    static std::string sentenceFor(const Field& field, const Json& count)
    {
        return count.dump() + " are too many to show. All are in the newest attached file " +
               fileNameOf(field.title);
    }

    /// Into a file; gives what stands in its place.
    std::string tooLong(const Field& field, const Json& value)
    {
        _count = value.size();
        _draft.lists.push_back({field.name, field.title, value});
        _draft.remarks.push_back(field.title + ": " + sentenceFor(field, _count));
        return sentenceFor(field, _count);
    }

    Json render(const Field& field, const Json& value)
    {
        _count = 0;
        if (field.shape == Shape::Tags)
            return renderTags(field, value);
        if (field.shape == Shape::Lines)
            return renderLines(field, value);
        auto text = value.is_string() ? value.get<std::string>() : value.dump();
        if (field.shape == Shape::Paragraph)
            return html(text);
        std::replace_if(
            text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32; },
            ' ');
        text = muster::trimmed(text);
        if (const auto count = charactersIn(text); count > kTextCharacters)
        {
            _draft.remarks.push_back(field.title + " has " + std::to_string(count) +
                                     " characters; IT Glue shows the first " +
                                     std::to_string(kTextCharacters));
            text = firstCharacters(text, kTextCharacters);
        }
        return text;
    }

    Json renderTags(const Field& field, const Json& value)
    {
        const auto ids = idsIn(value);
        if (ids.size() <= _bounds.tags)
            return tags(ids);
        tooLong(field, value);
        return Json();
    }

    Json renderLines(const Field& field, const Json& value)
    {
        std::vector<std::string> lines;
        if (value.is_array())
            for (const auto& line : value)
                lines.push_back(oneLine(line.is_string() ? line.get<std::string>() : line.dump()));
        auto text = joined(lines, "<br>");
        return text.size() <= _bounds.bytes ? text : escaped(tooLong(field, value));
    }

    static std::string oneLine(std::string text)
    {
        std::replace_if(
            text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32; },
            ' ');
        return escaped(text);
    }

    static std::string html(const std::string& text)
    {
        std::vector<std::string> lines;
        std::string_view rest = text;
        while (true)
        {
            const auto end = std::min(rest.find('\n'), rest.size());
            lines.push_back(oneLine(std::string(rest.substr(0, end))));
            if (end == rest.size())
                break;
            rest.remove_prefix(end + 1);
        }
        // Not joined(): a first line that is empty counts.
        std::string result;
        for (size_t i = 0; i < lines.size(); ++i)
            result += (i == 0 ? "" : "<br>") + lines[i];
        return result;
    }

    const Type& _type;
    const Asset* _asset;
    const Bounds& _bounds;
    Draft _draft;
    Json _details = Json::object();
    size_t _count = 0; ///< of the values of the field rendered last, when they are too many
};

} // namespace

std::string fileNameOf(const std::string& title)
{
    std::string name;
    for (const char c : title)
        if (c != '(' && c != ')')
            name += c;
    return name + ".csv";
}

Draft draft(const Type& type, const Asset* asset, const std::string& key, const Wish& wish,
            const Bounds& bounds, const Catalogue& catalogue)
{
    Drafter drafter(type, asset, bounds);
    auto& result = drafter.draft();
    const auto present = asset ? claimsOf(type, *asset) : Json::object();
    for (const auto& field : fieldsOf(type.group))
        if (const auto wanted = wish.fields.find(field.name);
            wanted != wish.fields.end() && field.shape != Shape::Ours)
        {
            const auto value = drafter.withoutGone(field, *wanted);
            if (!isSame(value, present.value(field.name, Json())) ||
                bounds.altered.contains(field.name))
                drafter.set(field, value);
        }
    std::set<std::string> same;
    std::set<std::string> other;
    for (const auto& id : wish.nest)
        (catalogue.groupOf(id) == type.group ? same : other).insert(id);
    drafter.nest(kNested, same, wish.unnest);
    drafter.nest(kNestedOther, other, wish.unnest);
    drafter.dropGone();

    result.isArchived = asset && asset->isArchived;
    if (const auto archived = wish.fields.find("archived"); archived != wish.fields.end())
    {
        const auto isWanted = *archived == true;
        result.differs = result.differs || isWanted != result.isArchived;
        result.isArchived = isWanted;
    }
    if (!asset || keyOf(type, *asset) != key)
        drafter.setText(kKey, key);
    drafter.finish();
    return std::move(result);
}

} // namespace itglue
