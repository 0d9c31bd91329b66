#pragma once

#include "Catalogue.h"

#include <muster/Target.hpp>

namespace itglue {

/// Reads what an organization holds: contacts and configurations, 500 with a request; documents,
/// 200 with a request, with what is nested in them.
void read(const Account& account, Catalogue& catalogue, const muster::target::ReadRequest& request,
          const muster::target::Output& output);

/// The answer to a look at an organization.
muster::target::Request organizationRequest(const std::string& organization);

} // namespace itglue
