#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::store {

/// The one parameter of dialect::rows(): an array of arrays of integers and texts, as JSON.
class JsonRows
{
public:
    template <typename... Values>
    void add(const Values&... values)
    {
        _text += _count++ == 0 ? "[" : ",[";
        size_t position = 0;
        ((_text += position++ == 0 ? "" : ",", append(values)), ...);
        _text += ']';
    }

    size_t count() const { return _count; }
    std::string text() const { return '[' + _text + ']'; }

private:
    void append(int64_t value) { _text += std::to_string(value); }
    void append(int value) { append(int64_t(value)); }
    void append(std::string_view value)
    {
        constexpr std::string_view kDigits = "0123456789abcdef";
        _text += '"';
        for (const char c : value)
        {
            if (c == '"' || c == '\\')
                _text += '\\';
            if (static_cast<unsigned char>(c) >= 0x20)
                _text += c;
            else
            {
                _text += "\\u00";
                _text += kDigits[static_cast<size_t>(c >> 4)];
                _text += kDigits[static_cast<size_t>(c & 15)];
            }
        }
        _text += '"';
    }

    std::string _text;
    size_t _count = 0;
};

/// The rows of one column: ids, or texts.
template <typename Values>
std::string rowsOf(const Values& values)
{
    JsonRows rows;
    for (const auto& value : values)
        rows.add(value);
    return rows.text();
}

} // namespace muster::store
