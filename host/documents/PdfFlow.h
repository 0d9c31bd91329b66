#pragma once

#include "documents/Pdf.h"

#include <functional>
#include <string>
#include <vector>

namespace muster::documents {

namespace ink {
inline constexpr PdfColour kText = {0.11, 0.13, 0.16};
inline constexpr PdfColour kFaint = {0.40, 0.44, 0.50};
inline constexpr PdfColour kRule = {0.85, 0.87, 0.90};
inline constexpr PdfColour kLink = {0.08, 0.35, 0.65};
} // namespace ink

/// Used by one thread. Lets text flow down pages, from one to the next; each has a header and a
/// footer.
class PdfFlow
{
public:
    /// What every page says.
    struct Frame
    {
        std::string date; ///< in the footer
        size_t pages = 0; ///< how many there will be; 0 while that is being found out
    };

    /// One of the things that a row lists.
    struct Value
    {
        std::string text;
        PdfLink link = {};
        PdfColour colour = ink::kText;
    };

    /// A line of a table of contents.
    struct Entry
    {
        std::string name;
        std::string remark;
        PdfColour remarkColour;
        size_t page = 0;
        PdfLink link;
    };

    PdfFlow(Pdf& pdf, Frame frame) : _pdf(pdf), _frame(std::move(frame)) {}

    /// Pages from here on are about that, and say so in their headers.
    void startPage(const std::string& organization, const std::string& headline);

    /// The present one, from 1.
    size_t page() const { return _page; }

    void space(double height) { _y += height; }
    void paragraph(const std::string& text, const PdfStyle& style, const PdfLink& link = {});

    /// A heading of what comes next, on the same page as the beginning of that.
    void heading(const std::string& text);

    /// A word on a ground of a colour, and what there is to say about it, beside it.
    void badge(const std::string& word, const PdfColour& colour, const std::string& remark);

    /// A label, and beside it what belongs to it, one below the other.
    void row(const std::string& label, const std::vector<Value>& values);

    /// Cells of one line, the first one wide.
    void tableRow(const std::vector<std::string>& cells, bool isHeading);

    void entry(const Entry& entry);

    /// Ends the last page. Nothing may flow afterwards.
    void finish();

private:
    void openPage();
    void closePage();
    void need(double height);
    void flow(const PdfText& text, double x, const PdfLink& link,
              const std::function<void()>& onNewPage);
    void drawAt(const PdfText& text, double x, double y, const PdfLink& link = {});
    void rule(double y);

    Pdf& _pdf;
    Frame _frame;
    std::string _organization;
    std::string _headline;
    size_t _page = 0;
    double _y = 0;
};

} // namespace muster::documents
