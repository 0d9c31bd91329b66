#pragma once

#include "Site.h"

#include <muster/Target.hpp>

namespace deskdirector {

/// Reads what an account holds: one request for each hundred records of a kind, and for each
/// hundred members of a contact group.
void read(const Site& site, const muster::target::ReadRequest& request,
          const muster::target::Output& output);

} // namespace deskdirector
