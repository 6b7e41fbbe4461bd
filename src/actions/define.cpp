#include "verbs.hpp"

namespace taohf::actions::verbs {

Result<Json> define(const Json& arguments, StepContext&) {
    return Json{{"values", arguments.at("values")}};
}

} // namespace taohf::actions::verbs
