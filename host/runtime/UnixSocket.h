#pragma once

#include "runtime/FileDescriptor.h"

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

namespace muster::runtime {

/// A connection to the Unix socket at a path; none, with errno, when there is no listener.
inline FileDescriptor connectTo(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
    {
        errno = ENAMETOOLONG;
        return FileDescriptor();
    }
    path.copy(address.sun_path, path.size());
    FileDescriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) != 0)
        return FileDescriptor();
    return connection;
}

} // namespace muster::runtime
