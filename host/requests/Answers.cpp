#include "requests/Answers.h"

#include <muster/Keys.h>

#include <algorithm>

namespace muster::requests {

namespace {

using plugins::FormField;

const std::string kOther = "other";

/// The field with the identifier; without one, that of such a name, or the first whose name has
/// such a word in it.
const FormField* findField(const std::vector<FormField>& fields, const std::string& identifier,
                           const std::vector<std::string>& names)
{
    if (!identifier.empty())
    {
        const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) {
            return field.identifier == identifier;
        });
        return found == fields.end() ? nullptr : &*found;
    }
    for (const auto& name : names)
        for (const auto& field : fields)
            if (nameKeyNoCase(field.name) == name)
                return &field;
    for (const auto& name : names)
        for (const auto& field : fields)
            if (nameKeyNoCase(field.name).find(name) != std::string::npos)
                return &field;
    return nullptr;
}

std::optional<Chosen> chosenIn(const FormField& field)
{
    if (field.choices.empty())
    {
        const auto value = trimmed(field.value);
        return value.empty() ? std::nullopt : std::optional(Chosen{.name = value});
    }
    const auto selected = [](const auto& choice) { return choice.isSelected == true; };
    auto chosen = std::find_if(field.choices.begin(), field.choices.end(), selected);
    // A dynamic field has the chosen item alone, which need not say so; one that lists all its
    // choices and none as selected was not answered.
    const auto isSaid =
        std::any_of(field.choices.begin(), field.choices.end(),
                    [](const auto& choice) { return choice.isSelected.has_value(); });
    if (chosen == field.choices.end() && (field.choices.size() == 1 || !isSaid))
        chosen = field.choices.begin();
    if (chosen == field.choices.end())
        return std::nullopt;
    Chosen result{.identifier = trimmed(chosen->identifier), .name = trimmed(chosen->name)};
    const auto key = lowered(result.identifier);
    result.isOther = key.ends_with("_" + kOther) || key == kOther ||
                     (key.empty() && nameKeyNoCase(result.name) == kOther);
    result.isSeveral = std::count_if(field.choices.begin(), field.choices.end(), selected) > 1;
    return result;
}

std::string textOf(const std::optional<Chosen>& chosen)
{
    if (!chosen)
        return {};
    return chosen->identifier + "\x1f" + chosen->name + (chosen->isOther ? "\x1fo" : "") +
           (chosen->isSeveral ? "\x1fs" : "");
}

} // namespace

std::string Answers::text() const
{
    return textOf(account) + "\x1e" + textOf(mode);
}

Answers answersOf(const std::vector<std::vector<FormField>>& forms, const Setup& setup)
{
    for (auto form = forms.rbegin(); form != forms.rend(); ++form)
    {
        const auto* const mode = findField(*form, setup.modeField, {"sync mode"});
        if (!mode)
            continue;
        const auto* const account =
            findField(*form, setup.accountField, {"account", "company", "account/company"});
        return {.isRequest = true,
                .account = account ? chosenIn(*account) : std::nullopt,
                .mode = chosenIn(*mode)};
    }
    return {};
}

} // namespace muster::requests
