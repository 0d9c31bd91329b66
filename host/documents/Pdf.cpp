#include "documents/Pdf.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <exception>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace muster::documents {

namespace {

template <auto Release>
struct Releaser
{
    template <typename T>
    void operator()(T* object) const
    {
        Release(object);
    }
};
template <typename T>
using Object = std::unique_ptr<T, Releaser<g_object_unref>>;
using Description = std::unique_ptr<PangoFontDescription, Releaser<pango_font_description_free>>;
using AttributeList = std::unique_ptr<PangoAttrList, Releaser<pango_attr_list_unref>>;
using LineWalk = std::unique_ptr<PangoLayoutIter, Releaser<pango_layout_iter_free>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Releaser<cairo_font_options_destroy>>;
using Surface = std::unique_ptr<cairo_surface_t, Releaser<cairo_surface_destroy>>;
using Drawing = std::unique_ptr<cairo_t, Releaser<cairo_destroy>>;

double toPoints(int units)
{
    return static_cast<double>(units) / PANGO_SCALE;
}

/// A value within the attributes of a tag of cairo.
std::string quotedForTag(const std::string& text)
{
    std::string quoted = "'";
    for (const char c : text)
    {
        if (c == '\'' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

/// Where the file goes; an exception waits here until cairo has returned.
struct Sink
{
    std::ostream* out = nullptr; ///< null: what comes is not wanted any more
    std::exception_ptr failure = {};

    cairo_status_t write(const unsigned char* bytes, unsigned size)
    {
        if (!out)
            return CAIRO_STATUS_WRITE_ERROR;
        try
        {
            out->write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
        }
        catch (...)
        {
            failure = std::current_exception();
        }
        return failure || !*out ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
    }
};

cairo_status_t writeToSink(void* sink, const unsigned char* bytes, unsigned size)
{
    return static_cast<Sink*>(sink)->write(bytes, size);
}

std::vector<PdfText::Line> linesOf(PangoLayout* layout)
{
    std::vector<PdfText::Line> lines;
    const LineWalk walk(pango_layout_get_iter(layout));
    do
    {
        int top = 0;
        int bottom = 0;
        pango_layout_iter_get_line_yrange(walk.get(), &top, &bottom);
        PangoRectangle extents;
        pango_layout_iter_get_line_extents(walk.get(), nullptr, &extents);
        lines.push_back({.height = toPoints(bottom - top),
                         .baseline = toPoints(pango_layout_iter_get_baseline(walk.get()) - top),
                         .left = toPoints(extents.x),
                         .width = toPoints(extents.width)});
    } while (pango_layout_iter_next_line(walk.get()));
    if (lines.size() == 1)
        lines.front().left = 0;
    return lines;
}

} // namespace

class PdfText::Layout
{
public:
    Object<PangoLayout> layout;
    PdfColour colour;
};

PdfText::PdfText(std::unique_ptr<Layout> layout, std::vector<Line> lines)
    : _layout(std::move(layout)), _lines(std::move(lines))
{}

PdfText::~PdfText() = default;
PdfText::PdfText(PdfText&&) noexcept = default;
PdfText& PdfText::operator=(PdfText&&) noexcept = default;

double PdfText::height() const
{
    return std::accumulate(_lines.begin(), _lines.end(), 0.0,
                           [](double sum, const Line& line) { return sum + line.height; });
}

double PdfText::width() const
{
    double width = 0;
    for (const auto& line : _lines)
        width = std::max(width, line.width);
    return width;
}

class Pdf::Implementation
{
public:
    Sink sink;
    Object<PangoFontMap> fonts;
    Object<PangoContext> context;
    Surface surface; ///< null while measuring
    Drawing drawing; ///< null while measuring
    size_t unknownCharacters = 0;

    void requireWritten() const
    {
        if (sink.failure)
            std::rethrow_exception(sink.failure);
        for (const auto status : {cairo_status(drawing.get()), cairo_surface_status(surface.get())})
            if (status != CAIRO_STATUS_SUCCESS)
                throw std::runtime_error(std::string("the PDF cannot be written: ") +
                                         cairo_status_to_string(status));
    }

    void setColour(const PdfColour& colour) const
    {
        cairo_set_source_rgb(drawing.get(), colour.red, colour.green, colour.blue);
    }
};

Pdf::Pdf(std::ostream* out, const About& about)
    : _implementation(std::make_unique<Implementation>())
{
    auto& my = *_implementation;
    // A font map of its own: the default one of a thread would keep every font it ever loaded.
    my.fonts.reset(pango_cairo_font_map_new());
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(my.fonts.get()), 72);
    my.context.reset(pango_font_map_create_context(my.fonts.get()));
    pango_context_set_language(my.context.get(), pango_language_from_string("en"));
    const FontOptions options(cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(my.context.get(), options.get());
    // Whole points are for screens; on paper they would push letters together and apart.
    pango_context_set_round_glyph_positions(my.context.get(), FALSE);
    if (!out)
        return;
    my.sink.out = out;
    my.surface.reset(
        cairo_pdf_surface_create_for_stream(&writeToSink, &my.sink, kPageWidth, kPageHeight));
    const auto say = [&](cairo_pdf_metadata_t what, const std::string& text) {
        cairo_pdf_surface_set_metadata(my.surface.get(), what, text.c_str());
    };
    say(CAIRO_PDF_METADATA_TITLE, about.title);
    say(CAIRO_PDF_METADATA_AUTHOR, about.author);
    say(CAIRO_PDF_METADATA_SUBJECT, about.subject);
    say(CAIRO_PDF_METADATA_CREATOR, "Muster");
    say(CAIRO_PDF_METADATA_CREATE_DATE, runtime::toText(about.date));
    my.drawing.reset(cairo_create(my.surface.get()));
}

Pdf::~Pdf()
{
    // cairo completes the file even now, but the stream may be gone.
    _implementation->sink.out = nullptr;
}

PdfText Pdf::set(const std::string& text, const PdfStyle& style, double width, PdfFit fit)
{
    auto layout = std::make_unique<PdfText::Layout>();
    layout->layout.reset(pango_layout_new(_implementation->context.get()));
    layout->colour = style.colour;
    auto* const pango = layout->layout.get();
    const Description font(pango_font_description_from_string("Noto Sans, sans-serif"));
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    if (style.isBold)
        pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(pango, font.get());
    pango_layout_set_width(pango, static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_wrap(pango, PANGO_WRAP_WORD_CHAR);
    if (fit == PdfFit::Shorten)
    {
        pango_layout_set_ellipsize(pango, PANGO_ELLIPSIZE_END);
        pango_layout_set_single_paragraph_mode(pango, TRUE);
    }
    // A hyphen at a break within a word would be read as part of it.
    const AttributeList attributes(pango_attr_list_new());
    pango_attr_list_insert(attributes.get(), pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(pango, attributes.get());
    pango_layout_set_text(pango, text.data(), static_cast<int>(text.size()));
    _implementation->unknownCharacters +=
        static_cast<size_t>(pango_layout_get_unknown_glyphs_count(pango));
    return {std::move(layout), linesOf(pango)};
}

void Pdf::draw(const PdfText& text, size_t line, double x, double y, const PdfLink& link)
{
    auto* const drawing = _implementation->drawing.get();
    if (!drawing)
        return;
    std::string target;
    if (!link.uri.empty())
        target = "uri=" + quotedForTag(link.uri);
    else if (!link.place.empty())
        target = "dest=" + quotedForTag(link.place);
    if (!target.empty())
        cairo_tag_begin(drawing, CAIRO_TAG_LINK, target.c_str());
    const auto& extents = text.lines().at(line);
    _implementation->setColour(text._layout->colour);
    cairo_move_to(drawing, x + extents.left, y + extents.baseline);
    pango_cairo_show_layout_line(drawing, pango_layout_get_line_readonly(text._layout->layout.get(),
                                                                         static_cast<int>(line)));
    if (!target.empty())
        cairo_tag_end(drawing, CAIRO_TAG_LINK);
}

void Pdf::fill(double x, double y, double width, double height, const PdfColour& colour,
               double radius)
{
    auto* const drawing = _implementation->drawing.get();
    if (!drawing)
        return;
    constexpr double kRight = std::numbers::pi / 2;
    _implementation->setColour(colour);
    cairo_new_sub_path(drawing);
    cairo_arc(drawing, x + width - radius, y + radius, radius, -kRight, 0);
    cairo_arc(drawing, x + width - radius, y + height - radius, radius, 0, kRight);
    cairo_arc(drawing, x + radius, y + height - radius, radius, kRight, 2 * kRight);
    cairo_arc(drawing, x + radius, y + radius, radius, 2 * kRight, 3 * kRight);
    cairo_close_path(drawing);
    cairo_fill(drawing);
}

void Pdf::place(const std::string& name)
{
    auto* const drawing = _implementation->drawing.get();
    if (!drawing)
        return;
    cairo_tag_begin(drawing, CAIRO_TAG_DEST, ("name=" + quotedForTag(name) + " x=0 y=0").c_str());
    cairo_tag_end(drawing, CAIRO_TAG_DEST);
}

int Pdf::outline(int above, const std::string& title, const std::string& place)
{
    if (!_implementation->surface)
        return 0;
    return cairo_pdf_surface_add_outline(_implementation->surface.get(), above, title.c_str(),
                                         ("dest=" + quotedForTag(place)).c_str(),
                                         above == 0 ? CAIRO_PDF_OUTLINE_FLAG_OPEN
                                                    : static_cast<cairo_pdf_outline_flags_t>(0));
}

void Pdf::endPage()
{
    if (!_implementation->drawing)
        return;
    cairo_show_page(_implementation->drawing.get());
    _implementation->requireWritten();
}

void Pdf::finish()
{
    if (!_implementation->surface)
        return;
    cairo_surface_finish(_implementation->surface.get());
    _implementation->requireWritten();
}

size_t Pdf::unknownCharacters() const
{
    return _implementation->unknownCharacters;
}

} // namespace muster::documents
