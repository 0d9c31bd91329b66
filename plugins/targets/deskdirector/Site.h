#pragma once

#include "Profile.h"

#include <muster/Target.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace deskdirector {

/// A list of the site, of which all pages are wanted.
struct List
{
    std::string call;
    Profile::Places places = {};
    Json body = {}; ///< of a find call; null for a GET
};

/// Used by one thread. The site's calls: paging, and what answers mean.
class Site
{
public:
    Site(const muster::target::Host& host, const Profile& profile) : _host(host), _profile(profile)
    {}

    using OnItem = std::function<void(size_t list, const Json& item)>;

    /// Reads all pages of all lists, many at once, and hands over each item once. Gives for each
    /// list the answer that kept it from being read whole, or nothing.
    std::vector<std::optional<muster::target::Answer>> readAll(const std::vector<List>& lists,
                                                               const OnItem& item) const;

    const muster::target::Host& host() const { return _host; }
    const Profile& profile() const { return _profile; }

private:
    struct Progress;

    muster::target::Request page(const List& list, size_t skip) const;
    static void take(Progress& progress, const muster::target::Answer& answer, size_t list,
                     const OnItem& item);

    const muster::target::Host& _host;
    const Profile& _profile;
};

/// A failed answer in words for an administrator: what was asked of what, and what came of it.
std::string describe(const std::string& what, const muster::target::Answer& answer);

/// The text with a full stop at its end, if it has none.
std::string sentence(std::string text);

/// A 409 says that a limit of the site is reached, and not that somebody else changes the same.
bool isLimit(const muster::target::Answer& answer);

bool isKeyRefused(const muster::target::Answer& answer);
extern const char* const kKeyRefused;

/// Throws what a failed answer to a read means.
[[noreturn]] void fail(const std::string& what, const muster::target::Answer& answer);

/// An id as text, whether the site writes it as a number or as a text; empty when there is none.
std::string idOf(const Json& object);

} // namespace deskdirector
