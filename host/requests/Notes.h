#pragma once

#include "requests/Request.h"
#include "sync/Plan.h"

#include <string>
#include <vector>

/// What Muster writes into tickets, in Markdown.
namespace muster::requests {

std::string noteOfRun(const Request& request, const sync::Run& run);
std::string noteOfFailure(const Request& request, const std::string& why);
std::string noteOfDecline(const Request& request);
std::string noteOfProblem(const std::string& problem);

/// The request's note as it is written: with a line at its end by which it is found again.
std::string signedNote(const Request& request);

/// True when the request's note is among those of its ticket.
bool isAmong(const Request& request, const std::vector<std::string>& notes);

} // namespace muster::requests
