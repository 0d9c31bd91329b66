#pragma once

#include "Dispatcher.h"

namespace muster::sandbox {

/// The answer that a fault gives in place of the service; nothing when the service must be asked.
std::optional<Dispatcher::Answer> answerInstead(const std::string& service, const Request& request,
                                                const Fault& fault);

/// Tells the service what a fault wants of it.
void tweak(Request& request, const Fault& fault);

/// Spoils the answer that the service gave.
void spoil(Dispatcher::Answer& answer, const Request& request, const Fault& fault);

} // namespace muster::sandbox
