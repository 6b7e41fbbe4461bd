#include "image_facts.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "family_table.hpp"
#include "json_fields.hpp"

namespace taohf::hub {

namespace {

constexpr double k_rescale = 1.0 / 255.0;
constexpr std::int64_t k_max_side = 16384;
constexpr std::int64_t k_grid = 32; ///< strides of all backbones divide it

/// Cut off as the processors do; sizes no model has end in check_ranges().
std::int64_t whole(double side) {
    const double value = std::floor(side);
    return value >= 0 && value <= static_cast<double>(k_max_side) ? static_cast<std::int64_t>(value)
                                                                  : 2 * k_max_side;
}

std::string processor_class(const Json& processor) {
    std::string name = text_field(processor, "image_processor_type");
    if (name.empty())
        name = text::replace_all(
            text_field(processor, "feature_extractor_type"), "FeatureExtractor", "ImageProcessor");
    for (const std::string suffix : {"Fast", "Pil"})
        if (name.ends_with(suffix))
            name.resize(name.size() - suffix.size());
    return name;
}

/// Gathers the facts of one model: what the file says, else what the processor's class does.
class TransformersImage final {
public:
    TransformersImage(const ModelConfig& model, const Json& table)
        : model_(model), file_(model.processor) {
        const Json* family = family_row(table, model.model_type);
        class_ = processor_class(file_);
        if (class_.empty() && family)
            class_ = text_field(*family, "processor");
        const Json* row = table_row(table, "processors", class_);
        defaults_ = row ? *row : Json::object();
    }

    Json facts() {
        read_resize();
        read_crop();
        read_crop_percentage();
        read_enlargement();
        read_padding();
        read_order();
        read_input_size();
        read_channels();
        read_rescale();
        read_normalisation();
        read_special();
        image_["origin"] = origin_;
        return image_;
    }

private:
    const char* file_name() const { return "preprocessor_config.json"; }

    void from_file(const char* what, const char* key) {
        origin_[what] = fmt::format("{}: {}", file_name(), key);
    }

    void from_class(const char* what) {
        origin_[what] =
            class_.empty() ? "no processor: assumed" : fmt::format("default of {}", class_);
    }

    void set_squash(std::int64_t height, std::int64_t width) {
        image_["resize"] = "squash";
        image_["resize_size"] = Json{{"height", height}, {"width", width}};
    }

    void set_shortest(std::int64_t edge) {
        image_["resize"] = "shortest_edge";
        image_["resize_size"] = Json{{"shortest_edge", edge}};
    }

    void set_longest(std::int64_t edge) {
        image_["resize"] = "longest_edge";
        image_["resize_size"] = Json{{"longest_edge", edge}};
    }

    bool squash_by_default() const { return text_field(defaults_, "resize") != "shortest_edge"; }

    void read_resize() {
        image_["resize"] = "none";
        image_["resize_size"] = nullptr;
        if (!boolean_field(file_, "do_resize").value_or(true) ||
            (text_field(defaults_, "resize") == "none" && !field(file_, "size"))) {
            origin_["resize"] = fmt::format("{}: do_resize", file_name());
        } else if (const Json* size = field(file_, "size")) {
            read_size(*size);
            from_file("resize", "size");
        } else {
            read_default_size();
            from_class("resize");
        }
        read_interpolation();
    }

    void read_size(const Json& size) {
        const auto sides = side_lengths(size);
        if (size.is_number() && sides && !squash_by_default())
            return set_shortest(sides->first);
        if (sides)
            return set_squash(sides->first, sides->second);
        if (const auto edge = integer_field(size, "shortest_edge")) {
            set_shortest(*edge);
            if (const auto longest = integer_field(size, "longest_edge"))
                image_["resize_size"]["longest_edge"] = *longest;
            else if (const auto legacy = integer_field(file_, "max_size"))
                image_["resize_size"]["longest_edge"] = *legacy;
        } else if (const auto height = integer_field(size, "max_height")) {
            set_squash(*height, integer_field(size, "max_width").value_or(*height));
        } else if (const auto longest = integer_field(size, "longest_edge")) {
            set_longest(*longest);
        }
    }

    /// Without any processor file the model's own size says more than the class's default.
    bool sized_by_config() const { return file_.empty() && config_size().has_value(); }

    void read_default_size() {
        if (sized_by_config() && squash_by_default())
            return set_squash(config_size()->first, config_size()->second);
        if (sized_by_config() && (field(defaults_, "crop") || field(defaults_, "crop_pct")))
            return set_shortest(std::min(config_size()->first, config_size()->second));
        const auto edge = integer_field(defaults_, "size");
        if (edge && text_field(defaults_, "resize") == "longest_edge") {
            set_longest(*edge);
        } else if (edge) {
            set_shortest(*edge);
            if (const auto longest = integer_field(defaults_, "longest"))
                image_["resize_size"]["longest_edge"] = *longest;
        } else if (const auto height = integer_field(defaults_, "height")) {
            set_squash(*height, integer_field(defaults_, "width").value_or(*height));
        } else {
            const auto [config_height, config_width] = config_size().value_or(std::pair(224, 224));
            set_squash(config_height, config_width);
        }
    }

    void read_interpolation() {
        static constexpr const char* names[] = {
            "nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"};
        const auto resample = integer_field(file_, "resample");
        if (resample && *resample >= 0 && *resample < 6) {
            image_["interpolation"] = names[*resample];
            return from_file("interpolation", "resample");
        }
        const std::string name = text_field(defaults_, "interpolation");
        image_["interpolation"] = name.empty() ? "bilinear" : name;
        from_class("interpolation");
    }

    void read_crop() {
        image_["crop"] = nullptr;
        image_["half_pixel"] = "down";
        const bool by_default = field(defaults_, "crop") != nullptr;
        if (!boolean_field(file_, "do_center_crop").value_or(by_default))
            return;
        if (sized_by_config()) {
            image_["crop"] =
                Json{{"height", config_size()->first}, {"width", config_size()->second}};
            return from_class("crop");
        }
        const Json* crop = field(file_, "crop_size");
        crop ? from_file("crop", "crop_size") : from_class("crop");
        if (!crop)
            crop = field(defaults_, by_default ? "crop" : "crop_off");
        if (!crop)
            crop = field(file_, "size"); // ViT-like processors crop to `size`
        if (const auto sides = crop ? side_lengths(*crop) : std::nullopt)
            image_["crop"] = Json{{"height", sides->first}, {"width", sides->second}};
    }

    /// Some processors resize the shorter side to a fixed ratio of `size`, LeViT's to 256/224.
    void read_enlargement() {
        const auto ratio = numbers_field(defaults_, "enlarge");
        const Json* size = field(image_, "resize_size");
        const auto edge = size ? integer_field(*size, "shortest_edge") : std::nullopt;
        if (ratio.size() != 2 || !edge)
            return;
        set_shortest(whole(ratio[0] / ratio[1] * static_cast<double>(*edge)));
        origin_["resize"] = fmt::format("{}: {}/{} of the size", class_, ratio[0], ratio[1]);
    }

    /// Below and at the right, with zeros: to a fixed size, to a multiple, or to the batch's
    /// largest.
    void read_padding() {
        image_["pad"] = nullptr;
        const auto on = boolean_field(file_, "do_pad");
        const Json* fixed = field(file_, "pad_size");
        auto multiple = integer_field(defaults_, "pad_multiple");
        if (on || multiple) // elsewhere the same setting rounds the resize
            multiple = integer_setting("size_divisor", multiple.value_or(1));
        const auto side = integer_field(defaults_, "pad_to");
        if (!on.value_or(true))
            return;
        if (const auto sides = fixed ? side_lengths(*fixed) : std::nullopt)
            image_["pad"] = Json{{"height", sides->first}, {"width", sides->second}};
        else if (side)
            image_["pad"] = Json{{"height", *side}, {"width", *side}};
        else if (multiple && *multiple > 1)
            image_["pad"] = Json{{"multiple", *multiple}};
        else if (on)
            image_["pad"] = "largest of the batch";
        if (!image_["pad"].is_null())
            fixed ? from_file("pad", "pad_size") : from_class("pad");
    }

    std::int64_t integer_setting(const char* key, std::int64_t otherwise) const {
        const auto own = integer_field(file_, key);
        return own ? *own : integer_field(defaults_, key).value_or(otherwise);
    }

    bool flag_setting(const char* key) const {
        return boolean_field(file_, key).value_or(boolean_field(defaults_, key).value_or(false));
    }

    /// What deviates from resize, crop, rescale, normalise, pad.
    void read_order() {
        image_["keep_aspect_ratio"] = flag_setting("keep_aspect_ratio");
        image_["ensure_multiple_of"] = integer_setting("ensure_multiple_of", 1);
        for (const char* key : {"floor_multiple", "ceil_multiple"}) {
            const auto multiple = integer_field(defaults_, key);
            image_[key] = multiple ? integer_setting("size_divisor", *multiple) : 1;
        }
        image_["crop_first"] = boolean_field(defaults_, "crop_first").value_or(false);
        image_["normalize_first"] = boolean_field(defaults_, "normalize_first").value_or(false);
    }

    /// ConvNeXT and PoolFormer resize to more than `size` and crop the middle.
    void read_crop_percentage() {
        const auto percentage = field(file_, "crop_pct") ? number_field(file_, "crop_pct")
                                                         : number_field(defaults_, "crop_pct");
        const Json* size = field(image_, "resize_size");
        const auto edge = size ? integer_field(*size, "shortest_edge") : std::nullopt;
        if (!percentage || *percentage <= 0 || !edge || !number_field(defaults_, "crop_pct"))
            return;
        const auto below = integer_field(defaults_, "crop_below");
        if (below && *edge >= *below)
            return set_squash(*edge, *edge);
        set_shortest(whole(static_cast<double>(*edge) / *percentage));
        if (!field(image_, "crop"))
            image_["crop"] = Json{{"height", *edge}, {"width", *edge}};
        origin_["crop_pct"] = fmt::format("{} of {}", *percentage, class_);
    }

    std::optional<std::pair<std::int64_t, std::int64_t>> config_size() const {
        const Json* size = field(model_.config, "image_size");
        for (const char* nested : {"vision_config", "backbone_config"})
            if (const Json* inner = field(model_.config, nested); inner && !size)
                size = field(*inner, "image_size");
        return size ? side_lengths(*size) : std::nullopt;
    }

    void set_input(std::int64_t height, std::int64_t width, std::string origin) {
        image_["height"] = height;
        image_["width"] = width;
        origin_["height"] = std::move(origin);
    }

    void read_input_size() {
        const Json* crop = field(image_, "crop");
        const Json* size = field(image_, "resize_size");
        if (crop && !boolean_field(image_, "crop_first").value_or(false))
            return set_input(
                *integer_field(*crop, "height"), *integer_field(*crop, "width"), "the crop");
        if (size && integer_field(*size, "height"))
            return set_input(
                *integer_field(*size, "height"), *integer_field(*size, "width"), "the resize");
        if (const Json* pad = field(image_, "pad"); pad && integer_field(*pad, "height"))
            return set_input(
                *integer_field(*pad, "height"), *integer_field(*pad, "width"), "the padding");
        if (const auto sides = config_size())
            return set_input(sides->first, sides->second, "config.json: image_size");
        auto edge = size ? integer_field(*size, "shortest_edge").value_or(640) : 640;
        edge = std::clamp<std::int64_t>(edge, 0, 2 * k_max_side); // refused later, but no overflow
        const auto side = (edge + k_grid - 1) / k_grid * k_grid;
        set_input(side, side, fmt::format("chosen: the shortest edge, a multiple of {}", k_grid));
    }

    void read_channels() {
        const Json* vision = field(model_.config, "vision_config");
        auto channels = integer_field(model_.config, "num_channels");
        if (!channels && vision)
            channels = integer_field(*vision, "num_channels");
        image_["channels"] = channels.value_or(3);
        origin_["channels"] = channels ? "config.json: num_channels" : "assumed";
        const bool flipped = boolean_field(file_, "do_flip_channel_order")
                                 .value_or(text_field(defaults_, "channel_order") == "bgr");
        image_["channel_order"] = flipped ? "bgr" : "rgb";
    }

    void read_rescale() {
        const bool on = boolean_field(file_, "do_rescale").value_or(true);
        image_["rescale"] = on ? number_field(file_, "rescale_factor").value_or(k_rescale) : 1.0;
        field(file_, "rescale_factor") ? from_file("rescale", "rescale_factor")
                                       : from_class("rescale");
    }

    void read_normalisation() {
        const bool on = boolean_field(file_, "do_normalize")
                            .value_or(boolean_field(defaults_, "normalize").value_or(true));
        for (const auto& [name, key, off] :
             {std::tuple("mean", "image_mean", 0.0), std::tuple("std", "image_std", 1.0)}) {
            const auto channels = static_cast<std::size_t>(image_["channels"].get<std::int64_t>());
            std::vector<double> values = numbers_field(file_, key);
            if (!on) {
                values.assign(channels, off);
                from_file(name, "do_normalize false");
            } else if (!values.empty()) {
                from_file(name, key);
            } else {
                values = numbers_field(defaults_, key);
                from_class(name);
            }
            if (values.empty())
                values.assign(channels, on ? 0.5 : off);
            image_[name] = values;
        }
    }

    void read_special() {
        Json special = Json::array();
        const std::string squared = text_field(defaults_, "std_squared");
        if (!squared.empty() && boolean_field(file_, squared).value_or(true)) {
            for (auto& value : image_["std"])
                value = value.get<double>() * value.get<double>();
            origin_["std"] = fmt::format("image_std squared: {}", squared);
        }
        for (const char* key : {"rescale_offset",
                                "keep_aspect_ratio",
                                "ensure_multiple_of",
                                "size_divisor",
                                "do_pad",
                                "do_reduce_labels",
                                "reduce_labels",
                                "do_split_image"})
            if (const Json* value = field(file_, key); value && *value != false)
                special.push_back(fmt::format("{}: {}", key, scalar_text(*value)));
        image_["special"] = special;
    }

    const ModelConfig& model_;
    const Json& file_;
    std::string class_;
    Json defaults_;
    Json image_ = Json::object();
    Json origin_ = Json::object();
};

/// timm keeps the transform in `pretrained_cfg`; old files have it at the root.
Json timm_image(const Json& config) {
    const Json* nested = field(config, "pretrained_cfg");
    const Json& source = nested ? *nested : config;
    const auto input = numbers_field(source, "input_size");
    const bool given = input.size() == 3;
    const auto height = given ? whole(input[1]) : 224;
    const auto width = given ? whole(input[2]) : 224;
    const double crop = number_field(source, "crop_pct").value_or(0.875);
    const std::string interpolation = text_field(source, "interpolation");
    auto mean = numbers_field(source, "mean");
    auto deviation = numbers_field(source, "std");
    if (mean.empty())
        mean = {0.485, 0.456, 0.406};
    if (deviation.empty())
        deviation = {0.229, 0.224, 0.225};
    Json image = Json::object();
    image["height"] = height;
    image["width"] = width;
    image["channels"] = given ? whole(input[0]) : 3;
    image["channel_order"] = "rgb";
    image["mean"] = mean;
    image["std"] = deviation;
    image["rescale"] = k_rescale;
    const auto enlarged = [&](std::int64_t side) {
        return whole(static_cast<double>(side) / crop);
    };
    if (text_field(source, "crop_mode") == "squash" || height != width) {
        image["resize"] = "squash";
        image["resize_size"] = Json{{"height", enlarged(height)}, {"width", enlarged(width)}};
    } else {
        image["resize"] = "shortest_edge";
        image["resize_size"] = Json{{"shortest_edge", enlarged(height)}};
    }
    image["crop"] = Json{{"height", height}, {"width", width}};
    image["half_pixel"] = "even"; // torchvision's way to the middle
    image["interpolation"] = interpolation.empty() ? "bicubic" : interpolation;
    image["pad"] = nullptr;
    image["keep_aspect_ratio"] = false;
    for (const char* key : {"ensure_multiple_of", "floor_multiple", "ceil_multiple"})
        image[key] = 1;
    image["crop_first"] = false;
    image["normalize_first"] = false;
    image["special"] = Json::array();
    image["origin"] = Json{{"all", nested ? "config.json: pretrained_cfg" : "config.json"}};
    return image;
}

Status check_ranges(const Json& image) {
    for (const char* key : {"height", "width"}) {
        const auto side = integer_field(image, key).value_or(0);
        if (side < 1 || side > k_max_side)
            return fail(
                ErrorCode::input,
                fmt::format("the model's image {} is {}, expected 1 to {}", key, side, k_max_side));
    }
    const auto channels = integer_field(image, "channels").value_or(0);
    if (channels < 1 || channels > 64)
        return fail(ErrorCode::input,
                    fmt::format("the model's num_channels is {}, expected 1 to 64", channels));
    for (const char* key : {"mean", "std"})
        if (image[key].size() != static_cast<std::size_t>(channels))
            return fail(
                ErrorCode::input,
                fmt::format(
                    "image_{} has {} values for {} channels", key, image[key].size(), channels));
    for (const auto& value : image["std"])
        if (!(value.get<double>() > 0.0))
            return fail(ErrorCode::input, "image_std holds a value that is not positive");
    return {};
}

} // namespace

Result<Json> image_facts(const ModelConfig& model, const Json& family_table) {
    Json image = model.library == "timm" ? timm_image(model.config)
                                         : TransformersImage(model, family_table).facts();
    TAOHF_TRY(check_ranges(image));
    return image;
}

} // namespace taohf::hub
