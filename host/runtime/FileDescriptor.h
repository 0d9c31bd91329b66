#pragma once

#include <unistd.h>

#include <utility>

namespace muster::runtime {

/// A file descriptor that is closed in the end; -1: there is none.
class FileDescriptor
{
public:
    explicit FileDescriptor(int number = -1) : _number(number) {}
    ~FileDescriptor() { reset(); }
    FileDescriptor(FileDescriptor&& other) noexcept : _number(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        reset(other.release());
        return *this;
    }

    int number() const { return _number; }
    bool isOpen() const { return _number >= 0; }
    int release() { return std::exchange(_number, -1); }

    void reset(int number = -1)
    {
        if (_number >= 0)
            ::close(_number);
        _number = number;
    }

private:
    int _number;
};

} // namespace muster::runtime
