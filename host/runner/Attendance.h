#pragma once

#include <array>
#include <cstdint>
#include <optional>

/// How a service manager starts a runner as a user of its own. For each connection to a socket of
/// its (systemd: Accept=yes, StandardInput=socket) it starts muster-target-runner --attend, which
/// gets three descriptors over that connection (protocol, cancel, printed: see Frames.h), forks the
/// runner, and attends it: an int64_t of the host's is what Share::allow() is given, in seconds, or
/// 0 for Share::rest(); when the host's side is closed, or the runner takes more than its share, it
/// is killed; when it has ended the host gets its wait status, an int32_t.
namespace muster::runner {

/// False, with errno: they could not be sent.
bool sendFiles(int connection, const std::array<int, 3>& files);

/// Nothing in the process that is to be the runner, with the descriptors where Frames.h says; in
/// the one that attended it, once that has ended, an exit code.
std::optional<int> attend(int connection);

} // namespace muster::runner
