#include "estate/Declaration.h"

#include "estate/Entries.h"

#include <algorithm>
#include <list>

namespace muster::estate {

namespace {

constexpr size_t kMostBytesOfText = 1u << 20;

/// Used once. The files of one estate on their way to a declaration.
class EstateReader
{
public:
    EstateReader(const std::vector<EstateFile>& files, const Surroundings& surroundings)
        : _files(files), _surroundings(surroundings)
    {}

    Declaration read()
    {
        for (const auto& file : _files)
            open(file);
        if (!_faults.empty() && _roots.size() < _files.size())
            throwFaults(); // what an unread file declares would seem to be missing
        // Targets first: selections name them. Syncs name both.
        Declaration result;
        for (const auto& field : entries("targets"))
            result.targets.push_back(readTarget(field, _surroundings));
        for (const auto& field : entries("tenants"))
            result.tenants.push_back(readTenant(field, result, _surroundings));
        for (const auto& field : entries("syncs"))
            result.syncs.push_back(readSync(field, result, _surroundings));
        if (!_faults.empty())
            throwFaults();
        return result;
    }

private:
    void open(const EstateFile& file)
    {
        if (file.text.size() > kMostBytesOfText)
        {
            _faults.push_back({file.name, 0, "",
                               "is larger than 1 MiB: is this an estate file? A large estate can "
                               "be split into several files"});
            return;
        }
        try
        {
            _trees.push_back(parseYaml(file.text));
        }
        catch (const YamlError& error)
        {
            _faults.push_back({file.name, error.line(), "", error.what()});
            return;
        }
        const Field root(_trees.back(), file, _faults);
        if (!root.isMap())
            _faults.push_back({file.name, root.isGiven() ? root.line() : 0, "",
                               "declares nothing: write tenants:, targets: or syncs: with a list "
                               "below, as in config/estate.example.yaml"});
        else
            root.refuseOthers({"tenants", "targets", "syncs"});
        _roots.push_back(root);
    }

    /// The entries of all files under a key; a name may stand once among them.
    std::vector<Field> entries(const std::string& key)
    {
        std::vector<Field> result;
        std::map<std::string, Field> names;
        for (const auto& root : _roots)
            for (const auto& entry : root.member(key).items())
            {
                if (!entry.isMap())
                {
                    entry.fault("must hold keys with values (key: value), at least its name");
                    continue;
                }
                const auto name = entry.member("name");
                const auto [first, fresh] = name.isScalar() ? names.emplace(name.text(), name)
                                                            : std::pair(names.end(), true);
                if (!fresh)
                    name.fault("the name '" + name.text() + "' stands in " +
                               first->second.file().name + ":" +
                               std::to_string(first->second.line()) + " too: rename one of them");
                result.push_back(entry);
            }
        return result;
    }

    [[noreturn]] void throwFaults()
    {
        const auto position = [&](const Fault& fault) {
            const auto file =
                std::find_if(_files.begin(), _files.end(),
                             [&](const EstateFile& each) { return each.name == fault.file; });
            return std::pair(file - _files.begin(), fault.line);
        };
        std::stable_sort(_faults.begin(), _faults.end(),
                         [&](const Fault& a, const Fault& b) { return position(a) < position(b); });
        throw EstateError(_faults);
    }

    const std::vector<EstateFile>& _files;
    const Surroundings& _surroundings;
    std::vector<Fault> _faults;
    std::list<YamlNode> _trees; ///< fields refer to them
    std::vector<Field> _roots;
};

} // namespace

Declaration readEstate(const std::vector<EstateFile>& files, const Surroundings& surroundings)
{
    return EstateReader(files, surroundings).read();
}

} // namespace muster::estate
