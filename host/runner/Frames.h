#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The protocol between the host and muster-target-runner. It is private: both ship together. A
/// frame is a header and a text; a call is answered by any number of frames of the runner's, which
/// the host answers where it is asked something, and by Done at last.
namespace muster::runner {

enum class FrameKind : uint32_t
{
    // Of the host.
    Load = 1, ///< JSON: {"file","id","version","memory"}
    Call,     ///< value: Function
    Answer,   ///< a line of answer to Http
    Returned, ///< value: status of Wait or Http
    Close,
    // Of the runner.
    Loaded,
    Refused, ///< in place of Loaded: why
    Line,
    Log,  ///< value: level
    Wait, ///< milliseconds as text
    Http,
    Done, ///< value: status; of Create, text: "tickets" when it has them
    Threw,
    Closed
};

struct Frame
{
    FrameKind kind;
    int32_t value;
    std::string text;
};

struct FrameHeader
{
    uint32_t kind;
    int32_t value;
    uint64_t size;
};

/// More in one frame is no sense.
constexpr uint64_t kMaxFrame = 64u << 20;

/// Write and read one frame, waiting as long as it takes; false or nothing when the other side is
/// gone or talks nonsense. A cut connection raises no signal.
bool writeFrame(int descriptor, FrameKind kind, int32_t value, std::string_view text);
std::optional<Frame> readFrame(int descriptor);

/// Used by one thread. Puts frames together from what was read of them.
class FrameBuffer
{
public:
    void add(const char* data, size_t size) { _bytes.append(data, size); }
    size_t size() const { return _bytes.size() - _taken; }

    /// The next whole frame. Throws std::invalid_argument when what came is none.
    std::optional<Frame> next();

private:
    std::string _bytes;
    size_t _taken = 0; ///< of _bytes
};

/// The descriptors that a runner is started with.
constexpr int kProtocolDescriptor = 0;
constexpr int kCancelDescriptor = 3; ///< memory shared with the host: not 0 when a call is to end

} // namespace muster::runner
