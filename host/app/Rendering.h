#pragma once

#include "app/Command.h"

/// How plans, runs and findings are shown to people.
namespace muster::app {

/// How many changes a table shows before it says where the rest is.
constexpr size_t kChangesShown = 50;

/// "3 create, 2 link", in the order in which changes are done.
std::string actionsOf(const Json& byAction);

/// The changes of a plan or run, with their states or without.
enum class Outcomes
{
    Hidden,
    Shown
};
void showChanges(const Console& console, const Json& changes, Outcomes outcomes);

/// A plan as POST /plans?changes=N gives it, and a run as POST /runs does.
void showPlan(const Console& console, const Json& plan);
void showRun(const Console& console, const Json& run);

/// A message of one or more lines, indented.
void showLines(const Console& console, const std::string& text);

void showFindings(const Console& console, const Json& findings);
void showGuards(const Console& console, const Json& guards);

/// The colour of a verdict, or of a state of a run or change.
Colour colourOf(const std::string& state);

} // namespace muster::app
