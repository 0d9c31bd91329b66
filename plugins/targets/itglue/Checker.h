#pragma once

#include "Catalogue.h"

#include <muster/Target.hpp>

#include <vector>

namespace itglue {

/// Proves key, region, organizations and types. Sends nothing but GET.
void check(const Account& account, Catalogue& catalogue, const std::vector<Json>& scopes,
           const muster::target::Output& output);

} // namespace itglue
