#include "Exports.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace muster::testing {

namespace {

/// A value of the file at a place; throws when the file is too short for it.
template <typename Value>
Value at(const std::string& file, size_t offset)
{
    if (offset > file.size() || sizeof(Value) > file.size() - offset)
        throw std::runtime_error("the library is cut off");
    Value value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

} // namespace

std::vector<std::string> exportsOf(const std::string& library)
{
    std::ostringstream stream;
    stream << std::ifstream(library, std::ios::binary).rdbuf();
    const auto file = stream.str();
    const auto header = at<Elf64_Ehdr>(file, 0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
        throw std::runtime_error(library + " is no 64-bit ELF library");

    const auto section = [&](size_t index) {
        return at<Elf64_Shdr>(file, header.e_shoff + index * header.e_shentsize);
    };
    std::vector<std::string> names;
    for (size_t i = 0; i < header.e_shnum; ++i)
    {
        const auto symbols = section(i);
        if (symbols.sh_type != SHT_DYNSYM)
            continue;
        const auto texts = section(symbols.sh_link);
        for (size_t offset = 0; offset < symbols.sh_size; offset += sizeof(Elf64_Sym))
        {
            const auto symbol = at<Elf64_Sym>(file, symbols.sh_offset + offset);
            const auto isExported = symbol.st_shndx != SHN_UNDEF &&
                                    ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
                                    ELF64_ST_VISIBILITY(symbol.st_other) == STV_DEFAULT;
            if (isExported)
                names.emplace_back(file.c_str() + texts.sh_offset + symbol.st_name);
        }
    }
    return names;
}

} // namespace muster::testing
