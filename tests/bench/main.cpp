/// muster-bench: what Muster needs for a tenant, and for a change in it, by the tenant's size.
#include "LatencyBench.h"
#include "Table.h"
#include "TenantBench.h"
#include "WallBench.h"

#include <CLI/CLI.hpp>
#include <Poco/Exception.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <vector>

namespace {

using namespace muster;

constexpr double kMostRatio = 2;
constexpr size_t kHundred = 100;

const std::vector<sandbox::GeneratedSize> kSizes = {
    {.people = 1'000, .groups = 100, .memberships = 10'000},
    {.people = 10'000, .groups = 1'000, .memberships = 100'000},
    {.people = 100'000, .groups = 10'000, .memberships = 1'000'000},
};

std::string ratio(double value, double base)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f x", value / base);
    return text;
}

/// Prints the figures; gives the exit code.
int tell(const bench::Table& table, const std::vector<std::string>& broken)
{
    std::cout << table.text();
    for (const auto& sentence : broken)
        std::cout << "\nBROKEN: " << sentence << "\n";
    return broken.empty() ? 0 : 1;
}

int runTenants(const bench::Programs& programs, size_t tenants)
{
    std::cerr << "Measuring " << tenants << " tenants in one service" << std::endl;
    bench::Table table;
    bench::LatencyBench bench(programs, tenants, table);
    bench.measure();
    return tell(table, bench.broken());
}

int runWall(const bench::Programs& programs)
{
    std::cerr << "Measuring targets in children" << std::endl;
    bench::Table table;
    table.addColumn("time");
    bench::WallBench bench(programs, table);
    bench.measure();
    return tell(table, bench.broken());
}

int run(const bench::Programs& programs, size_t sizes)
{
    bench::Table table;
    std::vector<std::string> broken;
    std::optional<tests::Usage> smallest;
    for (size_t i = 0; i < sizes; ++i)
    {
        const auto& size = kSizes[i];
        std::cerr << "Measuring a tenant of " << size.people << " people" << std::endl;
        bench::TenantBench bench(programs, size, table);
        bench.mirrorAndPlan();
        if (i == 0)
            bench.firstSync();
        bench.syncChanges();
        broken.insert(broken.end(), bench.broken().begin(), bench.broken().end());
        const auto& one = bench.oneMember();
        if (!smallest)
            smallest = one;
        const std::string section = "Sync with one member added";
        table.add(section, "CPU against the smallest tenant", ratio(one.cpu, smallest->cpu));
        table.add(section, "time against the smallest tenant", ratio(one.wall, smallest->wall));
        if (size.memberships >= kHundred * kSizes[0].memberships &&
            one.cpu > kMostRatio * smallest->cpu)
            broken.push_back("one changed member costs more than twice as much in a tenant " +
                             std::to_string(kHundred) + " times larger");
    }
    return tell(table, broken);
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{
        "Measures Muster on generated tenants. Exits with 1 when a stated bound is broken.",
        "muster-bench"};
    bench::Programs programs{MUSTER_BINARY_DIR "/bin/muster",
                             MUSTER_BINARY_DIR "/bin/muster-sandbox"};
    size_t sizes = kSizes.size() - 1;
    app.add_flag_callback(
        "--small", [&] { sizes = 1; }, "only the smallest tenant: some seconds");
    app.add_flag_callback(
        "--large", [&] { sizes = kSizes.size(); },
        "the largest too: 100,000 people, 10,000 groups, 1,000,000 memberships; some minutes");
    size_t tenants = 0;
    app.add_option("--tenants", tenants,
                   "so many tenants in one service instead: how long a change takes to its target, "
                   "alone and while one tenant is throttled")
        ->check(CLI::Range(2, 500));
    bool isOfWall = false;
    app.add_flag("--wall", isOfWall,
                 "targets in children instead: what that costs, and what nine targets notice of a "
                 "tenth that crashes, hangs or floods");
    app.add_option("--muster", programs.muster, "the program to measure");
    app.add_option("--sandbox", programs.sandbox, "muster-sandbox");
    CLI11_PARSE(app, argc, argv);
    try
    {
        if (isOfWall)
            return runWall(programs);
        return tenants > 0 ? runTenants(programs, tenants) : run(programs, sizes);
    }
    catch (const Poco::Exception& error)
    {
        std::cerr << "muster-bench: " << error.displayText() << "\n";
    }
    catch (const std::exception& error)
    {
        std::cerr << "muster-bench: " << error.what() << "\n";
    }
    return 2;
}
