#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace muster::store {

/// A parameter of a statement: $1, $2 …, each used at least once. Null is std::nullopt.
using Value = std::variant<std::nullopt_t, int64_t, std::string>;
using Values = std::vector<Value>;

enum class ColumnType
{
    Integer,
    Text
};

/// One row of an answer, valid during the call that receives it.
class Row
{
public:
    virtual ~Row() = default;
    virtual bool isNull(size_t column) const = 0;
    virtual int64_t integer(size_t column) const = 0;
    virtual const std::string& text(size_t column) const = 0;

    template <typename T>
    T get(size_t column) const
    {
        if constexpr (std::is_same_v<T, std::optional<int64_t>>)
            return isNull(column) ? std::nullopt : std::optional(integer(column));
        else if constexpr (std::is_same_v<T, std::optional<std::string>>)
            return isNull(column) ? std::nullopt : std::optional(text(column));
        else if constexpr (std::is_same_v<T, std::string>)
            return text(column);
        else
            return static_cast<T>(integer(column));
    }
};

/// Used by one thread. A connection to the store. SQL here runs on SQLite and on PostgreSQL alike;
/// what differs between them stands in Dialect.h. Errors are RetryError (locked, full disk),
/// RejectedError (a constraint) or ConfigError (not a Muster store, not readable).
class Database
{
public:
    class Implementation;
    explicit Database(std::unique_ptr<Implementation> implementation);
    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;

    /// Runs one statement and returns how many rows it changed.
    size_t execute(const std::string& sql, const Values& values = {});

    /// Runs a query and calls `row` for each row, reading them in chunks: the answer may be larger
    /// than memory. `row` must not write through this Database.
    ///     db.query<int64_t, std::string>("SELECT id, name FROM tenant", {}, [&](auto id, auto
    ///     name) {…});
    /// A function that takes a Row gets the row itself, which reads better for many columns.
    template <typename... Columns, typename Function>
    void query(const std::string& sql, const Values& values, Function&& row)
    {
        run(sql, values, {columnType<Columns>()...}, [&](const Row& answer) {
            callWith<Columns...>(answer, row, std::index_sequence_for<Columns...>());
        });
    }

    /// The first row's column, or nothing when there is no row (or it is null).
    template <typename T>
    std::optional<T> value(const std::string& sql, const Values& values = {})
    {
        std::optional<T> result;
        query<std::optional<T>>(sql, values, [&](std::optional<T> found) {
            if (!result)
                result = std::move(found);
        });
        return result;
    }

private:
    friend class Transaction;

    template <typename T>
    static constexpr ColumnType columnType()
    {
        if constexpr (std::is_same_v<T, std::string> ||
                      std::is_same_v<T, std::optional<std::string>>)
            return ColumnType::Text;
        else
            return ColumnType::Integer;
    }

    template <typename... Columns, typename Function, size_t... Index>
    static void callWith(const Row& answer, Function& row, std::index_sequence<Index...>)
    {
        if constexpr (std::is_invocable_v<Function&, const Row&>)
            row(answer);
        else
            row(answer.get<Columns>(Index)...);
    }

    void run(const std::string& sql, const Values& values, const std::vector<ColumnType>& types,
             const std::function<void(const Row&)>& row);

    std::unique_ptr<Implementation> _implementation;
};

/// Used by one thread. A write transaction: takes the write lock at once (waiting for it), rolls
/// back unless commit() was reached. Not nested.
class Transaction
{
public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    Database& _database;
    bool _open = true;
};

} // namespace muster::store
