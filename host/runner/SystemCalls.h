#pragma once

namespace muster::runner {

/// Bounds the system calls of this process to what computing, memory, threads, reading files and
/// the connection that is already open take (seccomp(2)). Sockets, other programs, other processes
/// and writing files fail with EPERM and are told on stderr, once each; what is not known here is
/// ENOSYS, as on an older kernel. False, with errno, when the kernel cannot do it.
bool restrictSystemCalls();

/// From here on files cannot be opened for reading either, by any thread.
bool forbidOpening();

} // namespace muster::runner
