#pragma once

#include "Site.h"

#include <muster/Target.hpp>

namespace deskdirector {

/// Reads what accounts hold: one request for each hundred records of a kind, and for each hundred
/// members of a contact group. The service groups of contacts come with them. Looks for accounts
/// with a request a tag, and for service groups with one for each hundred of them.
void read(const Site& site, const muster::target::ReadRequest& request,
          const muster::target::Output& output);

} // namespace deskdirector
