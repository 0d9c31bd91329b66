#include <muster/Rest.hpp>
#include <muster/Target.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace muster::target;

/// What Muster calls a thing, and what Acme Desk calls it. This is the mapping: begin here.
struct Kind
{
    std::string name;                          ///< of the kind, as in plugin.json
    std::string path;                          ///< of the collection
    std::string key;                           ///< the field of Acme Desk that tells records apart
    std::map<std::string, std::string> fields; ///< Muster's name: Acme Desk's name
};

const Kind kPeople{"contact",
                   "people",
                   "email",
                   {{"email", "email"},
                    {"firstName", "givenName"},
                    {"lastName", "familyName"},
                    {"title", "jobTitle"},
                    {"phone", "phone"}}};
const Kind kGroups{"contact-group", "groups", "name", {{"name", "name"}}};

const Kind* kindOf(const std::string& name)
{
    return name == kPeople.name ? &kPeople : name == kGroups.name ? &kGroups : nullptr;
}

std::string textIn(const Json& item, const std::string& member)
{
    const auto value = item.is_object() ? item.value(member, Json()) : Json();
    return value.is_string() ? value.get<std::string>() : std::string();
}

/// A record from what Acme Desk says of it.
Record recordOf(const Kind& kind, const Json& item)
{
    Record record;
    record.kind = kind.name;
    record.remoteId = textIn(item, "id");
    // Modes find a contact by its address in lower case and a contact group by its name.
    const auto key = textIn(item, kind.key);
    record.key = &kind == &kPeople ? muster::addressKey(key) : muster::nameKey(key);
    record.active = item.value("active", true);
    for (const auto& [ours, theirs] : kind.fields)
        if (const auto value = textIn(item, theirs); !value.empty())
            record.fields[ours] = value;
    record.name = &kind == &kPeople ? textIn(item, "givenName") + " " + textIn(item, "familyName")
                                    : record.key;
    return record;
}

/// What to say to Acme Desk: the fields of a change under its names; null empties a field.
Json bodyOf(const Kind& kind, const Change& change)
{
    Json body = Json::object();
    for (const auto& [ours, value] : change.fields.items())
        if (const auto found = kind.fields.find(ours); found != kind.fields.end())
            body[found->second] = value;
    if (change.action == Action::Activate || change.action == Action::Retire)
        body = {{"active", change.action == Action::Activate}};
    return body;
}

class AcmeDesk : public Target
{
public:
    AcmeDesk(Host& host, const Json& settings) : _host(host), _failures("Acme Desk", "apiKey")
    {
        // What the schema in plugin.json cannot say is looked at here.
        const auto site = settings.at("site").get<std::string>();
        if (site.find("/api") != site.npos)
            throw SettingError("site", "leave \"/api\" and what follows away: it is added");
    }

    void check(const std::vector<Json>& scopes, Output& output) override
    {
        for (const auto& scope : scopes)
        {
            const auto answer = _host.send(get(companyPath(scope)));
            if (answer.status == 404)
                output.say(Finding{"company-missing", Severity::Error,
                                   "there is no company " + scope.at("company").dump()});
            else if (textIn(answer.json(), "name").empty() || !answer.isSuccess())
                _failures.fail("looking at a company", answer);
            else
                output.say(Finding{"company-found", Severity::Info,
                                   "company " + scope.at("company").dump() + " is " +
                                       textIn(answer.json(), "name")});
        }
    }

    void read(const ReadRequest& request, Output& output) override
    {
        for (const auto& name : request.kinds)
            if (const auto* kind = kindOf(name))
                for (const auto& item : list(companyPath(request.scope) + "/" + kind->path))
                    output.say(recordOf(*kind, item));
        for (const auto& group : request.linksInto)
            for (const auto& item : list(kRoot + "groups/" + escaped(group.remoteId) + "/members"))
                output.say(Link{{kPeople.name, {}, textIn(item, "person")},
                                {kGroups.name, {}, group.remoteId},
                                textIn(item, "role")});
    }

    void apply(const Json& scope, const std::vector<Change>& changes, Output& output) override
    {
        std::vector<const Change*> sent;
        std::vector<Request> requests;
        for (const auto& change : changes)
            if (auto request = requestOf(scope, change))
            {
                sent.push_back(&change);
                requests.push_back(std::move(*request));
            }
            else
                output.say(
                    Outcome{change.id, State::Rejected, "Acme Desk cannot " + describe(change)});

        std::vector<const Change*> taken;
        bool isKeyRefused = false;
        // All at once: the host keeps the pace.
        _host.send(requests, [&](size_t index, const Answer& answer) {
            isKeyRefused = isKeyRefused || _failures.isCredentialRefused(answer);
            if (answer.status == 409 && sent[index]->action == Action::Create)
                taken.push_back(sent[index]);
            else
                output.say(outcomeOf(*sent[index], answer));
        });
        // After the others: while answers come in, nothing can be sent.
        for (const auto* change : taken)
            output.say(adopt(scope, *change));
        if (isKeyRefused)
            _failures.failForCredential();
    }

private:
    static inline const std::string kRoot = "/api/v1/";

    static std::string companyPath(const Json& scope)
    {
        return kRoot + "companies/" + scope.at("company").dump();
    }

    static Request get(const std::string& path) { return {"GET", path}; }

    static std::string describe(const Change& change)
    {
        const auto isLink = change.action == Action::Link || change.action == Action::Unlink;
        return isLink ? "change the membership of " + change.from.key + " in " + change.to.key
                      : "write the " + change.kind + " " + change.key;
    }

    /// The request that makes a change; nothing when Acme Desk has none for it.
    static std::optional<Request> requestOf(const Json& scope, const Change& change)
    {
        if (change.action == Action::Link || change.action == Action::Unlink)
        {
            const auto path = kRoot + "groups/" + escaped(change.to.remoteId) + "/members/" +
                              escaped(change.from.remoteId);
            if (change.action == Action::Unlink)
                return Request{"DELETE", path};
            return Request{"PUT", path, {}, Json{{"role", change.role}}.dump()};
        }
        const auto* kind = kindOf(change.kind);
        const auto isAboutPeople =
            change.action == Action::Activate || change.action == Action::Retire;
        if (!kind || (isAboutPeople && kind != &kPeople))
            return std::nullopt;
        const auto body = bodyOf(*kind, change);
        if (change.action == Action::Create)
            return Request{"POST", companyPath(scope) + "/" + kind->path, {}, body.dump()};
        Request request{
            "PATCH", kRoot + kind->path + "/" + escaped(change.remoteId), {}, body.dump()};
        // Twice is as good as once: the host may try again when an answer is lost.
        request.repeat = Repeat::Safe;
        return request;
    }

    Outcome outcomeOf(const Change& change, const Answer& answer) const
    {
        if (change.action == Action::Unlink && answer.status == 404)
            return {change.id, State::Unchanged};
        if (!answer.isSuccess())
            return _failures.outcome(change, describe(change), answer);
        Outcome outcome{change.id, State::Applied};
        if (change.action == Action::Link || change.action == Action::Unlink)
            return outcome;
        const auto item = answer.json();
        if (textIn(item, "id").empty())
            return _failures.unclear(change, describe(change));
        outcome.record = recordOf(*kindOf(change.kind), item);
        return outcome;
    }

    /// Acme Desk says that the record is there already (409): people made it, or an earlier try
    /// whose answer was lost. It is left as it is.
    Outcome adopt(const Json& scope, const Change& change) const
    {
        const auto& kind = *kindOf(change.kind);
        const auto answer = _host.send(
            get(companyPath(scope) + "/" + kind.path + "?" + kind.key + "=" + escaped(change.key)));
        if (!answer.isSuccess())
            return _failures.outcome(change, describe(change), answer);
        const auto body = answer.json();
        const auto items = body.is_object() ? body.value("items", Json()) : Json();
        if (!items.is_array() || items.size() != 1 || textIn(items[0], "id").empty())
            return _failures.unclear(change, describe(change));
        Outcome outcome{change.id, State::Applied};
        outcome.record = recordOf(kind, items[0]);
        outcome.adopted = true;
        return outcome;
    }

    /// All pages of a list, or an exception: half a list would look like removals.
    std::vector<Json> list(std::string path) const
    {
        std::vector<Json> items;
        while (!path.empty())
        {
            const auto answer = _host.send(get(path));
            if (!answer.isSuccess())
                _failures.fail("reading " + path, answer);
            const auto page = answer.json();
            if (!page.is_object() || !page.contains("items") || !page["items"].is_array())
                throw RetryError("reading " + path + ": the answer is no list");
            items.insert(items.end(), page["items"].begin(), page["items"].end());
            path = textIn(page, "next");
        }
        return items;
    }

    Host& _host;
    Failures _failures;
};

} // namespace

MUSTER_TARGET(AcmeDesk, "acme-desk", "0.1.0");
