#pragma once

#include <muster/Target.hpp>

#include <functional>
#include <string>
#include <vector>

namespace itglue {

using muster::target::Json;

/// A list of the account's, page by page.
struct List
{
    std::string path; ///< with its filters; without paging
    std::string what; ///< is read, for people
    size_t page;      ///< items asked for at once
};

/// Used by one thread. The calls of one IT Glue account: paging, and what answers mean
/// (contracts/itglue.md, section 1).
class Account
{
public:
    Account(const muster::target::Host& host, const Json& settings);

    const muster::target::Host& host() const { return _host; }

    /// The region, or the URL, for people.
    const std::string& place() const { return _place; }

    using OnItem = std::function<void(size_t list, const Json& resource)>;

    /// Reads all pages of all lists, many at once, and hands over each resource once; to `included`
    /// what came along. Throws what a failed answer means, and RetryError when a list is not whole:
    /// what was handed over until then is only a part.
    void readAll(const std::vector<List>& lists, const OnItem& item,
                 const OnItem& included = {}) const;

    /// How many items a list has. Throws as readAll does.
    size_t count(const List& list) const;

    /// A failed answer in words for an administrator: what was asked, and what came of it.
    std::string describe(const std::string& what, const muster::target::Answer& answer) const;

    /// Throws what a failed answer means.
    [[noreturn]] void fail(const std::string& what, const muster::target::Answer& answer) const;

    /// The answer refuses the key. Sends a request when it may refuse something else as well.
    bool isKeyRefused(const muster::target::Answer& answer) const;

    [[noreturn]] void failKey() const;
    /// What to do about a key that is refused.
    std::string keyAdvice() const;

private:
    struct Progress;

    static muster::target::Request page(const List& list, size_t number);
    bool readPages(const std::vector<List>& lists, std::vector<Progress>& all, const OnItem& item,
                   const OnItem& included) const;

    const muster::target::Host& _host;
    std::string _place;
};

/// A write of a JSON:API document.
muster::target::Request writeOf(const std::string& method, const std::string& path,
                                const Json& document, muster::target::Repeat repeat);

/// 401 that is about something a request refers to, and not about the key.
bool isAboutReference(const muster::target::Answer& answer);

/// What IT Glue says of an error; empty when it says nothing that can be read.
std::string messageOf(const muster::target::Answer& answer);

/// An id as text, whether it is written as a number or as a text; empty when there is none.
std::string idOf(const Json& value);

/// An id as IT Glue's own samples write it in attributes.
Json idValue(const std::string& id);

Json attributesOf(const Json& resource);
std::string textOf(const Json& object, const std::string& name);

/// The text with a full stop at its end, if it has none.
std::string sentence(std::string text);

/// The organization of a scope. Throws SettingError when the scope has none.
std::string organizationIn(const Json& scope);

} // namespace itglue
