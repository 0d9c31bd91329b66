/// Any text at all is either a manifest or a ManifestError, and a schema that was let in can judge
/// any settings.
#include "manifest/Manifest.h"

#include <cstdint>
#include <cstdlib>

using namespace muster;
using namespace muster::plugins;

namespace {

template <typename Parse>
void tryParse(const std::string& text, const Parse& parse)
{
    try
    {
        const auto manifest = parse(text, "plugin.json");
        for (const auto* settings : {"{}", R"({"site":"x","pace":{"perSecond":0}})", "[1]", "null"})
            for (const auto& fault :
                 schemaFaults(manifest.settings, nlohmann::json::parse(settings)))
                if (fault.empty())
                    std::abort();
    }
    catch (const ManifestError& error)
    {
        if (std::string(error.what()).rfind("plugin.json: ", 0) != 0)
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    tryParse(text, &parseTargetManifest);
    tryParse(text, &parseModeManifest);
    return 0;
}
