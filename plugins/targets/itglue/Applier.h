#pragma once

#include "Catalogue.h"

#include <muster/Target.hpp>

#include <vector>

namespace itglue {

/// Makes the changes of a batch in the organization of the scope. Throws SettingError, after all
/// outcomes, when nothing can work before someone changes a setting.
void apply(const Account& account, Catalogue& catalogue, size_t bulk, const Json& scope,
           const std::vector<muster::target::Change>& changes,
           const muster::target::Output& output);

} // namespace itglue
