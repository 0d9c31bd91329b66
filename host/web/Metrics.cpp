#include "web/Metrics.h"

#include <sstream>

namespace muster::web {

namespace {

class MetricsText
{
public:
    void family(const std::string& name, const std::string& type, const std::string& help)
    {
        _text << "# HELP " << name << " " << help << "\n# TYPE " << name << " " << type << "\n";
    }

    template <typename Value>
    void sample(const std::string& name, const std::string& labels, Value value)
    {
        _text << name;
        if (!labels.empty())
            _text << "{" << labels << "}";
        _text << " " << value << "\n";
    }

    std::string text() const { return _text.str(); }

private:
    std::ostringstream _text;
};

std::string label(const std::string& name, const std::string& value)
{
    std::string text = name + "=\"";
    for (const char c : value)
    {
        if (c == '"' || c == '\\')
            text += '\\';
        text += c == '\n' ? ' ' : c;
    }
    return text + "\"";
}

void addLastRuns(store::Database& database, MetricsText& text)
{
    struct Last
    {
        std::string sync;
        std::string state;
        int64_t startedAt;
        int64_t milliseconds;
    };
    std::vector<Last> runs;
    database.query<std::string, std::string, int64_t, int64_t>(
        "SELECT s.name, r.state, r.started_at, COALESCE(r.ended_at, r.started_at) - r.started_at "
        "FROM sync s JOIN run r ON r.id = (SELECT MAX(id) FROM run WHERE sync = s.id AND "
        "state <> 'running') WHERE s.removed_at IS NULL ORDER BY s.name",
        {}, [&](const auto& sync, const auto& state, int64_t startedAt, int64_t milliseconds) {
            runs.push_back({sync, state, startedAt, milliseconds});
        });
    text.family("muster_last_run_state", "gauge", "The state of the latest run of a sync: 1.");
    for (const auto& run : runs)
        text.sample("muster_last_run_state",
                    label("sync", run.sync) + "," + label("state", run.state), 1);
    text.family("muster_last_run_timestamp_seconds", "gauge",
                "When the latest run of a sync began.");
    for (const auto& run : runs)
        text.sample("muster_last_run_timestamp_seconds", label("sync", run.sync),
                    run.startedAt / 1000);
    text.family("muster_last_run_duration_seconds", "gauge",
                "How long the latest run of a sync took.");
    for (const auto& run : runs)
        text.sample("muster_last_run_duration_seconds", label("sync", run.sync),
                    static_cast<double>(run.milliseconds) / 1000);
}

} // namespace

std::string metrics(const store::Store& store)
{
    auto database = store.connect();
    MetricsText text;
    const auto count = [&](const std::string& table) {
        return database
            .value<int64_t>("SELECT count(*) FROM " + table + " WHERE removed_at IS NULL")
            .value_or(0);
    };
    text.family("muster_tenants", "gauge", "Tenants of the estate.");
    text.sample("muster_tenants", {}, count("tenant"));
    text.family("muster_syncs", "gauge", "Syncs of the estate.");
    text.sample("muster_syncs", {}, count("sync"));
    text.family("muster_runs_total", "counter", "Runs by sync and state.");
    database.query<std::string, std::string, int64_t>(
        "SELECT s.name, r.state, count(*) FROM run r JOIN sync s ON s.id = r.sync "
        "WHERE r.state <> 'running' GROUP BY s.name, r.state ORDER BY s.name, r.state",
        {}, [&](const auto& sync, const auto& state, int64_t runs) {
            text.sample("muster_runs_total", label("sync", sync) + "," + label("state", state),
                        runs);
        });
    text.family("muster_requests_total", "counter", "Requests of runs, by sync and side.");
    database.query<std::string, int64_t, int64_t>(
        "SELECT s.name, SUM(r.source_requests), SUM(r.target_requests) FROM run r "
        "JOIN sync s ON s.id = r.sync GROUP BY s.name ORDER BY s.name",
        {}, [&](const auto& sync, int64_t source, int64_t target) {
            text.sample("muster_requests_total",
                        label("sync", sync) + "," + label("side", "source"), source);
            text.sample("muster_requests_total",
                        label("sync", sync) + "," + label("side", "target"), target);
        });
    text.family("muster_findings", "gauge", "Findings that stand, by sync and severity.");
    database.query<std::string, std::string, int64_t>(
        "SELECT s.name, f.severity, count(*) FROM finding f JOIN sync s ON s.id = f.sync "
        "WHERE s.removed_at IS NULL GROUP BY s.name, f.severity ORDER BY s.name, f.severity",
        {}, [&](const auto& sync, const auto& severity, int64_t findings) {
            text.sample("muster_findings", label("sync", sync) + "," + label("severity", severity),
                        findings);
        });
    addLastRuns(database, text);
    return text.text();
}

} // namespace muster::web
