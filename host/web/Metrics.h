#pragma once

#include "store/Store.h"

#include <string>

namespace muster::web {

/// What the store knows of tenants, syncs and runs, in Prometheus' text format
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Costs a few queries.
std::string metrics(const store::Store& store);

} // namespace muster::web
