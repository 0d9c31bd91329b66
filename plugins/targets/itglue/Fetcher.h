#pragma once

#include "Catalogue.h"
#include "Job.h"

#include <set>
#include <string>
#include <vector>

namespace itglue {

/// Used by one thread, for one batch. Reads the documents that jobs are about, with as few requests
/// as it can.
class Fetcher
{
public:
    Fetcher(const Account& account, Catalogue& catalogue, Teller& teller, std::string organization);

    /// Reads those that were not read, or were written since. Says the outcomes of jobs whose
    /// document cannot be read, and removes them. Throws what hits them all.
    void fetch(std::vector<Job>& jobs);

    /// Finds out of which types the documents are that are to be nested.
    void findNested(std::vector<Job>& jobs);

    /// Drops what is to be nested and is gone. False when all is there.
    bool dropGone(Job& job);

    /// Those of these documents that are gone.
    std::set<std::string> absentOf(const std::set<std::string>& documents) const;

    /// Says the outcomes of a job whose document is gone.
    void sayGone(const Job& job);

private:
    void fetchOne(std::vector<Job>& jobs);
    void fetchAll(std::vector<Job>& jobs);
    void drop(Job& job, const std::string& nested);

    const Account& _account;
    Catalogue& _catalogue;
    Teller& _teller;
    std::string _organization;
};

} // namespace itglue
