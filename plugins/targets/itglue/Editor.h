#pragma once

#include "Fetcher.h"
#include "Files.h"
#include "Job.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace itglue {

/// Used by one thread, for one batch. Changes documents: each is read just before it is written,
/// merged, and written whole, because what is not written is lost (contract, section 2.4).
class Editor
{
public:
    Editor(const Account& account, Catalogue& catalogue, Teller& teller, std::string organization,
           Bulk bulk);

    /// Says outcomes for the changes of all jobs. Throws what hits them all; see Teller::closeAll.
    void edit(std::vector<Job> jobs);

    /// Takes IT Glue's answer to a write of the job. False when more is to do.
    bool settle(Job& job, const Json& resource);

    /// What to do about a write that IT Glue refused. False when its outcome was said.
    bool mend(Job& job, const muster::target::Answer& answer);

    Draft draftOf(const Job& job, const Type& type) const;

private:
    using Failure = std::pair<std::vector<size_t>, muster::target::Answer>;

    const Type* typeOf(const Job& job) const;
    void findTypes(std::vector<Job>& jobs);
    bool prepare(Job& job);
    bool file(Job& job);
    void write(std::vector<Job>& jobs);
    std::vector<Failure> send(std::vector<Job>& jobs, std::vector<bool>& isDone);
    bool dropGone(Job& job);
    std::set<std::string> absentOf(const std::set<std::string>& ids, const std::string& path) const;

    const Account& _account;
    Catalogue& _catalogue;
    Teller& _teller;
    std::string _organization;
    Bulk _bulk;
    Fetcher _fetcher;
    Files _files;
};

} // namespace itglue
