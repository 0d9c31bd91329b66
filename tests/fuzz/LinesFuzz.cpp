/// Whatever a plugin says is taken, or refused with an exception that says why; and a frame is one
/// or none.
#include "plugins/Lines.h"
#include "plugins/PluginRequests.h"
#include "runner/Frames.h"

#include <cstdint>
#include <cstdlib>
#include <exception>

using namespace muster;
using namespace muster::plugins;

namespace {

template <typename Take>
void tryIt(const Take& take)
{
    try
    {
        take();
    }
    catch (const std::exception& error)
    {
        if (std::string(error.what()).empty())
            std::abort();
    }
}

void tryLine(const std::string& text)
{
    tryIt([&] {
        const auto line = parseLine(text);
        const auto again = parseLine(toLine(line.what, line.value));
        if (again.what != line.what)
            std::abort();
        tryIt([&] { toRecord(line.value); });
        tryIt([&] { toLink(line.value); });
        tryIt([&] { toOutcome(line.value); });
        tryIt([&] { toFinding(line.value); });
        const runtime::Cancellation never;
        PluginRequests requests(
            [&](auto, const auto&, const auto& onLine, const auto&) { onLine(line); });
        tryIt([&] { requests.tickets(never); });
        tryIt([&] { requests.ticket("1", never); });
        tryIt([&] { requests.places(never); });
    });
}

void tryFrames(const std::string& bytes)
{
    tryIt([&] {
        runner::FrameBuffer frames;
        for (const char byte : bytes)
        {
            frames.add(&byte, 1);
            while (frames.next())
                ;
        }
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    tryLine(text);
    tryFrames(text);
    return 0;
}
