#pragma once

#include "runtime/Clock.h"

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

/// The drawing of PDF: cairo writes the file, Pango sets the text, whatever its script. Lengths are
/// points (1/72 inch), from the upper left corner of an A4 page.
namespace muster::documents {

inline constexpr double kPageWidth = 595.276;
inline constexpr double kPageHeight = 841.89;

struct PdfColour
{
    double red = 0;
    double green = 0;
    double blue = 0;
};

struct PdfStyle
{
    double size = 9.5;
    bool isBold = false;
    PdfColour colour = {};
};

/// What becomes of a text that is wider than its place.
enum class PdfFit
{
    Wrap,
    Shorten ///< one line, with an ellipsis
};

/// Where a click leads to: an address, or a place in the file; neither: nowhere.
struct PdfLink
{
    std::string uri = {};
    std::string place = {};
};

/// A text set in lines. It must go before the Pdf that made it.
class PdfText
{
public:
    struct Line
    {
        double height = 0;
        double baseline = 0; ///< below the line's top
        double left = 0;     ///< the room before it, in a text from right to left of several lines
        double width = 0;
    };

    ~PdfText();
    PdfText(PdfText&&) noexcept;
    PdfText& operator=(PdfText&&) noexcept;

    const std::vector<Line>& lines() const { return _lines; }
    double height() const;

    /// Of the widest line.
    double width() const;

private:
    friend class Pdf;
    class Layout;

    PdfText(std::unique_ptr<Layout> layout, std::vector<Line> lines);

    std::unique_ptr<Layout> _layout;
    std::vector<Line> _lines;
};

/// Used by one thread; several may be in use side by side. A file of A4 pages. Given the same
/// calls, date and fonts, it is the same byte for byte. Throws std::runtime_error when the file
/// cannot be written.
class Pdf
{
public:
    struct About
    {
        std::string title;
        std::string author;
        std::string subject;
        runtime::Instant date; ///< when it was made
    };

    /// `out`: null measures only, and draws nothing; else it outlives the object.
    Pdf(std::ostream* out, const About& about);
    ~Pdf();
    Pdf(const Pdf&) = delete;
    Pdf& operator=(const Pdf&) = delete;

    PdfText set(const std::string& text, const PdfStyle& style, double width,
                PdfFit fit = PdfFit::Wrap);

    /// Draws one line of a text, its top at `y`.
    void draw(const PdfText& text, size_t line, double x, double y, const PdfLink& link = {});

    void fill(double x, double y, double width, double height, const PdfColour& colour,
              double radius = 0);

    /// Gives the top of the present page a name that links lead to. Links only lead to places that
    /// are in the file at its end.
    void place(const std::string& name);

    /// Adds to the outline that readers show beside the pages. `above`: what it stands under, 0 for
    /// none. Returns its number.
    int outline(int above, const std::string& title, const std::string& place);

    void endPage();

    /// Completes the file. Nothing may be drawn afterwards.
    void finish();

    /// How many characters of the texts that were set no font of this machine has.
    size_t unknownCharacters() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace muster::documents
