#include "ReadBackCases.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace muster::testing {

namespace {

const Json* find(const Content& content, const Json& record)
{
    for (const auto& one : content.records)
        if (one["kind"] == record["kind"] && one["remoteId"] == record["remoteId"])
            return &one;
    return nullptr;
}

const Json& requireThere(const Content& content, const Json& record, const std::string& done)
{
    const auto* there = find(content, record);
    require(there, done + ", and read does not say " + nameOf(record) + " any more",
            "target.h, read");
    return *there;
}

/// A field that is null was emptied. What the target holds in another form comes as its digest
/// (target.h, read: fields).
void requireFields(const Json& record, const Json& fields, const std::string& done)
{
    const auto there = record.value("fields", Json::object());
    for (const auto& [name, given] : fields.items())
    {
        const auto kept = there.value(name, Json());
        const auto isDigest = kept.is_object() && kept.contains("digest");
        const auto isEmpty = given.is_null() && kept == "";
        require(kept == given || isEmpty || (isDigest && !given.is_null()),
                nameOf(record) + " was " + done + " with " + name + " " + given.dump() +
                    ", and read says " + kept.dump(),
                "target.h, read: fields");
    }
}

/// Some of the keys that read says of a kind, for people.
std::string keysSaid(const std::multiset<Identity>& there, const std::string& kind)
{
    constexpr int kMost = 5;
    std::string text;
    int count = 0;
    for (const auto& [one, key] : there)
        if (one == kind && ++count <= kMost)
            text += (text.empty() ? "" : ", ") + key;
    if (count > kMost)
        text += " and " + std::to_string(count - kMost) + " more";
    return count == 0 ? "it says no " + kind : "of the kind " + kind + " it says the keys " + text;
}

void readsBackWhatItMade(const Subject& subject)
{
    Trial trial(subject);
    const auto creates = trial.creates();
    trial.apply(creates);
    requireEachOnce(trial, creates, "target.h, read: key (Keys.h)");
}

void keepsTheFieldsItIsGiven(const Subject& subject)
{
    Trial trial(subject);
    const auto creates = trial.creates();
    trial.apply(creates);
    trial.look([&](const Content& content) {
        for (const auto& record : content.records)
            for (const auto& create : creates)
                if (identityOf(record) == identityOf(create))
                    requireFields(record, create["fields"], "made");
    });
}

/// Fields in which two samples of a kind differ, but for those that are the key.
Json changedFields(const Json& from, const Json& to)
{
    Json fields = Json::object();
    for (const auto& [name, value] : to["fields"].items())
        if (const auto old = from["fields"].value(name, Json());
            old != value && old != from["key"] && value != to["key"])
            fields[name] = value;
    return fields;
}

/// A record, the fields that it gets, and for one that gets another key what it is then.
struct Update
{
    Json record;
    Json fields;
    Json renamed = {};
};

void requireUpdated(const Content& content, const Update& one)
{
    const auto& there = requireThere(content, one.record, "it was updated");
    requireFields(there, one.fields, "updated");
    const auto key = one.renamed.is_null() ? one.record["key"] : one.renamed["key"];
    require(there.value("key", "") == key,
            nameOf(one.record) + " was updated with " + one.fields.dump() +
                ", and read says the key " + Json(there.value("key", "")).dump() + " in place of " +
                key.dump(),
            "target.h, read: key (Keys.h)");
}

void update(Trial& trial, const std::vector<Update>& updates)
{
    std::vector<Json> changes;
    for (const auto& one : updates)
    {
        changes.push_back(trial.change("update", one.record["kind"], one.record));
        changes.back()["fields"] = one.fields;
        if (one.renamed.is_object())
            changes.back().update({{"key", one.renamed["key"]}, {"name", one.renamed["name"]}});
    }
    if (changes.empty())
        return;
    trial.carryOut(changes);
    trial.look([&](const Content& content) {
        for (const auto& one : updates)
            requireUpdated(content, one);
    });
}

/// Of a contact group the name is all that there is: modes rename it when Entra does.
Update updateOf(const Json& record, const Json& old, const Json& young)
{
    if (record["kind"] == "contact-group")
        return {record, young["fields"], young};
    return {record, changedFields(old, young)};
}

void readsBackWhatItUpdated(const Subject& subject)
{
    Trial trial(subject);
    std::vector<Update> updates, blanks, others;
    for (const auto& record : trial.populate())
        for (int n = 0; n < Trial::kSamples && trial.can(record["kind"], "update"); ++n)
        {
            const auto sample = trial.sample(record["kind"], n);
            if (sample["key"] != record["key"])
                continue;
            if (n + 1 == Trial::kSamples)
                others.push_back({record, sample["fields"]});
            else
                updates.push_back(
                    updateOf(record, sample, trial.sample(record["kind"], n + Trial::kSamples)));
            // What modes empty when Entra does.
            Json empty = Json::object();
            for (const auto* name : {"title", "phone"})
                if (record["kind"] == "contact" && sample["fields"].contains(name))
                    empty[name] = nullptr;
            if (n == 0 && !empty.empty())
                blanks.push_back({record, empty});
        }
    updates.erase(std::remove_if(updates.begin(), updates.end(),
                                 [](const Update& one) { return one.fields.empty(); }),
                  updates.end());
    update(trial, updates);
    trial.look([&](const Content& content) {
        for (const auto& one : others)
            requireFields(requireThere(content, one.record, "others were updated"), one.fields,
                          "not updated, but made");
    });
    update(trial, blanks);
}

/// Retires some records and looks whether read tells them from the others, then activates them.
void readsBackWhatItRetired(const Subject& subject)
{
    Trial trial(subject);
    const auto records = trial.populate();
    const auto before = trial.content();
    std::vector<Json> retires, activates;
    std::map<std::string, int> numbers;
    for (const auto& record : records)
    {
        const std::string kind = record["kind"];
        if (!trial.can(kind, "retire") || numbers[kind]++ + 1 == Trial::kSamples)
            continue;
        retires.push_back(trial.change("retire", kind, record));
        if (trial.can(kind, "activate"))
            activates.push_back(trial.change("activate", kind, record));
    }
    const auto isRetired = [&](const Json& record) {
        return std::any_of(retires.begin(), retires.end(), [&](const Json& change) {
            return change["kind"] == record["kind"] && change["remoteId"] == record["remoteId"];
        });
    };
    trial.carryOut(retires);
    trial.look([&](const Content& content) {
        for (const auto& record : records)
        {
            const auto* now = find(content, record);
            const auto* was = find(before, record);
            if (isRetired(record) && trial.can(record["kind"], "activate"))
                require(!requireThere(content, record, "it was retired").value("active", true),
                        nameOf(record) + " was retired, and read says that it is active",
                        "target.h, read: active; apply: retire");
            else if (isRetired(record))
                require(!now || !was || *now != *was,
                        nameOf(record) + " was retired, and read says the same of it as before",
                        "target.h, apply: retire");
            else
                require(requireThere(content, record, "others were retired").value("active", true),
                        nameOf(record) + " was not retired, and read says that it is not active",
                        "target.h, read: active");
        }
    });
    trial.carryOut(activates);
    trial.look([&](const Content& content) {
        for (const auto& change : activates)
            require(requireThere(content, change, "it was activated").value("active", true),
                    nameOf(change) +
                        " was activated after it was retired, and read says that it is not active",
                    "target.h, read: active; apply: activate");
    });
}

/// The links of one kind: what was asked for, and what read must say.
class LinkTrial
{
public:
    LinkTrial(Trial& trial, const plugins::LinkKind& kind, const std::vector<Json>& records)
        : _trial(trial), _roles(trial.rolesOf(kind))
    {
        for (const auto& from : records)
            for (const auto& to : records)
                if (from["kind"] == kind.from && to["kind"] == kind.to && from != to)
                    _pairs.push_back({from, to});
        if (kind.isExclusive)
            keepFirsts();
    }

    void run()
    {
        link(0, "linked");
        if (_roles.size() > 1)
            link(1, "linked once more with another role");
        if (!_others.empty())
        {
            _wanted.clear();
            std::swap(_pairs, _others);
            link(0, "linked, which takes the place of the link before,");
        }
        unlink();
    }

private:
    using Pair = std::pair<Json, Json>;
    using Ends = std::pair<std::string, std::string>; ///< remote ids

    /// Of an exclusive link a record has one: the others come later, in its place.
    void keepFirsts()
    {
        std::set<Json> seen, moved;
        std::vector<Pair> firsts;
        for (const auto& pair : _pairs)
            if (seen.insert(pair.first).second)
                firsts.push_back(pair);
            else if (moved.insert(pair.first).second)
                _others.push_back(pair);
        _pairs = firsts;
    }

    /// Links all, each with a role that its neighbours do not have.
    void link(size_t shift, const std::string& done)
    {
        std::vector<Json> changes;
        for (size_t i = 0; i < _pairs.size(); ++i)
        {
            const auto& [from, to] = _pairs[i];
            const auto& role = _roles[(i + shift) % _roles.size()];
            changes.push_back(_trial.link(from, to, role));
            _wanted[endsOf(_pairs[i])] = role;
        }
        apply(changes, done);
    }

    void unlink()
    {
        for (const size_t part : {0u, 1u})
        {
            std::vector<Json> changes;
            for (size_t i = part; i < _pairs.size(); i += 2)
            {
                changes.push_back(_trial.unlink(_pairs[i].first, _pairs[i].second));
                _wanted.erase(endsOf(_pairs[i]));
            }
            apply(changes, "unlinked");
        }
    }

    void apply(const std::vector<Json>& changes, const std::string& done)
    {
        if (changes.empty())
            return;
        _trial.carryOut(changes);
        _trial.look([&](const Content& content) { requireWanted(content, done); });
    }

    void requireWanted(const Content& content, const std::string& done) const
    {
        for (const auto* pairs : {&_pairs, &_others})
            for (const auto& pair : *pairs)
            {
                const auto found = _wanted.find(endsOf(pair));
                const auto* wanted = found == _wanted.end() ? nullptr : &found->second;
                requirePair(content, pair, wanted, done);
            }
    }

    void requirePair(const Content& content, const Pair& pair, const std::string* role,
                     const std::string& done) const
    {
        const auto what = nameOf(pair.first) + " and " + nameOf(pair.second);
        const auto told = "after some were " + done + ": ";
        const auto count = std::count_if(content.links.begin(), content.links.end(),
                                         [&](const Json& one) { return isBetween(one, pair); });
        require(role || count == 0,
                told + "read says a link between " + what + ", which should not be there",
                "target.h, apply: link, unlink; read: link");
        require(!role || count == 1,
                told + what + " should be linked once, and read says " + std::to_string(count) +
                    " links between them",
                "target.h, apply: link; read: link");
        for (const auto& one : content.links)
            require(!role || !isBetween(one, pair) || one.value("role", "") == *role,
                    told + "the link between " + what + " should have the role " +
                        (role ? *role : "") + ", and read says " +
                        Json(one.value("role", "")).dump(),
                    "target.h, apply: link; read: link, role; plugin.json, links.roles");
    }

    bool isBetween(const Json& link, const Pair& pair) const
    {
        return isEnd(link["from"], pair.first) && isEnd(link["to"], pair.second);
    }

    static bool isEnd(const Json& end, const Json& record)
    {
        const auto* member = end.value("remoteId", "").empty() ? "key" : "remoteId";
        return end["kind"] == record["kind"] && end[member] == record[member];
    }

    static Ends endsOf(const Pair& pair)
    {
        return {pair.first["remoteId"].get<std::string>(),
                pair.second["remoteId"].get<std::string>()};
    }

    Trial& _trial;
    std::vector<std::string> _roles;
    std::vector<Pair> _pairs;
    std::vector<Pair> _others = {}; ///< that are to take the place of pairs
    std::map<Ends, std::string> _wanted = {};
};

void readsBackTheLinksItMade(const Subject& subject)
{
    Trial trial(subject);
    const auto records = trial.populate();
    for (const auto& kind : trial.manifest().links)
        LinkTrial(trial, kind, records).run();
}

bool offers(const plugins::TargetManifest& manifest, const char* action)
{
    const auto& records = manifest.records;
    return std::any_of(records.begin(), records.end(),
                       [&](const auto& one) { return one.second.count(action) > 0; });
}

} // namespace

void requireEachOnce(Trial& trial, const std::vector<Json>& creates, const std::string& rule)
{
    trial.look([&](const Content& content) {
        std::multiset<Identity> there;
        for (const auto& record : content.records)
            there.insert(identityOf(record));
        for (const auto& create : creates)
        {
            const auto count = there.count(identityOf(create));
            require(count <= 1,
                    nameOf(create) + " was made once, and read says it " + std::to_string(count) +
                        " times",
                    rule);
            require(count == 1,
                    nameOf(create) + " was made, and read does not say it; " +
                        keysSaid(there, create["kind"]),
                    rule);
        }
    });
}

std::vector<Case> readBackCases(const Subject& subject, const plugins::TargetManifest& manifest)
{
    std::vector<Case> cases;
    const auto add = [&](const char* name, void (*run)(const Subject&)) {
        cases.push_back({name, [subject, run] { run(subject); }});
    };
    add("readsBackWhatItMade", &readsBackWhatItMade);
    add("keepsTheFieldsItIsGiven", &keepsTheFieldsItIsGiven);
    if (offers(manifest, "update"))
        add("readsBackWhatItUpdated", &readsBackWhatItUpdated);
    if (offers(manifest, "retire"))
        add("readsBackWhatItRetired", &readsBackWhatItRetired);
    if (!manifest.links.empty())
        add("readsBackTheLinksItMade", &readsBackTheLinksItMade);
    return cases;
}

} // namespace muster::testing
