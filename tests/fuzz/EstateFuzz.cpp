/// Any text at all is either an estate or a list of faults with their places.
#include "estate/Declaration.h"
#include "runtime/Errors.h"

#include <cstdint>
#include <cstdlib>

using namespace muster;

namespace {

const plugins::ModeManifest& mode()
{
    static const auto manifest = plugins::parseModeManifest(
        R"({"id": "contacts", "name": "Contacts", "version": "1", "number": 1,
            "records": ["contact"],
            "settings": {"type": "object", "additionalProperties": false,
                         "properties": {"suffix": {"type": "string"}}}})",
        "contacts.json");
    return manifest;
}

const plugins::TargetManifest& target()
{
    static const auto manifest = plugins::parseTargetManifest(
        R"({"id": "desk", "name": "Desk", "version": "1", "abi": "1.0",
            "records": {"contact": ["create"]}, "origins": ["site"],
            "credentials": [{"setting": "apiKey", "header": "Authorization", "format": "{}"}],
            "scope": {"type": "object", "properties": {"account": {"type": "integer"}}},
            "settings": {"type": "object", "required": ["site"], "additionalProperties": false,
                "properties": {"site": {"type": "string"}, "apiKey": {"type": "string"},
                    "pace": {"type": "object", "additionalProperties": false,
                             "properties": {"perSecond": {"type": "number"}}}}}})",
        "desk.json");
    return manifest;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const estate::Surroundings surroundings{
        .mode = [](const std::string&) -> const plugins::ModeManifest& { return mode(); },
        .target = [](const std::string&) -> const plugins::TargetManifest& { return target(); },
        // Files are not looked at: a found input must not depend on the machine.
        .secret = [](const estate::SecretReference&) { return std::string("value"); }};
    const std::vector<estate::EstateFile> files = {
        {.name = "estate.yaml",
         .folder = "/nowhere",
         .text = std::string(reinterpret_cast<const char*>(data), size)}};
    try
    {
        estate::readEstate(files, surroundings);
    }
    catch (const estate::EstateError& error)
    {
        for (const auto& fault : error.faults())
            if (fault.file != "estate.yaml" || fault.line < 0 || fault.message.empty())
                std::abort();
    }
    return 0;
}
