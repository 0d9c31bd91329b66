#pragma once

#include "runtime/Clock.h"
#include "runtime/FileDescriptor.h"
#include "store/Database.h"

#include <memory>
#include <string>

namespace muster::store {

/// How much a commit promises. Work that can be read again from its source is Replayable; the
/// journal of writes to a target is Durable (it survives a power cut too).
enum class Durability
{
    Replayable,
    Durable
};

/// Thread-safe. The store of one Muster in its data directory: one file, migrated to this version
/// when opened (backed up before). Throws ConfigError when the directory or file cannot be used, or
/// was made by a newer Muster.
class Store
{
public:
    explicit Store(std::string dataDirectory);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// A connection for the calling thread.
    Database connect(Durability durability = Durability::Replayable) const;

    const std::string& dataDirectory() const { return _dataDirectory; }

private:
    std::string _dataDirectory;
    std::string _file;
};

/// The lock of a data directory: one Muster works on it at a time. Held while the object lives; the
/// kernel frees it when the process dies.
class DataDirectoryLock
{
public:
    /// Makes the directory when it is missing. Throws RetryError when another process holds the
    /// lock.
    explicit DataDirectoryLock(const std::string& dataDirectory);

private:
    runtime::FileDescriptor _descriptor;
};

} // namespace muster::store
