#pragma once

#include "support/Child.h"
#include "support/TemporaryDirectory.h"

#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace muster::tests {

/// Used by one thread. A PDF as Debian's poppler-utils read it.
class PdfReader
{
public:
    struct Word
    {
        std::string text;
        double left = 0;
        double top = 0;
        double right = 0;
        double bottom = 0;
    };

    explicit PdfReader(const std::string& bytes)
    {
        std::ofstream(file(), std::ios::binary) << bytes;
    }

    /// The text as one would select and copy it, with a form feed after each page.
    std::string text() const { return told({"pdftotext", "-enc", "UTF-8", file(), "-"}); }

    /// Title, author, dates, pages.
    std::string about() const { return told({"pdfinfo", "-isodates", file()}); }

    size_t pages() const { return numberIn(about(), "Pages: +([0-9]+)"); }

    /// Places that links lead to, and addresses.
    std::string addresses() const { return told({"pdfinfo", "-url", file()}); }

    /// The outline and the links, as XML.
    std::string links() const
    {
        return told({"pdftohtml", "-xml", "-i", "-stdout", "-nodrm", file()});
    }

    std::vector<Word> words() const
    {
        const auto page = told({"pdftotext", "-bbox", file(), "-"});
        const std::regex pattern("<word xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" "
                                 "xMax=\"([-0-9.]+)\" yMax=\"([-0-9.]+)\">([^<]*)</word>");
        std::vector<Word> words;
        for (std::sregex_iterator at(page.begin(), page.end(), pattern), end; at != end; ++at)
        {
            const auto number = [&](size_t group) { return std::stod((*at)[group]); };
            words.push_back({(*at)[5], number(1), number(2), number(3), number(4)});
        }
        return words;
    }

private:
    std::string file() const { return _folder / "file.pdf"; }

    static size_t numberIn(const std::string& text, const std::string& pattern)
    {
        std::smatch found;
        if (!std::regex_search(text, found, std::regex(pattern)))
            throw std::runtime_error("no " + pattern + " in " + text);
        return std::stoul(found[1]);
    }

    std::string told(const std::vector<std::string>& command) const
    {
        const auto output = _folder / "output";
        auto words = command;
        words.insert(words.begin(), "/usr/bin/env");
        Child child(words, output);
        child.wait();
        auto text = readFile(output);
        if (child.exitCode() != 0)
            throw std::runtime_error(command.front() + " cannot read the PDF: " + text);
        return text;
    }

    TemporaryDirectory _folder;
};

} // namespace muster::tests
