#include "app/CommandLine.h"

#include "estate/Field.h"

#include <algorithm>

namespace muster::app {

namespace {

const char* const kIndent = "       ";
constexpr size_t kMargin = 7;
constexpr size_t kOptionMargin = 14;
constexpr size_t kWidth = 79;
constexpr int kUsageExit = 2;

/// Paragraphs (separated by an empty line) as indented lines.
void printText(std::ostream& out, const std::string& text, size_t indent)
{
    size_t column = 0;
    for (size_t begin = 0; begin < text.size();)
    {
        const auto end = std::min(text.find_first_of(" \n", begin), text.size());
        const auto word = text.substr(begin, end - begin);
        if (column > 0 && column + 1 + word.size() > kWidth)
        {
            out << "\n";
            column = 0;
        }
        out << (column == 0 ? std::string(indent, ' ') : " ") << word;
        column = (column == 0 ? indent : column + 1) + word.size();
        begin = end + 1;
        if (text.compare(end, 2, "\n\n") == 0)
        {
            out << "\n\n";
            column = 0;
            ++begin;
        }
    }
    out << "\n";
}

void printOptions(std::ostream& out, const CLI::App& app)
{
    for (const auto* option : app.get_options())
    {
        if (option == app.get_help_ptr() || option == app.get_version_ptr())
            continue;
        std::string name = option->get_positional() ? option->get_name(true) : "";
        for (const auto& letter : option->get_snames())
            name += (name.empty() ? "-" : ", -") + letter;
        for (const auto& word : option->get_lnames())
            name += (name.empty() ? "--" : ", --") + word;
        if (!option->get_positional() && option->get_items_expected_max() > 0)
            name += " " + option->get_type_name();
        out << kIndent << name << "\n";
        printText(out, option->get_description(), kOptionMargin);
    }
}

} // namespace

CommandLine::CommandLine()
    : _app("keeps Microsoft Entra groups in step with other systems", "muster")
{
    _app.fallthrough();
    _app.require_subcommand(0, 1); // what follows a command is never taken for another one
    _app.set_version_flag("--version", std::string("muster ") + MUSTER_VERSION);
    _app.set_help_flag("-h,--help", "show this text");
    _app.add_option("--data", _options.data,
                    "the data directory; /var/lib/muster when it is yours to write, else "
                    "$XDG_STATE_HOME/muster")
        ->type_name("DIR");
    _app.add_option("--config", _options.config,
                    "the configuration of this machine; /etc/muster/muster.properties when it is "
                    "there")
        ->type_name("FILE");
    _app.add_flag("--json", _options.json, "print one JSON document and nothing else");
    _app.add_flag("--verbose", _options.verbose, "say on standard error what goes on");

    for (auto* make : {serveCommand, applyCommand, checkCommand, groupsCommand, planCommand,
                       syncCommand, runsCommand, runCommand, undoCommand, whyCommand,
                       tenantsCommand, documentsCommand, documentCommand, activityCommand,
                       reportCommand, pluginsCommand, secretCommand, tokenCommand})
    {
        _commands.push_back(make());
        const auto manual = _commands.back()->manual();
        _commands.back()->declare(*_app.add_subcommand(manual.name, manual.summary));
    }
}

CommandLine::Parsed CommandLine::parse(const std::vector<std::string>& arguments, std::ostream& out,
                                       std::ostream& err)
{
    try
    {
        // CLI11 takes them from the back.
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        _app.parse(reversed);
    }
    catch (const CLI::CallForHelp&)
    {
        if (const auto* command = chosen())
            printManual(*command, out);
        else
            printOverview(out);
        return {};
    }
    catch (const CLI::CallForVersion& version)
    {
        out << version.what() << "\n";
        return {};
    }
    catch (const CLI::ParseError& error)
    {
        const auto* command = chosen();
        err << "muster: " << printable(complaint(error)) << "\nmuster "
            << (command ? command->manual().name + " " : "") << "--help tells how to use it.\n";
        return {.exitCode = kUsageExit};
    }
    auto* command = chosen();
    if (!command)
        printOverview(err);
    return {.command = command, .exitCode = command ? 0 : kUsageExit};
}

Command* CommandLine::chosen() const
{
    const auto parsed = _app.get_subcommands();
    for (const auto& command : _commands)
        if (!parsed.empty() && parsed.front()->get_name() == command->manual().name)
            return command.get();
    return nullptr;
}

/// What is wrong with the arguments, in our words where CLI11's are not for everyone.
std::string CommandLine::complaint(const CLI::ParseError& error) const
{
    const auto unexpected = _app.remaining(true);
    if (!dynamic_cast<const CLI::ExtrasError*>(&error) || unexpected.empty())
        return error.what();
    const auto* command = chosen();
    if (command || unexpected.front().starts_with("-"))
        return "'" + unexpected.front() + "' was not expected" +
               (command ? " by muster " + command->manual().name : "");
    std::vector<std::string> names;
    for (const auto& each : _commands)
        names.push_back(each->manual().name);
    return "there is no command '" + unexpected.front() +
           "': " + estate::suggestion(unexpected.front(), names);
}

void CommandLine::printManual(const Command& command, std::ostream& out) const
{
    const auto manual = command.manual();
    out << "NAME\n" << kIndent << "muster " << manual.name << " - " << manual.summary << "\n\n";
    out << "SYNOPSIS\n";
    printText(out, "muster " + manual.name + " " + manual.synopsis, kMargin);
    out << "\nDESCRIPTION\n";
    printText(out, manual.description, kMargin);
    out << "\nOPTIONS\n";
    printOptions(out, *_app.get_subcommand(manual.name));
    printOptions(out, _app);
    out << "\nEXIT STATUS\n";
    auto exitStatus = manual.exitStatus;
    exitStatus.insert({{0, "done"},
                       {kUsageExit, "the command makes no sense"},
                       {75, "another muster works in the data directory, or its disk is full"},
                       {78, "the data directory, store or configuration cannot be used"}});
    for (const auto& [code, meaning] : exitStatus)
        out << kIndent << code << (code < 10 ? "   " : "  ") << meaning << "\n";
    out << "\nEXAMPLE\n";
    for (const auto& example : manual.examples)
        out << kIndent << example << "\n";
}

void CommandLine::printOverview(std::ostream& out) const
{
    out << "muster keeps Microsoft Entra groups in step with other systems.\n\nCommands:\n";
    for (const auto& command : _commands)
    {
        const auto manual = command->manual();
        out << "  " << manual.name << std::string(10 - manual.name.size(), ' ') << manual.summary
            << "\n";
    }
    out << "\nmuster COMMAND --help tells more. A first run: muster secret set, muster apply, "
           "muster check,\nmuster groups, muster plan, muster sync. --data DIR and "
           "--config FILE go with every command.\n";
}

} // namespace muster::app
