#include "app/Command.h"
#include "app/Table.h"
#include "runtime/Errors.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

namespace muster::app {

namespace {

constexpr size_t kMostBytes = (1u << 20) + 1; ///< one more than an estate file may have

std::string readFile(const std::string& name)
{
    std::error_code error;
    if (std::filesystem::is_directory(name, error))
        throw ConfigError(name + ": is a directory: name the estate files in it");
    errno = 0;
    std::ifstream stream(name, std::ios::binary);
    std::string text(kMostBytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream.is_open() || stream.bad())
        throw ConfigError(name + ": cannot be read: " + std::strerror(errno) +
                          ": see that the file is there and that you may read it");
    text.resize(static_cast<size_t>(stream.gcount()));
    return text;
}

Colour colourOf(const std::string& change)
{
    if (change == "created" || change == "changed")
        return Colour::Green;
    return change == "removed" ? Colour::Yellow : Colour::None;
}

class ApplyCommand : public Command
{
public:
    Manual manual() const override
    {
        return {.name = "apply",
                .summary = "declare tenants, targets and syncs",
                .synopsis = "FILE... [--prune]",
                .description =
                    "Reads estate files (YAML) and brings the stored estate to what they say: all "
                    "of it, or nothing when anything is wrong. What is wrong is told with file, "
                    "line and key. Applying the same files again changes nothing.\n\nWhat the "
                    "files do not name stays as it is, unless --prune is given. Every secret that "
                    "is named must be there: see muster secret.",
                .exitStatus = {{78, "something is wrong with the files; nothing was changed"}},
                .examples = {"muster apply estate.yaml", "muster apply --prune estate/*.yaml"}};
    }

    void declare(CLI::App& app) override
    {
        app.add_option("FILE", _files, "estate files")->required();
        app.add_flag("--prune", _prune, "remove tenants, targets and syncs that no file names");
    }

    int run(Session& session) override
    {
        auto files = Json::array();
        for (const auto& name : _files)
            files.push_back(
                {{"name", name},
                 {"folder", std::filesystem::absolute(name).parent_path().string()},
                 // Bytes that are no UTF-8 reach the reader of the estate, which tells the line.
                 {"text", readFile(name)}});
        const auto response = session.ask(
            {.method = "POST", .path = "/estate", .body = {{"files", files}, {"prune", _prune}}});
        if (session.json)
            return session.printJson(response);
        const auto document = response.document();
        show(session, document.at("entries"));
        for (const auto& left : document.at("left"))
            session.console.out << printable(left.get<std::string>()) << ".\n";
        return response.exitCode;
    }

private:
    static void show(Session& session, const Json& entries)
    {
        Table table({"KIND", "NAME", "CHANGE", "KEYS"});
        std::map<std::string, int64_t> counts;
        for (const auto& entry : entries)
        {
            const std::string change = entry.at("change");
            ++counts[change];
            std::string keys;
            for (const auto& key : entry.at("keys"))
                keys += (keys.empty() ? "" : ", ") + key.get<std::string>();
            if (change == "kept")
                keys = "not in these files";
            table.add({entry.at("kind").get<std::string>(),
                       entry.at("name").get<std::string>(),
                       {change, colourOf(change)},
                       change == "created" ? std::string() : keys});
        }
        session.console.print(table);
        std::string summary;
        for (const auto* change : {"created", "changed", "removed", "unchanged", "kept"})
            if (counts[change] > 0)
                summary +=
                    (summary.empty() ? "" : ", ") + std::to_string(counts[change]) + " " + change;
        session.console.out << "\n" << summary << ".\n";
    }

    std::vector<std::string> _files;
    bool _prune = false;
};

} // namespace

std::unique_ptr<Command> applyCommand()
{
    return std::make_unique<ApplyCommand>();
}

} // namespace muster::app
