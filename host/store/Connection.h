#pragma once

#include "runtime/Errors.h"
#include "store/Database.h"

#include <Poco/Data/Session.h>

namespace muster::store {

/// A Poco session and the file it is on.
class Database::Implementation
{
public:
    Implementation(Poco::Data::Session session, std::string file)
        : _session(std::move(session)), _file(std::move(file))
    {}

    Poco::Data::Session& session() { return _session; }
    const std::string& file() const { return _file; }

private:
    Poco::Data::Session _session;
    std::string _file;
};

} // namespace muster::store
