#pragma once

#include "plugins/TargetChannel.h"

#include <string>
#include <string_view>
#include <vector>

/// The JSON lines of sdk target.h and the structs of TargetChannel.h, in both directions. What a
/// plugin says is not trusted: the functions that read throw std::exception with what is wrong.
namespace muster::plugins {

/// {"record":{...}}: `what` is "record", `value` the inner object.
struct Line
{
    std::string what;
    Json value;
};

Line parseLine(std::string_view text);
std::vector<Line> parseLines(std::string_view text);

/// One line, without its end; what is not UTF-8 becomes U+FFFD.
std::string toLine(const std::string& what, Json value);

/// The texts that the calls of a plugin take.
std::string toCheckText(const std::vector<Json>& scopes);
std::string toReadText(const ReadRequest& request);
std::string toApplyText(const Json& scope, const ChangeRequest* first, size_t count);

RemoteRecord toRecord(const Json& value);
RemoteLink toLink(const Json& value);
Outcome toOutcome(const Json& value);
runtime::Finding toFinding(const Json& value);

} // namespace muster::plugins
