#include "runner/Frames.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace muster::runner {

namespace {

bool readAll(int descriptor, void* data, size_t size)
{
    auto* place = static_cast<char*>(data);
    while (size > 0)
    {
        const auto count = ::read(descriptor, place, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        place += count;
        size -= static_cast<size_t>(count);
    }
    return true;
}

} // namespace

bool writeFrame(int descriptor, FrameKind kind, int32_t value, std::string_view text)
{
    FrameHeader header{static_cast<uint32_t>(kind), value, text.size()};
    std::array<iovec, 2> parts{
        {{&header, sizeof header}, {const_cast<char*>(text.data()), text.size()}}};
    size_t first = 0;
    while (first < parts.size())
    {
        msghdr message{};
        message.msg_iov = &parts[first];
        message.msg_iovlen = parts.size() - first;
        const auto sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        auto left = static_cast<size_t>(sent);
        while (first < parts.size() && left >= parts[first].iov_len)
            left -= parts[first++].iov_len;
        if (first < parts.size())
        {
            parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + left;
            parts[first].iov_len -= left;
        }
    }
    return true;
}

std::optional<Frame> readFrame(int descriptor)
{
    FrameHeader header{};
    if (!readAll(descriptor, &header, sizeof header) || header.size > kMaxFrame)
        return std::nullopt;
    Frame frame{static_cast<FrameKind>(header.kind), header.value, std::string(header.size, '\0')};
    if (!readAll(descriptor, frame.text.data(), frame.text.size()))
        return std::nullopt;
    return frame;
}

std::optional<Frame> FrameBuffer::next()
{
    FrameHeader header{};
    if (_bytes.size() - _taken < sizeof header)
        return std::nullopt;
    std::memcpy(&header, _bytes.data() + _taken, sizeof header);
    if (header.size > kMaxFrame)
        throw std::invalid_argument("a text of " + std::to_string(header.size) + " bytes at once");
    if (_bytes.size() - _taken - sizeof header < header.size)
        return std::nullopt;
    Frame frame{static_cast<FrameKind>(header.kind), header.value,
                _bytes.substr(_taken + sizeof header, header.size)};
    _taken += sizeof header + header.size;
    // What was taken is moved away only now and then.
    constexpr size_t kTidy = 1u << 20;
    if (_taken == _bytes.size() || _taken > kTidy)
    {
        _bytes.erase(0, _taken);
        _taken = 0;
    }
    return frame;
}

} // namespace muster::runner
