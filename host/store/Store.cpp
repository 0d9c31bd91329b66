#include "store/Store.h"

#include "store/Connection.h"
#include "store/EntraId.h"
#include "store/Migrations.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Exception.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>

namespace muster::store {

namespace {

void makeDirectory(const std::string& directory)
{
    std::error_code error;
    const bool made = std::filesystem::create_directories(directory, error);
    if (error)
        throw ConfigError("cannot make the data directory " + directory + ": " + error.message() +
                          ": choose another with --data");
    if (made)
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
}

} // namespace

Store::Store(std::string dataDirectory)
    : _dataDirectory(std::move(dataDirectory)), _file(_dataDirectory + "/muster.db")
{
    makeDirectory(_dataDirectory);
    Poco::Data::SQLite::Connector::registerConnector();
    const auto mask = ::umask(0077);
    auto database = connect();
    ::umask(mask);
    migrate(database, [&] {
        const auto backup = _file + ".before-migration";
        std::filesystem::remove(backup);
        database.execute("VACUUM INTO $1", {backup});
    });
}

Store::~Store() = default;

Database Store::connect(Durability durability) const
{
    try
    {
        Poco::Data::Session session("SQLite", _file);
        registerEntraIdFunctions(Poco::Data::SQLite::Utility::dbHandle(session));
        Database database(std::make_unique<Database::Implementation>(session, _file));
        database.execute("PRAGMA busy_timeout = 60000");
        database.value<std::string>("PRAGMA journal_mode = WAL");
        database.execute(durability == Durability::Durable ? "PRAGMA synchronous = FULL"
                                                           : "PRAGMA synchronous = NORMAL");
        database.execute("PRAGMA foreign_keys = ON");
        database.execute("PRAGMA temp_store = MEMORY");
        database.execute("PRAGMA cache_size = -32000");
        database.execute("PRAGMA journal_size_limit = 67108864");
        return database;
    }
    catch (const Poco::Exception& error)
    {
        throw ConfigError("the store " + _file + " cannot be opened: " + error.displayText());
    }
}

DataDirectoryLock::DataDirectoryLock(const std::string& dataDirectory)
{
    makeDirectory(dataDirectory);
    const auto file = dataDirectory + "/muster.lock";
    _descriptor.reset(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!_descriptor.isOpen())
        throw ConfigError("cannot open " + file + ": " + std::strerror(errno) +
                          ": choose another data directory with --data");
    if (::flock(_descriptor.number(), LOCK_EX | LOCK_NB) != 0)
        throw RetryError("another muster is working in " + dataDirectory +
                         ": wait until it has ended");
}

} // namespace muster::store
