#include "store/Database.h"

#include "store/Connection.h"

#include <Poco/Data/DataException.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Nullable.h>

#include <utility>

namespace muster::store {

using namespace Poco::Data::Keywords;

namespace {

constexpr Poco::UInt32 kChunkRows = 1000;

using IntegerColumn = std::vector<Poco::Nullable<Poco::Int64>>;
using TextColumn = std::vector<Poco::Nullable<std::string>>;
using Column = std::variant<IntegerColumn, TextColumn>;

/// A chunk of an answer, held column by column as Poco reads it.
class ChunkRow : public Row
{
public:
    explicit ChunkRow(const std::vector<Column>& columns) : _columns(columns) {}

    void moveTo(size_t index) { _index = index; }

    bool isNull(size_t column) const override
    {
        return std::visit([&](const auto& values) { return values[_index].isNull(); },
                          _columns[column]);
    }
    int64_t integer(size_t column) const override
    {
        const auto& value = std::get<IntegerColumn>(_columns[column])[_index];
        return value.isNull() ? 0 : value.value();
    }
    const std::string& text(size_t column) const override
    {
        static const std::string kEmpty;
        const auto& value = std::get<TextColumn>(_columns[column])[_index];
        return value.isNull() ? kEmpty : value.value();
    }

private:
    const std::vector<Column>& _columns;
    size_t _index = 0;
};

/// The parameters of one statement, alive until it has run (Poco keeps references).
class Parameters
{
public:
    Parameters(Poco::Data::Statement& statement, const Values& values)
    {
        for (const auto& value : values)
        {
            if (const auto* integer = std::get_if<int64_t>(&value))
                statement, bind(static_cast<Poco::Int64>(*integer));
            else if (const auto* text = std::get_if<std::string>(&value))
                statement, useRef(*text);
            else
                statement, bind(Poco::Nullable<Poco::Int64>());
        }
    }
};

/// $1 as ?1: SQLite numbers $1 by its place in the text, and ?1 by its number.
std::string numbered(std::string sql)
{
    for (size_t i = 0; i + 1 < sql.size(); ++i)
        if (sql[i] == '$' && sql[i + 1] >= '1' && sql[i + 1] <= '9')
            sql[i] = '?';
    return sql;
}

/// Runs `work`, turning the database's exceptions into ours.
template <typename Work>
auto translated(const Database::Implementation& connection, Work&& work)
{
    try
    {
        return work();
    }
    catch (const Poco::Data::SQLite::DBLockedException&)
    {
        throw RetryError("the store " + connection.file() +
                         " is locked by another process: try again when that has ended");
    }
    catch (const Poco::Data::SQLite::DatabaseFullException&)
    {
        throw RetryError("the disk of " + connection.file() + " is full: free some space");
    }
    catch (const Poco::Data::SQLite::ConstraintViolationException& error)
    {
        throw RejectedError("the store refused a row: " + error.displayText());
    }
    catch (const Poco::Data::SQLite::CorruptImageException& error)
    {
        throw ConfigError("the store " + connection.file() + " is damaged (" + error.displayText() +
                          "): restore a backup");
    }
    catch (const Poco::Exception& error)
    {
        throw ConfigError("the store " + connection.file() +
                          " cannot be used: " + error.displayText());
    }
}

} // namespace

Database::Database(std::unique_ptr<Implementation> implementation)
    : _implementation(std::move(implementation))
{}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

size_t Database::execute(const std::string& sql, const Values& values)
{
    return translated(*_implementation, [&] {
        Poco::Data::Statement statement(_implementation->session());
        statement << numbered(sql);
        const Parameters parameters(statement, values);
        return statement.execute();
    });
}

void Database::run(const std::string& sql, const Values& values,
                   const std::vector<ColumnType>& types, const std::function<void(const Row&)>& row)
{
    std::vector<Column> columns;
    for (const auto type : types)
    {
        if (type == ColumnType::Integer)
            columns.emplace_back(IntegerColumn());
        else
            columns.emplace_back(TextColumn());
    }
    std::optional<Poco::Data::Statement> statement;
    translated(*_implementation, [&] {
        statement.emplace(_implementation->session());
        *statement << numbered(sql);
        const Parameters parameters(*statement, values);
        for (auto& column : columns)
            std::visit([&](auto& target) { *statement, into(target); }, column);
        *statement, limit(kChunkRows);
    });
    ChunkRow chunk(columns);
    while (!statement->done())
    {
        for (auto& column : columns)
            std::visit([](auto& kept) { kept.clear(); }, column); // Poco appends
        const auto count = translated(*_implementation, [&] { return statement->execute(); });
        for (size_t index = 0; index < count; ++index)
        {
            chunk.moveTo(index);
            row(chunk);
        }
    }
}

Transaction::Transaction(Database& database) : _database(database)
{
    // Poco's own begin() is BEGIN DEFERRED, whose later upgrade fails at once instead of waiting.
    _database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction()
{
    if (!_open)
        return;
    try
    {
        _database.execute("ROLLBACK");
    }
    catch (const std::exception&)
    {
        // SQLite has rolled back already when the disk is full or the file is gone.
    }
}

void Transaction::commit()
{
    _database.execute("COMMIT");
    _open = false;
}

} // namespace muster::store
