#pragma once

#include "Document.h"
#include "Teller.h"

#include <muster/Target.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace itglue {

/// A document, and what is to become of it.
struct Job
{
    Teller::Changes changes = {};
    std::string id = {};  ///< empty: it is to be made
    std::string key = {}; ///< the group's Entra object id
    Wish wish = {};
    Bounds bounds = {};
    std::optional<Asset> asset = {}; ///< as it was read last
    Draft draft = {};
    bool isMade = false;  ///< in this batch, or by an earlier try of it
    bool isShort = false; ///< it was made without lists that are too long
    bool isSent = false;  ///< a write of it may have taken effect
    bool isAlone = false; ///< IT Glue did not take it together with others
    int tries = 0;
    std::set<std::string> filed = {};      ///< lists that are attached
    std::vector<std::string> remarks = {}; ///< for people
};

/// How many documents go into one request.
struct Bulk
{
    size_t documents = 50;
    size_t bytes = 900'000; ///< IT Glue takes 10 MB
};

/// The resources of an answer to a write of one or many.
std::vector<Json> resourcesIn(const muster::target::Answer& answer);

/// Splits documents into requests: so many at most, and so many bytes.
std::vector<std::vector<size_t>> parted(const std::vector<Job>& jobs, const Bulk& bulk);

} // namespace itglue
