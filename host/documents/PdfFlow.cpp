#include "documents/PdfFlow.h"

#include "documents/PlainText.h"

#include <algorithm>

namespace muster::documents {

namespace {

constexpr double kLeft = 54;
constexpr double kRight = kPageWidth - 54;
constexpr double kWidth = kRight - kLeft;
constexpr double kHeaderTop = 34;
constexpr double kTop = 66;
constexpr double kBottom = kPageHeight - 62;
constexpr double kFooterTop = kPageHeight - 48;
constexpr double kLabelWidth = 150;
constexpr double kValueLeft = kLeft + kLabelWidth + 14;
constexpr double kValueWidth = kRight - kValueLeft;
constexpr double kRowPadding = 3;
constexpr double kHeadingRoom = 75; ///< for space around it, and some of what it is about
constexpr double kBadgePadding = 7;
constexpr double kCellWidth = 68;
constexpr double kPageNumberWidth = 40;
constexpr double kRemarkWidth = 70;
constexpr double kIndent = 12;
constexpr PdfStyle kSmall = {8, false, ink::kFaint};
constexpr PdfStyle kLabel = {9, true, ink::kFaint};
constexpr PdfStyle kText = {9.5, false, ink::kText};
constexpr PdfStyle kHeading = {12, true, ink::kText};

} // namespace

void PdfFlow::startPage(const std::string& organization, const std::string& headline)
{
    closePage();
    _organization = organization;
    _headline = headline;
    openPage();
}

void PdfFlow::openPage()
{
    ++_page;
    _y = kTop;
    const auto half = kWidth / 2 - 10;
    const auto left = _pdf.set(plainLine(_organization), kSmall, half, PdfFit::Shorten);
    drawAt(left, kLeft, kHeaderTop);
    const auto right = _pdf.set(plainLine(_headline), kSmall, half, PdfFit::Shorten);
    drawAt(right, kRight - right.width(), kHeaderTop);
    rule(kHeaderTop + 16);
}

void PdfFlow::closePage()
{
    if (_page == 0)
        return;
    rule(kFooterTop - 6);
    drawAt(_pdf.set(_frame.date, kSmall, kWidth / 2), kLeft, kFooterTop);
    const auto number =
        _pdf.set("Page " + std::to_string(_page) + " of " + std::to_string(_frame.pages), kSmall,
                 kWidth / 2);
    drawAt(number, kRight - number.width(), kFooterTop);
    _pdf.endPage();
}

void PdfFlow::finish()
{
    closePage();
    _pdf.finish();
}

void PdfFlow::need(double height)
{
    if (_y + height <= kBottom)
        return;
    closePage();
    openPage();
}

void PdfFlow::rule(double y)
{
    _pdf.fill(kLeft, y, kWidth, 0.6, ink::kRule);
}

void PdfFlow::drawAt(const PdfText& text, double x, double y, const PdfLink& link)
{
    for (size_t line = 0; line < text.lines().size(); ++line)
    {
        _pdf.draw(text, line, x, y, link);
        y += text.lines()[line].height;
    }
}

void PdfFlow::flow(const PdfText& text, double x, const PdfLink& link,
                   const std::function<void()>& onNewPage)
{
    for (size_t line = 0; line < text.lines().size(); ++line)
    {
        const auto height = text.lines()[line].height;
        const auto page = _page;
        need(height);
        if (_page != page)
            onNewPage();
        _pdf.draw(text, line, x, _y, link);
        _y += height;
    }
}

void PdfFlow::paragraph(const std::string& text, const PdfStyle& style, const PdfLink& link)
{
    flow(_pdf.set(plainText(text), style, kWidth), kLeft, link, [] {});
}

void PdfFlow::heading(const std::string& text)
{
    const auto heading = _pdf.set(text, kHeading, kWidth);
    need(heading.height() + kHeadingRoom);
    space(12);
    drawAt(heading, kLeft, _y);
    space(heading.height() + 3);
    rule(_y);
    space(kRowPadding);
}

void PdfFlow::badge(const std::string& word, const PdfColour& colour, const std::string& remark)
{
    const auto name = _pdf.set(word, {9, true, {1, 1, 1}}, kLabelWidth);
    const auto width = name.width() + 2 * kBadgePadding;
    const auto beside = kLeft + width + 10;
    const auto text = _pdf.set(plainText(remark), kText, kRight - beside);
    need(std::max(name.height() + 4, text.lines().front().height));
    _pdf.fill(kLeft, _y, width, name.height() + 4, colour, 4);
    drawAt(name, kLeft + kBadgePadding, _y + 2);
    const auto below = _y + name.height() + 4;
    const auto page = _page;
    space(2);
    flow(text, beside, {}, [] {});
    _y = _page == page ? std::max(_y, below) : _y;
}

void PdfFlow::row(const std::string& label, const std::vector<Value>& values)
{
    const auto name = plainLine(label);
    const auto first = _pdf.set(name, kLabel, kLabelWidth);
    need(std::max(std::min(first.height(), kBottom - kTop), 2 * kText.size) + 2 * kRowPadding);
    space(kRowPadding);
    drawAt(first, kLeft, _y);
    auto labelBottom = _y + first.height();
    const auto onNewPage = [&] {
        space(kRowPadding);
        const auto again = _pdf.set(name + " (continued)", kLabel, kLabelWidth);
        drawAt(again, kLeft, _y);
        labelBottom = _y + again.height();
    };
    for (const auto& value : values)
    {
        const PdfStyle style = {kText.size, false, value.colour};
        flow(_pdf.set(plainText(value.text), style, kValueWidth), kValueLeft, value.link,
             onNewPage);
    }
    _y = std::max(_y, labelBottom) + kRowPadding;
    rule(_y);
}

void PdfFlow::tableRow(const std::vector<std::string>& cells, bool isHeading)
{
    const auto style = isHeading ? kLabel : kText;
    const auto firstWidth = kWidth - kCellWidth * static_cast<double>(cells.size() - 1);
    need(2 * kText.size + 2 * kRowPadding);
    space(kRowPadding);
    auto right = kLeft + firstWidth;
    double height = 0;
    for (size_t i = 0; i < cells.size(); ++i)
    {
        const auto text =
            _pdf.set(plainLine(cells[i]), style, i == 0 ? firstWidth : kCellWidth, PdfFit::Shorten);
        right += i == 0 ? 0 : kCellWidth;
        drawAt(text, i == 0 ? kLeft : right - text.width(), _y);
        height = std::max(height, text.height());
    }
    space(height + kRowPadding);
    rule(_y);
}

void PdfFlow::entry(const Entry& entry)
{
    const auto nameWidth = kWidth - kIndent - kRemarkWidth - kPageNumberWidth - 8;
    const auto name = _pdf.set(plainLine(entry.name), {kText.size, false, ink::kLink}, nameWidth,
                               PdfFit::Shorten);
    need(name.height() + 2);
    const auto onItsLine = [&](const PdfText& text) {
        return _y + name.lines().front().baseline - text.lines().front().baseline;
    };
    drawAt(name, kLeft + kIndent, _y, entry.link);
    const auto remark = _pdf.set(entry.remark, {8.5, true, entry.remarkColour}, kRemarkWidth);
    drawAt(remark, kRight - kPageNumberWidth - kRemarkWidth, onItsLine(remark));
    const auto number = _pdf.set(std::to_string(entry.page), kText, kPageNumberWidth);
    drawAt(number, kRight - number.width(), onItsLine(number), entry.link);
    space(name.height() + 2);
}

} // namespace muster::documents
