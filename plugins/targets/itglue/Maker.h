#pragma once

#include "Editor.h"

#include <string>
#include <vector>

namespace itglue {

/// Used by one thread, for one batch. Makes documents, many with one request. IT Glue knows no
/// idempotency key: whatever may have been made is looked for, by the group's id, before it is made
/// again.
class Maker
{
public:
    Maker(const Account& account, Catalogue& catalogue, Teller& teller, Editor& editor,
          std::string organization, Bulk bulk);

    /// Gives those that are there now and not yet as they should be. Throws what hits them all.
    std::vector<Job> make(std::vector<Job> jobs);

private:
    enum class Fate
    {
        Closed,   ///< its outcome was said
        Again,    ///< it can be sent again
        Doubtful, ///< it may be there
    };

    std::vector<Job> look(std::vector<Job>& jobs);
    void lookOnce(std::vector<Job>& jobs, std::vector<Job>& found);
    void draftAll(std::vector<Job>& jobs);
    std::vector<Job> send(std::vector<Job>& jobs, std::vector<Job>& made);
    void take(Job& job, const Json& resource, std::vector<Job>& made);
    Fate judge(Job& job, const muster::target::Answer& answer, bool isAlone);

    const Account& _account;
    Catalogue& _catalogue;
    Teller& _teller;
    Editor& _editor;
    std::string _organization;
    Bulk _bulk;
};

} // namespace itglue
