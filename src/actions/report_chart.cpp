#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report_parts.hpp"
#include "report_text.hpp"

namespace taohf::actions::report {

namespace {

constexpr double k_width = 320;
constexpr double k_height = 110;
constexpr double k_margin = 6;
constexpr std::size_t k_max_points = 400;

struct Point {
    double x = 0;
    double y = 0;
};

struct Series {
    std::string name;
    std::vector<Point> points;
};

void add_point(std::vector<Series>& series, const std::string& name, Point point) {
    auto found = std::ranges::find(series, name, &Series::name);
    if (found == series.end())
        found = series.insert(series.end(), Series{name, {}});
    found->points.push_back(point);
}

/// A row of the curve: every number beside the x value belongs to the series of its name.
void add_row(std::vector<Series>& series,
             const Json& row,
             const std::string& x_name,
             double index) {
    const Json at = row.value(x_name, Json());
    const double x = at.is_number() ? at.get<double>() : index;
    for (const auto& [name, value] : row.items())
        if (name != x_name && value.is_number() && std::isfinite(value.get<double>()))
            add_point(series, name, {x, value.get<double>()});
}

std::vector<Series> read_series(const Json& points, const std::string& x_name) {
    std::vector<Series> series;
    double index = 0;
    for (const Json& row : points) {
        if (row.is_object())
            add_row(series, row, x_name, index);
        index += 1;
    }
    return series;
}

/// Every n-th point and the last one.
std::vector<Point> thinned(const std::vector<Point>& points) {
    const std::size_t step = points.size() / k_max_points + 1;
    std::vector<Point> kept;
    for (std::size_t i = 0; i < points.size(); i += step)
        kept.push_back(points[i]);
    if ((points.size() - 1) % step != 0)
        kept.push_back(points.back());
    return kept;
}

/// Position of a value between margins; a flat line lies in the middle.
double placed(double value, double least, double most, double extent) {
    const double share = most > least ? (value - least) / (most - least) : 0.5;
    return k_margin + share * (extent - 2 * k_margin);
}

Json chart(const Series& series, const std::string& x_name) {
    const std::vector<Point> points = thinned(series.points);
    const auto [left, right] = std::ranges::minmax_element(points, {}, &Point::x);
    const auto [low, high] = std::ranges::minmax_element(points, {}, &Point::y);
    const auto x_of = [&](const Point& p) { return placed(p.x, left->x, right->x, k_width); };
    const auto y_of = [&](const Point& p) {
        return k_height - placed(p.y, low->y, high->y, k_height);
    };
    std::string line;
    for (const Point& point : points)
        line += fmt::format("{}{:.1f},{:.1f}", line.empty() ? "" : " ", x_of(point), y_of(point));
    const Point& last = points.back();
    return {{"name", series.name},
            {"points", line},
            {"end_x", fmt::format("{:.1f}", x_of(last))},
            {"end_y", fmt::format("{:.1f}", y_of(last))},
            {"first", number_words(Json(points.front().y))},
            {"last", number_words(Json(last.y))},
            {"low", number_words(Json(low->y))},
            {"high", number_words(Json(high->y))},
            {"x_range", fmt::format("{} {:g} to {:g}", x_name, left->x, right->x)}};
}

} // namespace

Json charts(const Document& curve) {
    const Json& document = curve.value;
    const bool wrapped = document.is_object();
    const Json points = wrapped ? document.value("points", Json::array()) : document;
    const std::string x_name =
        scalar_text(wrapped ? document.value("x", Json("epoch")) : Json("epoch"));
    Json list = Json::array();
    if (points.is_array())
        for (const Series& series : read_series(points, x_name))
            list.push_back(chart(series, x_name));
    return list;
}

} // namespace taohf::actions::report
