/// The template's target with one fault, which MUSTER_BROKEN names.
#include <muster/Target.hpp>

#undef MUSTER_TARGET
#define MUSTER_TARGET(Class, id, version) static_assert(true)
#include "AcmeDesk.cpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <sstream>

namespace {

bool isBroken(const char* fault)
{
    const char* const asked = std::getenv("MUSTER_BROKEN");
    return asked && std::string(asked) == fault;
}

const struct muster_plugin kGood = detail::plugin<AcmeDesk>("acme-desk", "0.1.0");

/// Passes lines on as a function has them.
struct Filter
{
    using Change = std::function<std::vector<std::string>(Json)>;

    Filter(const muster_sink& to, Change how)
        : out(to), change(std::move(how)), sink{this, [](void* context, muster_text line) {
                                                    auto& self = *static_cast<Filter*>(context);
                                                    for (const auto& text : self.change(
                                                             Json::parse(detail::view(line))))
                                                        self.out.line(self.out.context,
                                                                      detail::text(text));
                                                }}
    {}

    const muster_sink& out;
    Change change;
    muster_sink sink;
};

std::vector<std::string> brokenOutcome(Json line)
{
    if (!line.contains("outcome"))
        return {line.dump()};
    auto& outcome = line["outcome"];
    if (isBroken("forgets-an-outcome") && outcome["id"] == 1)
        return {};
    if (isBroken("says-outcomes-twice"))
        return {line.dump(), line.dump()};
    if (isBroken("says-another-id") && outcome["id"] == 1)
        outcome["id"] = 4711;
    if (isBroken("says-no-record"))
        outcome.erase("record");
    if (isBroken("says-no-reason"))
        outcome.erase("message");
    if (isBroken("says-no-remote-id") && outcome.contains("record"))
        outcome["record"].erase("remoteId");
    if (isBroken("gives-up") && outcome["state"] == "retry")
        outcome["state"] = "rejected";
    if (isBroken("says-no-text"))
        return {"{\"outcome\":{\"message\":\"\xff\"}}"};
    if (isBroken("says-half-a-line"))
        return {line.dump().substr(0, 20)};
    return {line.dump()};
}

int32_t createBroken(const muster_host* host, muster_text settings, const muster_sink* out,
                     void** instance)
{
    std::string given(detail::view(settings));
    const std::string request = R"({"request":{"id":1,"path":"/api/v1/companies/7"}})";
    Filter ignored(*out, [](const Json&) { return std::vector<std::string>(); });
    if (isBroken("sends-in-create"))
        host->http(host->context, detail::text(request), &ignored.sink);
    if (isBroken("takes-bad-settings"))
        given = R"({"site":"https://desk.example"})";
    if (isBroken("names-no-setting"))
    {
        Filter nameless(*out, [](Json line) {
            line["error"].erase("setting");
            return std::vector{line.dump()};
        });
        return kGood.create(host, detail::text(given), &nameless.sink, instance);
    }
    return kGood.create(host, detail::text(given), out, instance);
}

int32_t checkBroken(void* instance, muster_text request, const muster_sink* out)
{
    if (isBroken("hangs"))
        for (;;)
            ::pause();
    if (isBroken("changes-in-check"))
    {
        Filter ignored(*out, [](const Json&) { return std::vector<std::string>(); });
        const std::string changes =
            R"({"scope":{"company":7}})"
            "\n"
            R"({"change":{"id":1,"action":"create","kind":"contact","key":"x@y.example"}})";
        kGood.apply(instance, detail::text(changes), &ignored.sink);
    }
    return kGood.check(instance, request, out);
}

int32_t readBroken(void* instance, muster_text request, const muster_sink* out)
{
    if (isBroken("crashes"))
        std::raise(SIGSEGV);
    if (isBroken("throws"))
        throw std::runtime_error("thrown");
    if (isBroken("prints"))
        std::puts("reading");
    Filter filter(*out, [](Json line) {
        if (line.contains("record") && isBroken("changes-keys"))
            line["record"]["key"] = "someone@else.example";
        if (line.contains("record") && isBroken("loses-fields"))
            line["record"]["fields"].erase("lastName");
        if (line.contains("record") && line["record"]["fields"].contains("phone") &&
            isBroken("garbles-phones"))
            line["record"]["fields"]["phone"] = "?" + line["record"].value("name", "");
        if (line.contains("record") && isBroken("hides-retired"))
            line["record"].erase("active");
        if (line.contains("link") && isBroken("hides-links"))
            return std::vector<std::string>();
        if (line.contains("link") && isBroken("says-one-role"))
            line["link"]["role"] = "regular";
        return std::vector{line.dump()};
    });
    const auto status = kGood.read(instance, request, &filter.sink);
    return isBroken("hides-failures") ? MUSTER_OK : status;
}

/// Says that a change is done and does nothing.
bool isSwallowed(const Json& change)
{
    static const std::map<std::string, std::string> kFaults{{"makes-no-link", "link"},
                                                            {"keeps-links", "unlink"},
                                                            {"never-retires", "retire"},
                                                            {"never-activates", "activate"},
                                                            {"never-updates", "update"}};
    static std::set<std::string> linked;
    for (const auto& [fault, action] : kFaults)
        if (isBroken(fault.c_str()) && change["action"] == action)
            return true;
    return isBroken("keeps-the-first-role") && change["action"] == "link" &&
           !linked.insert(change["from"].dump() + change["to"].dump()).second;
}

int32_t applyBroken(void* instance, muster_text changes, const muster_sink* out)
{
    if (isBroken("ends-the-process"))
        std::exit(0);
    if (isBroken("loses-its-head"))
    {
        const std::string error = R"({"error":{"message":"the answer has no id: field 7"}})";
        out->line(out->context, detail::text(error));
        return MUSTER_RETRY;
    }
    std::string left;
    std::istringstream lines{std::string(detail::view(changes))};
    for (std::string line; std::getline(lines, line);)
    {
        auto json = Json::parse(line);
        const auto isChange = json.contains("change");
        if (isChange && json["change"]["action"] == "create" && isBroken("forgets-titles"))
            json["change"]["fields"].erase("title");
        if (isChange && isSwallowed(json["change"]))
        {
            const auto done =
                Json{{"outcome", {{"id", json["change"]["id"]}, {"state", "applied"}}}}.dump();
            out->line(out->context, detail::text(done));
        }
        else
            left += json.dump() + "\n";
    }
    Filter filter(*out, &brokenOutcome);
    return kGood.apply(instance, detail::text(left), &filter.sink);
}

} // namespace

const struct muster_plugin muster_plugin = {
    MUSTER_ABI_MAJOR,
    MUSTER_ABI_MINOR + (isBroken("is-newer") ? 1 : 0),
    isBroken("has-another-id") ? "other" : "acme-desk",
    "0.1.0",
    &createBroken,
    &detail::destroy,
    &checkBroken,
    isBroken("has-no-read") ? nullptr : &readBroken,
    &applyBroken,
    nullptr,
};
