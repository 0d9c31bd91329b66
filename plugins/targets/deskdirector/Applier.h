#pragma once

#include "Site.h"

#include <muster/Target.hpp>

#include <optional>
#include <string>
#include <vector>

namespace deskdirector {

/// Used by one thread, for one batch. Makes changes in the account of the scope, or in those that
/// the changes name: each is one request, and all go out together; only what is in doubt is looked
/// up, because the site has no idempotency key.
class Applier
{
public:
    Applier(const Site& site, const Json& scope, const muster::target::Output& output)
        : _site(site), _scope(scope), _output(output)
    {}

    /// Throws SettingError, after all outcomes, when the site refused the key.
    void apply(const std::vector<muster::target::Change>& changes);

private:
    struct Task
    {
        const muster::target::Change* change;
        bool mayBeOurs = false;     ///< a create of this call was sent and not answered
        bool isSaidToExist = false; ///< the site answered 409 to the last create
        int tries = 0;              ///< of the create
        std::optional<muster::target::Answer> answer = {}; ///< the last one
        std::optional<muster::target::Record> found = {};
    };

    std::vector<Task> write(std::vector<Task> tasks);
    std::vector<Task> look(std::vector<Task> tasks);
    std::vector<Task> lookOnce(std::vector<Task> tasks);
    std::optional<muster::target::Request> requestOf(const muster::target::Change& change) const;
    muster::target::Request requestOfLink(const muster::target::Change& change) const;
    int64_t accountOf(const muster::target::Change& change) const;
    bool settle(Task& task, const muster::target::Answer& answer);
    void settleFound(const Task& task);
    bool settleNotFound(Task& task);

    void sayApplied(const Task& task, const muster::target::Answer& answer);
    void sayRejected(const Task& task, const std::string& message);
    void sayServiceGroup(const Task& task, const muster::target::Answer& answer);
    void sayFull(const Task& task, const muster::target::Answer& answer);
    void sayRetry(const Task& task, const muster::target::Answer& answer);
    std::string titleOf(const muster::target::Change& change) const;

    const Site& _site;
    const Json& _scope;
    const muster::target::Output& _output;
    bool _isKeyRefused = false;
};

} // namespace deskdirector
