#include "Installation.h"
#include "support/FreshTest.h"

#include <fstream>

namespace muster::integration {

std::string EstateText::tenantText() const
{
    return "tenants:\n"
           "  - name: contoso\n"
           "    displayName: Contoso Ltd\n"
           "    directory:\n"
           "      tenant: " +
           tenant +
           "\n"
           "      clientId: 9a1b0000-0000-4000-8000-000000000002\n"
           "      " +
           credential +
           "\n"
           "      authority: " +
           url +
           "\n"
           "      graph: " +
           url + "\n" + directory;
}

std::string EstateText::text() const
{
    std::string yaml = tenantText() +
                       "    groups:\n"
                       "      desk: " +
                       groups + "\n" + (docs.empty() ? "" : "      docs: " + groups + "\n") +
                       "targets:\n"
                       "  - name: desk\n"
                       "    plugin: deskdirector\n"
                       "    settings:\n"
                       "      site: " +
                       url +
                       "\n"
                       "      apiKey: " +
                       apiKey +
                       "\n"
                       "      pace: " +
                       pace + "\n" + target;
    if (!docs.empty())
        yaml += "  - name: docs\n"
                "    plugin: itglue\n"
                "    settings: " +
                docs + "\n";
    yaml += "syncs:\n";
    for (const auto& sync : syncs)
        yaml += "  - name: " + sync.name +
                "\n"
                "    tenant: contoso\n"
                "    target: " +
                sync.target +
                "\n"
                "    mode: " +
                sync.mode + "\n" +
                (sync.organization
                     ? "    scope: {organization: " + std::to_string(*sync.organization) + "}\n"
                     : std::string()) +
                (sync.account ? "    scope: {account: " + std::to_string(*sync.account) + "}\n"
                              : std::string()) +
                sync.more;
    return yaml;
}

EstateText EstateText::documenting(const std::string& tenant, const std::string& url)
{
    EstateText estate{.tenant = tenant, .url = url};
    estate.docs =
        "{url: \"" + url + "\", apiKey: {env: GLUE_KEY}, pace: {perSecond: 1000, parallel: 8}}";
    estate.syncs = {{.name = "docs",
                     .mode = "group-documents",
                     .account = {},
                     .target = "docs",
                     .organization = 7}};
    return estate;
}

Finished Installation::muster(const std::vector<std::string>& arguments, const std::string& input,
                              const Environment& more) const
{
    Command command{.program = MUSTER_BINARY_DIR "/bin/muster",
                    .arguments = {"--data", data()},
                    .input = input,
                    .environment = more};
    command.environment.insert(environment.begin(), environment.end());
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    return run(command);
}

Json Installation::json(std::vector<std::string> arguments, int exitCode) const
{
    arguments.push_back("--json");
    const auto finished = muster(arguments);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), exitCode, finished.exitCode);
    return finished.json();
}

void Installation::apply(const EstateText& estate) const
{
    const auto finished = muster({"apply", write("estate.yaml", estate.text())});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
}

std::string Installation::write(const std::string& name, const std::string& text) const
{
    const std::string path = _directory / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

Json onlyRun(const Json& document)
{
    CPPUNIT_ASSERT_EQUAL_MESSAGE(document.dump(), size_t(1), document.at("runs").size());
    return document.at("runs").front();
}

Json onlyPlan(const Json& document)
{
    CPPUNIT_ASSERT_EQUAL_MESSAGE(document.dump(), size_t(1), document.at("plans").size());
    return document.at("plans").front();
}

} // namespace muster::integration
