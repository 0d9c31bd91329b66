#pragma once

#include "Account.h"

#include <muster/Target.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace itglue {

/// Used by one thread, for one batch. Says one outcome for each change.
class Teller
{
public:
    Teller(const Account& account, const muster::target::Output& output,
           const std::vector<muster::target::Change>& changes);

    using Changes = std::vector<const muster::target::Change*>;

    /// `record` goes to changes of records; `message` to the first.
    void applied(const Changes& changes, const std::optional<muster::target::Record>& record,
                 const std::string& message);
    void unchanged(const Changes& changes);
    void rejected(const Changes& changes, const std::string& message);

    /// The document of these changes, or the one that it is to nest, is no longer there.
    void gone(const Changes& changes, const std::string& what);

    /// What kept it may be over later; with unknown, it may have taken effect.
    void retry(const Changes& changes, const muster::target::Answer& answer);

    /// It was sent and not answered, and no look finds it: the next run looks again.
    void inDoubt(const Changes& changes, const std::string& why);

    /// From now on, that the change has an outcome cannot be taken for granted.
    void sent(const muster::target::Change& change) { _open[change.id].isSent = true; }

    /// Outcomes for all that have none: they could not be finished.
    void closeAll(muster::target::State state, const std::string& message, bool isLater = false);

    std::string titleOf(const muster::target::Change& change) const;

private:
    struct Open
    {
        const muster::target::Change* change = nullptr;
        bool isSent = false;
    };

    void say(const muster::target::Outcome& outcome);

    const Account& _account;
    const muster::target::Output& _output;
    std::map<int64_t, Open> _open;
};

} // namespace itglue
