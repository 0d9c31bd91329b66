#include "store/EntraId.h"

#include <sqlite3.h>

#include <array>
#include <string_view>

namespace muster::store {

namespace {

constexpr size_t kIdBytes = 16;
constexpr std::string_view kDigits = "0123456789abcdef";

int digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool isDash(size_t position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

void entraId(sqlite3_context* context, int, sqlite3_value** arguments)
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(arguments[0]));
    const auto size = static_cast<size_t>(sqlite3_value_bytes(arguments[0]));
    std::array<unsigned char, kIdBytes> bytes{};
    size_t digits = 0;
    const bool valid = text && isEntraId({text, size});
    for (size_t position = 0; valid && position < size; ++position)
    {
        if (isDash(position))
            continue;
        const int digit = digitOf(text[position]);
        auto& byte = bytes[digits++ / 2];
        byte = static_cast<unsigned char>(byte << 4 | (digit & 15));
    }
    if (valid)
        sqlite3_result_blob(context, bytes.data(), kIdBytes, SQLITE_TRANSIENT);
    else
        sqlite3_result_error(context, "not an Entra object id", -1);
}

void entraText(sqlite3_context* context, int, sqlite3_value** arguments)
{
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return sqlite3_result_null(context);
    const auto* bytes = static_cast<const unsigned char*>(sqlite3_value_blob(arguments[0]));
    if (!bytes || sqlite3_value_bytes(arguments[0]) != static_cast<int>(kIdBytes))
        return sqlite3_result_error(context, "not the bytes of an Entra object id", -1);
    std::array<char, 36> text{};
    size_t position = 0;
    for (size_t i = 0; i < kIdBytes; ++i)
    {
        if (isDash(position))
            text[position++] = '-';
        text[position++] = kDigits[bytes[i] >> 4];
        text[position++] = kDigits[bytes[i] & 15];
    }
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

} // namespace

bool isEntraId(std::string_view text)
{
    bool valid = text.size() == 36;
    for (size_t position = 0; valid && position < text.size(); ++position)
        valid = isDash(position) ? text[position] == '-' : digitOf(text[position]) >= 0;
    return valid;
}

void registerEntraIdFunctions(sqlite3* connection)
{
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3_create_function_v2(connection, "entra_id", 1, kFlags, nullptr, entraId, nullptr,
                               nullptr, nullptr);
    sqlite3_create_function_v2(connection, "entra_text", 1, kFlags, nullptr, entraText, nullptr,
                               nullptr, nullptr);
}

} // namespace muster::store
