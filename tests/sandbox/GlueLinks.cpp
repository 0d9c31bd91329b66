#include "GlueLinks.h"

#include "Base64.h"
#include "GlueView.h"

#include <algorithm>

namespace muster::sandbox {

GlueRoute GlueLinks::find(const std::string& method, const GluePath& path)
{
    const bool isAttachment = path[3] == "attachments";
    const auto owner = [this, path] { return subject(path); };
    const auto id = [path] { return glueIdOf(path[4]); };
    if (method == "POST" && path.size() == 4)
        return isAttachment ? GlueRoute{"attachments.create",
                                        [=, this](const GlueCall& c) { return attach(c, owner()); }}
                            : GlueRoute{"relatedItems.create", [=, this](const GlueCall& c) {
                                            return relate(c, owner());
                                        }};
    if (method == "PATCH" && path.size() == 5)
        return isAttachment
                   ? GlueRoute{"attachments.patch",
                               [=, this](const GlueCall& c) { return rename(c, owner(), id()); }}
                   : GlueRoute{"relatedItems.patch",
                               [=, this](const GlueCall& c) { return setNotes(c, owner(), id()); }};
    if (method == "DELETE" && path.size() == 4)
        return isAttachment ? GlueRoute{"attachments.delete",
                                        [=, this](const GlueCall& c) { return detach(c, owner()); }}
                            : GlueRoute{"relatedItems.delete", [=, this](const GlueCall& c) {
                                            return unrelate(c, owner());
                                        }};
    return {};
}

/// The record that a path is about; 404 when it is not there.
GlueRef GlueLinks::subject(const GluePath& path) const
{
    const GlueRef ref{path[0], glueIdOf(path[1])};
    if (GlueKind::ofPath(ref.kind) == nullptr || !_records.exists(ref))
        throw GlueError::notFound();
    return ref;
}

Response GlueLinks::attach(const GlueCall& call, const GlueRef& owner)
{
    const SettingsValues settings = _settings.values();
    Json made = applyBulk(call.list(), settings, [&](const Json& attributes) {
        const Json file = kebabNames(attributes.value("attachment", Json::object()));
        const auto content = fromBase64(file.value("content", ""));
        const std::string name = file.value("file-name", "");
        if (!content || name.empty())
            throw GlueError{422, "The attachment needs a file_name and content in base64",
                            "data/attributes/attachment"};
        return [this, &owner, &settings, name, content = *content] {
            return GlueView(_records, settings).attachment(_records.attach(owner, name, content));
        };
    });
    return glueAnswer(201, {{"data", call.sendsList() ? std::move(made) : made.at(0)}});
}

Response GlueLinks::rename(const GlueCall& call, const GlueRef& owner, GlueId id)
{
    const Json attributes = call.attributes("Attachment");
    _records.renameAttachment(owner, id, attributes.value("name", ""));
    const GlueView view(_records, _settings.values());
    return glueAnswer(200, {{"data", view.attachment(_records.attachments().at(id))}});
}

Response GlueLinks::detach(const GlueCall& call, const GlueRef& owner)
{
    const SettingsValues settings = _settings.values();
    Json erased = applyBulk(call.list(), settings, [&](const Json& attributes) {
        const GlueId id = glueIdOf(attributes, "id").value_or(0);
        const auto found = _records.attachments().find(id);
        if (found == _records.attachments().end())
            throw GlueError::notFound();
        Json object = GlueView(_records, settings).attachment(found->second);
        return [this, &owner, id, object] {
            _records.eraseAttachment(owner, id);
            return object;
        };
    });
    return glueAnswer(200, {{"data", std::move(erased)}});
}

Response GlueLinks::relate(const GlueCall& call, const GlueRef& from)
{
    const SettingsValues settings = _settings.values();
    Json made = applyBulk(call.list(), settings, [&](const Json& attributes) {
        const GlueKind* const kind =
            GlueKind::ofDestinationType(attributes.value("destination-type", ""));
        if (kind == nullptr)
            throw GlueError{422, "destination_type is not included in the list",
                            "data/attributes/destination_type"};
        const GlueRef to{kind->path, glueIdOf(attributes, "destination-id").value_or(0)};
        if (!_records.exists(to))
            throw GlueError::inaccessible();
        return [this, &from, &settings, to, notes = attributes.value("notes", Json())] {
            return GlueView(_records, settings).related(_records.relate(from, to, notes));
        };
    });
    return glueAnswer(201, {{"data", call.sendsList() ? std::move(made) : made.at(0)}});
}

Response GlueLinks::setNotes(const GlueCall& call, const GlueRef& ref, GlueId id)
{
    const Json attributes = call.attributes("Related Item");
    _records.setNotes(ref, id, attributes.value("notes", Json()));
    const auto all = _records.relatedTo(ref);
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == id; });
    return glueAnswer(200, {{"data", GlueView(_records, _settings.values()).related(*found)}});
}

Response GlueLinks::unrelate(const GlueCall& call, const GlueRef& ref)
{
    const SettingsValues settings = _settings.values();
    Json erased = applyBulk(call.list(), settings, [&](const Json& attributes) {
        const GlueId id = glueIdOf(attributes, "id").value_or(0);
        return [this, &ref, id] {
            _records.eraseRelated(ref, id);
            return Json{{"id", std::to_string(id)}, {"type", "related-items"}};
        };
    });
    return glueAnswer(200, {{"data", std::move(erased)}});
}

} // namespace muster::sandbox
