#pragma once

#include "TemporaryDirectory.h"

#include <fstream>

namespace muster::tests {

/// A file that holds the text and goes with the object.
class TextFile
{
public:
    explicit TextFile(const std::string& text) { std::ofstream(path()) << text; }
    std::string path() const { return _folder / "text"; }

private:
    TemporaryDirectory _folder;
};

} // namespace muster::tests
